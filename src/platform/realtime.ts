import type { IncomingMessage } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { audienceOf, rooms } from '../audiences';
import type { DeskHello, DeskSnapshot } from '../desk/pop';
import { HotlineError } from '../errors';
import { may } from '../permissions';
import type { Bus } from './bus';
import { clientAddress, sameOrigin } from './http-origin';
import { asRefusal } from './http-problem';
import type { Caller } from './http-route';
import type { HttpServer } from './http-server';
import type { Logger } from './logger';
import { openRedis, type RedisClient } from './redis';
import { sessionTokenOf, type Sessions } from './sessions';

/** What a browser may send: size of one message, and messages within a window before it is disconnected. */
const LIMITS = { bytes: 32 * 1024, messages: 60, windowMs: 10_000, socketsPerSession: 20 };
/** How often the session of each open socket is looked at again. */
const RECHECK_MS = 15_000;

const helloSchema = z.object({ epoch: z.string().max(80).nullable(), lastSeq: z.int().min(0) });

/** What a browser is sent when its socket opens; null: nothing. */
type Greeting = (caller: Caller) => Promise<{ event: string; payload: unknown } | null>;
type HelloHandler = (caller: Caller, hello: DeskHello) => Promise<DeskSnapshot>;
/** `others` is how many sockets the same person still has on this process. */
type DisconnectHandler = (caller: Caller, others: number) => void;

export interface RealtimeDeps {
  http: Pick<HttpServer, 'beforeListen'>;
  sessions: Sessions;
  bus: Bus;
  redisUrl: string;
  redisPrefix: string;
  trustProxy: boolean;
  log: Logger;
}

/**
 * socket.io on the same server: only signed-in browsers on our own pages get a connection. Rooms follow from who is
 * signed in; every event of the bus goes to the rooms `audiences.ts` names, on all services (Redis adapter). socket.io
 * delivers at most once: what must not be missed has a feed of its own.
 */
