import type { AriOperation, AriParams } from './ari-operations';

/** What Asterisk answered: any status, the parsed JSON body (null when empty or not JSON). */
export interface AriReply {
  status: number;
  body: unknown;
}

export interface AriLinkHandlers {
  /** One ARI event, parsed but not checked; unknown types come too. */
  event(event: unknown): void;
  lost(why: string): void;
  /** The link is up: the first time and after every loss. */
  back(): void;
}

/** A way to talk ARI with one Asterisk. Several implementations, one behaviour (DESIGN §5). */
export interface AriLink {
  /** Connects and stays connected for ever. Resolves when connected the first time (or stopped before). */
  start(handlers: AriLinkHandlers): Promise<void>;
  /** Resolves with any HTTP status. Throws HotlineError `switch-unavailable` when there is no answer in time. */
  request(operation: AriOperation, params?: AriParams): Promise<AriReply>;
  /** Another client has taken our application: stay away for a while instead of fighting for it. */
  yieldFor(milliseconds: number): void;
  stop(): Promise<void>;
}

export interface Log {
  info(facts: object, words: string): void;
  warn(facts: object, words: string): void;
  error(facts: object, words: string): void;
}

export interface AriLinkOptions {
  /** `http://host:port`, without `/ari`. */
  url: string;
  username: string;
  password: string;
  app: string;
  /** Time limit of each request and of connecting, milliseconds. */
  timeoutMs: number;
  log: Log;
}

export type AriLinkKind = 'ari-client' | 'direct';

/** Wait before the next attempt to connect, milliseconds: 50, 100, 200 … 3000. */
export function backOffMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), 3000);
}

/**
 * Whether this Asterisk takes REST requests over the events websocket: 20.14, 21.9, 22.4 and everything later.
 * Unknown version texts count as "no", so that the link that works everywhere is used.
 */
export function speaksRestOverWebsocket(version: string): boolean {
  const match = /^(?:certified[-/])?(\d+)\.(\d+)/.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major === 20) return minor >= 14;
  if (major === 21) return minor >= 9;
  if (major === 22) return minor >= 4;
  return major > 22;
}
