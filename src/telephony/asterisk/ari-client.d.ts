/** The parts of ari-client 2.2.0 that are used: it ships no types. */
declare module 'ari-client' {
  import type { EventSocket } from './ari-socket.adapter';

  type SwaggerReply = { status?: number; data?: { toString(encoding: string): string } } | undefined;
  type SwaggerCall = (
    options: Record<string, unknown>,
    success: (reply: SwaggerReply) => void,
    failure: (reply: SwaggerReply) => void,
  ) => unknown;

  export interface Client {
    _ws: EventSocket & { removeAllListeners(event: string): void };
    _swagger: { apis: Record<string, Record<string, SwaggerCall>> };
    start(app: string): Promise<void>;
  }
  export function connect(url: string, username: string, password: string): Promise<Client>;
}
