import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'http-proxy-3';
import { may } from '../permissions';
import { clientAddress, sameOrigin } from './http-origin';
import type { Logger } from './logger';
import { sessionTokenOf, type Sessions } from './sessions';

export const PHONE_PATH = '/phone';
/** A browser has one phone; one that has just reloaded the page has two for a moment. */
const MOST_PHONES = 6;

/**
 * Carries the browser phone's WebSocket (subprotocol `sip`) to the switch through our own origin, so that one port and
 * one certificate serve everything. Only a signed-in person who may use a seat, from our own pages, gets through; the
 * connection ends with the session. The switch never sees the cookie.
 */
export class PhoneProxy {
  private readonly proxy;
  private readonly open = new Map<string, Set<Duplex>>();

  constructor(
    private readonly deps: { target: string; sessions: Sessions; log: Logger; trustProxy: boolean },
  ) {
    this.proxy = createProxyServer({
      target: deps.target,
      ignorePath: true,
      changeOrigin: true,
      ws: true,
      xfwd: false,
    });
    this.proxy.on('proxyReqWs', (outgoing) => {
      for (const name of ['cookie', 'origin', 'authorization']) outgoing.removeHeader(name);
    });
    this.proxy.on('error', (fault, _request, socket) => {
      deps.log.warn({ err: fault }, 'the switch does not take the phone connection');
      if ('destroy' in socket) refuse(socket as Duplex, 502, 'Bad Gateway');
    });
    deps.sessions.onEnded((sessionId) => this.drop(sessionId));
  }

  /** Takes an upgrade request for PHONE_PATH. Never throws; a refused one is answered and closed. */
  async take(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const status = await this.check(request);
    if (typeof status === 'number') return refuse(socket, status, WORDS[status] ?? 'Forbidden');
    const mine = this.open.get(status.sessionId) ?? new Set();
    this.open.set(status.sessionId, mine.add(socket));
    socket.once('close', () => {
      mine.delete(socket);
      if (mine.size === 0) this.open.delete(status.sessionId);
    });
    this.proxy.ws(request, socket as Parameters<typeof this.proxy.ws>[1], head);
  }

  stop(): void {
    for (const sessionId of [...this.open.keys()]) this.drop(sessionId);
  }

  private async check(request: IncomingMessage): Promise<number | { sessionId: string }> {
    if (!sameOrigin(request, true)) return 403;
    try {
      const address = clientAddress(request, this.deps.trustProxy);
      const caller = await this.deps.sessions.resolve(sessionTokenOf(request.headers.cookie), address);
      if (!caller) return 401;
      if (!may(caller.role, 'seat.use')) return 403;
      return (this.open.get(caller.sessionId)?.size ?? 0) < MOST_PHONES ? caller : 429;
    } catch (fault) {
      this.deps.log.warn({ err: fault }, 'phone connection not checked');
      return 503;
    }
  }

  private drop(sessionId: string): void {
    for (const socket of this.open.get(sessionId) ?? []) socket.destroy();
  }
}

const WORDS: Record<number, string> = {
  401: 'Unauthorized',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** Answers an upgrade request with a plain status and closes it. */
export function refuse(socket: Duplex, status: number, words: string): void {
  if (socket.writable)
    socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
