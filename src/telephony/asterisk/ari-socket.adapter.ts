import { backOffMs, type AriLinkHandlers, type Log } from './ari-link';

/** The part of a `ws` socket (any major version) that is used here. */
export interface EventSocket {
  readonly readyState: number;
  on(
    event: 'open' | 'message' | 'close' | 'error' | 'pong' | 'ping',
    listener: (argument: unknown) => void,
  ): unknown;
  send(text: string): void;
  ping(): void;
  close(): void;
  terminate(): void;
}

const OPEN = 1;

/**
 * Keeps one events websocket open for ever: back-off between attempts, a heartbeat that notices a dead connection, and
 * no message or listener fault that could take the process down. How a socket is opened is the link's own matter.
 */
export class AriSocket {
  private socket: EventSocket | null = null;
  private handlers: AriLinkHandlers | null = null;
  private attempt = 0;
  private stopped = false;
  private notBefore = 0;
  private timer: NodeJS.Timeout | null = null;
  private firstOpen: () => void = () => undefined;

  constructor(
    private readonly open: () => Promise<EventSocket>,
    private readonly timeoutMs: number,
    private readonly log: Log,
  ) {}

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN;
  }

  start(handlers: AriLinkHandlers): Promise<void> {
    this.handlers = handlers;
    return new Promise((resolve) => {
      this.firstOpen = resolve;
      void this.connect();
    });
  }

  /** False when the link is down. */
  send(text: string): boolean {
    if (!this.isOpen) return false;
    this.socket?.send(text);
    return true;
  }

  yieldFor(milliseconds: number): void {
    this.notBefore = Date.now() + milliseconds;
    this.socket?.terminate();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.firstOpen();
    const socket = this.socket;
    if (!socket) return;
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => socket.terminate(), 300);
      socket.on('close', () => {
        clearTimeout(force);
        resolve();
      });
      socket.close();
      if (socket.readyState === 3) resolve();
    });
  }

  private async connect(): Promise<void> {
    this.timer = null;
    if (this.stopped) return;
    try {
      const socket = await this.open();
      if (this.stopped) return socket.terminate();
      this.tend(socket);
    } catch (fault) {
      this.retry(fault instanceof Error ? fault.message : String(fault));
    }
  }

  private retry(why: string): void {
    if (this.stopped || this.timer) return;
    const wait = Math.max(backOffMs(this.attempt++), this.notBefore - Date.now());
    if (this.attempt % 10 === 1)
      this.log.warn({ why, attempt: this.attempt }, 'no link to the switch, trying again');
    this.timer = setTimeout(() => void this.connect(), wait);
  }

  private tend(socket: EventSocket): void {
    this.socket = socket;
    let wasOpen = false;
    let why = 'closed by the switch';
    let heardAt = Date.now();
    const opening = setTimeout(() => !wasOpen && socket.terminate(), this.timeoutMs);
    const heartbeat = setInterval(() => {
      if (Date.now() - heardAt > 2.5 * this.timeoutMs) {
        why = 'silent';
        socket.terminate();
      } else if (socket.readyState === OPEN) socket.ping();
    }, this.timeoutMs);
    const opened = () => {
      if (wasOpen) return;
      wasOpen = true;
      this.attempt = 0;
      clearTimeout(opening);
      this.guard(() => this.handlers?.back());
      this.firstOpen();
    };
    socket.on('open', opened);
    socket.on('pong', () => (heardAt = Date.now()));
    socket.on('error', (fault) => (why = fault instanceof Error ? fault.message : String(fault)));
    socket.on('message', (data) => {
      heardAt = Date.now();
      this.read(String(data));
    });
    socket.on('close', () => {
      clearTimeout(opening);
      clearInterval(heartbeat);
      if (this.socket === socket) this.socket = null;
      if (wasOpen && !this.stopped) this.guard(() => this.handlers?.lost(why));
      this.retry(why);
    });
    if (socket.readyState === OPEN) opened();
  }

  private read(text: string): void {
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return this.log.warn({ text: text.slice(0, 200) }, 'the switch sent something that is not JSON');
    }
    this.guard(() => this.handlers?.event(event));
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (fault) {
      this.log.error({ fault }, 'a listener of the switch failed');
    }
  }
}