export class Realtime {
  private readonly io: Server;
  private readonly redis: RedisClient[];
  private readonly admitted = new WeakMap<IncomingMessage, { caller: Caller; token: string }>();
  private readonly disconnectHandlers = new Set<DisconnectHandler>();
  private hello: HelloHandler | undefined;
  private greeting: Greeting = async () => null;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: RealtimeDeps) {
    const publish = this.openPublisher();
    const subscribe = openRedis(deps.redisUrl, { forBlocking: true });
    subscribe.on('error', (fault) => deps.log.warn({ err: fault }, 'realtime: Redis not reachable'));
    this.redis = [publish, subscribe];
    this.io = new Server({
      serveClient: false,
      maxHttpBufferSize: LIMITS.bytes,
      perMessageDeflate: false,
      pingInterval: 10_000,
      pingTimeout: 8_000,
      // The phone's WebSocket shares the server: unknown upgrades are not socket.io's to close.
      destroyUpgrade: false,
      allowRequest: (request, answer) => void this.admit(request).then((no) => answer(no, no === null)),
      adapter: createAdapter(publish, subscribe, { key: `${deps.redisPrefix}:socket` }),
    });
    this.io.use((socket, next) => this.identify(socket, next));
    this.io.on('connection', (socket) => this.welcome(socket));
    deps.http.beforeListen((server) => this.io.attach(server));
    deps.sessions.onEnded((sessionId) => this.io.in(rooms.session(sessionId)).disconnectSockets(true));
    deps.bus.onAny((event) => {
      const { rooms: hearing, shown } = audienceOf(event);
      if (hearing.length > 0) this.io.to(hearing).emit('event', shown);
    });
  }

  start(): void {
    this.timer ??= setInterval(() => void this.recheck(), RECHECK_MS).unref();
  }

  /** Sends something to everyone in a room (`rooms` of audiences.ts), on all services. */
  toRoom(room: string, event: string, payload: unknown): void {
    this.io.to(room).emit(event, payload);
  }

  /** Who answers a desk's `hello`: the seat's snapshot and what it missed. */
  onDeskHello(handler: HelloHandler): void {
    this.hello = handler;
  }

  /** What each browser is sent first: it is in its rooms by then, so nothing falls between. */
  onWelcome(greeting: Greeting): void {
    this.greeting = greeting;
  }

  /** Hears that a browser's socket closed; returns the function that stops it. */
  onDisconnect(handler: DisconnectHandler): () => void {
    this.disconnectHandlers.add(handler);
    return () => this.disconnectHandlers.delete(handler);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.io.disconnectSockets(true);
    // Not io.close(): that would close the HTTP server too, which has its own stop.
    this.io.engine?.close();
    for (const redis of this.redis) redis.disconnect();
  }

  /** The adapter never looks at what becomes of a publish, so its faults end here; local delivery goes on. */
  private openPublisher(): RedisClient {
    const redis = openRedis(this.deps.redisUrl, { batch: true });
    redis.on('error', () => undefined);
    const publish = redis.publish.bind(redis);
    const contained = (channel: string | Buffer, message: string | Buffer) =>
      redis.status === 'ready'
        ? publish(channel, message).catch((fault: unknown) => {
            this.deps.log.warn({ err: fault }, 'realtime: not passed on to other services');
            return 0;
          })
        : Promise.resolve(0);
    redis.publish = contained as typeof redis.publish;
    return redis;
  }

  /** Why a handshake is refused, or null. */
  private async admit(request: IncomingMessage): Promise<string | null> {
    if (!sameOrigin(request)) return 'wrong-origin';
    const token = sessionTokenOf(request.headers.cookie);
    try {
      const caller = await this.deps.sessions.resolve(token, clientAddress(request, this.deps.trustProxy));
      if (!caller || !token) return 'not-signed-in';
      const open = this.io.of('/').adapter.rooms.get(rooms.session(caller.sessionId))?.size ?? 0;
      if (open >= LIMITS.socketsPerSession) return 'too-many-attempts';
      this.admitted.set(request, { caller, token });
      return null;
    } catch (fault) {
      return asRefusal(fault).code;
    }
  }

  private identify(socket: Socket, next: (fault?: Error) => void): void {
    const known = this.admitted.get(socket.request);
    if (!known) return next(new Error('not-signed-in'));
    Object.assign(socket.data as object, known);
    next();
  }

  private welcome(socket: Socket): void {
    const { caller } = socket.data as { caller: Caller };
    const joined = [rooms.person(caller.personId), rooms.role(caller.role), rooms.session(caller.sessionId)];
    if (may(caller.role, 'seat.use')) joined.push(rooms.seat(caller.personId));
    if (may(caller.role, 'wallboard.view')) joined.push(rooms.wallboard);
    if (caller.unitId) joined.push(rooms.unit(caller.unitId));
    void socket.join(joined);
    void this.greet(socket, caller);
    this.limit(socket);
    socket.on(
      'hello',
      (hello: unknown, acknowledge: unknown) => void this.answerHello(caller, hello, acknowledge),
    );
    socket.on('error', (fault) => this.deps.log.debug({ err: fault }, 'socket'));
    socket.on('disconnect', () => {
      const others = this.io.of('/').adapter.rooms.get(rooms.person(caller.personId))?.size ?? 0;
      for (const handler of this.disconnectHandlers) handler(caller, others);
    });
  }

  private limit(socket: Socket): void {
    let began = performance.now();
    let count = 0;
    socket.use((_packet, next) => {
      const now = performance.now();
      if (now - began > LIMITS.windowMs) [began, count] = [now, 0];
      count += 1;
      if (count <= LIMITS.messages) return next();
      this.deps.log.warn(
        { who: (socket.data as { caller: Caller }).caller.personId },
        'socket sends too much: closed',
      );
      socket.disconnect(true);
    });
  }

  private async greet(socket: Socket, caller: Caller): Promise<void> {
    try {
      const greeting = await this.greeting(caller);
      if (greeting) socket.emit(greeting.event, greeting.payload);
    } catch (fault) {
      this.deps.log.warn({ err: fault }, 'socket not greeted');
    }
  }

  /** Acknowledges with a DeskSnapshot, or with `{ problem: { code, detail } }`. */
  private async answerHello(caller: Caller, hello: unknown, acknowledge: unknown): Promise<void> {
    if (typeof acknowledge !== 'function') return;
    const answer = acknowledge as (reply: unknown) => void;
    try {
      const asked = helloSchema.safeParse(hello);
      if (!asked.success) throw new HotlineError('invalid-input', 'hello 内容有误');
      if (!may(caller.role, 'seat.use')) throw new HotlineError('not-allowed', '您的角色没有座席');
      if (!this.hello) throw new HotlineError('not-ready', '服务尚未就绪');
      answer(await this.hello(caller, asked.data));
    } catch (fault) {
      const refusal = asRefusal(fault);
      if (refusal.code === 'internal-fault') this.deps.log.error({ err: fault }, 'hello not answered');
      answer({ problem: { code: refusal.code, detail: refusal.detail } });
    }
  }

  /** Closes sockets whose session was ended elsewhere or ran out. */
  private async recheck(): Promise<void> {
    for (const socket of this.io.of('/').sockets.values()) {
      const { token, caller } = socket.data as { token: string; caller: Caller };
      try {
        if (!(await this.deps.sessions.resolve(token, caller.address, false))) socket.disconnect(true);
      } catch {
        // The table cannot be asked now: the socket stays.
      }
    }
  }
}
