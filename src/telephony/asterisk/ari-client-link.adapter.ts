import { connect, type Client } from 'ari-client';
import { HotlineError } from '../../errors';
import { asteriskVersion, parsedOrNull } from './ari-http.adapter';
import type { AriLink, AriLinkHandlers, AriLinkOptions, AriReply } from './ari-link';
import type { AriOperation, AriParams } from './ari-operations';
import { AriSocket, type EventSocket } from './ari-socket.adapter';

/**
 * The link on `ari-client`, which works with every Asterisk from 16 on. Its faults are contained here:
 * - it stops reconnecting after ten tries → its close and error listeners are taken off, AriSocket reconnects for ever;
 * - it crashes on an event type its API description does not know → its message listener is taken off, AriSocket reads;
 * - requests never time out and errors carry no status → its generated operations are called with a time limit and
 *   the response itself;
 * - it leaks a listener per resource → no resource objects are ever made.
 */
export class AriClientLink implements AriLink {
  private readonly socket: AriSocket;
  private client: Client | null = null;
  private readonly waiting = new Set<(why: string) => void>();

  constructor(private readonly options: AriLinkOptions) {
    this.socket = new AriSocket(() => this.open(), options.timeoutMs, options.log);
  }

  start(handlers: AriLinkHandlers): Promise<void> {
    return this.socket.start({
      ...handlers,
      lost: (why) => {
        this.rejectAll(why);
        handlers.lost(why);
      },
    });
  }

  request(operation: AriOperation, params: AriParams = {}): Promise<AriReply> {
    const [resource = '', name = ''] = operation.split('.');
    const call = this.client?._swagger.apis[resource]?.[name];
    const fault = (detail: string) => new HotlineError('switch-unavailable', detail, { operation });
    if (!call || !this.socket.isOpen) return Promise.reject(fault('与交换机的连接已断开'));
    return new Promise<AriReply>((resolve, reject) => {
      const refuse = (detail: string) => {
        clearTimeout(timer);
        this.waiting.delete(refuse);
        reject(fault(detail));
      };
      const timer = setTimeout(() => refuse('交换机没有及时应答'), this.options.timeoutMs);
      const settle = (
        reply: { status?: number; data?: { toString(encoding: string): string } } | undefined,
      ) => {
        if (!reply?.status) return refuse('无法连接交换机');
        clearTimeout(timer);
        this.waiting.delete(refuse);
        resolve({ status: reply.status, body: parsedOrNull(reply.data?.toString('utf-8')) });
      };
      this.waiting.add(refuse);
      try {
        call(swaggerArguments(params), settle, settle);
      } catch (thrown) {
        refuse(`请求无法发出：${String(thrown)}`);
      }
    });
  }

  yieldFor(milliseconds: number): void {
    this.socket.yieldFor(milliseconds);
  }

  async stop(): Promise<void> {
    await this.socket.stop();
    this.rejectAll('stopped');
  }

  private async open(): Promise<EventSocket> {
    const { url, username, password, app } = this.options;
    // ari-client may crash on a page that is not the API description, so the server is looked at first.
    await asteriskVersion(this.options);
    this.client ??= await this.limited(connect(url.replace(/\/$/, ''), username, password));
    void this.client.start(app);
    const socket = this.client._ws;
    for (const event of ['message', 'close', 'error', 'pong']) socket.removeAllListeners(event);
    return socket;
  }

  private async limited<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error('the API description did not come in time')),
        this.options.timeoutMs,
      );
    });
    try {
      return await Promise.race([work, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  private rejectAll(why: string): void {
    for (const refuse of [...this.waiting]) refuse(`与交换机的连接已断开：${why}`);
  }
}

/** ari-client's generated operations take lists joined by commas and one JSON body, which must be ASCII to be counted right. */
function swaggerArguments(params: AriParams): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'variables' || name === 'fields') options.body = asciiJson({ [name]: value });
    else options[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return options;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
