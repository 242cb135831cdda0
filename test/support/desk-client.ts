import { io, type Socket } from 'socket.io-client';
import type { ShownEvent } from '../../src/audiences';
import { SESSION_COOKIE } from '../../src/platform/sessions';
import type { DeskCall, DeskSnapshot, FeedEntry, SeatSignIn } from '../../src/desk/pop';
import type { Seat, SeatState } from '../../src/seats/seat';
import type { CallRecord, JournalEvent } from '../../src/calls/call-record';
import type { Board } from '../../src/performance/board';
import { until } from './until';

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: { code?: string; detail?: string } & Record<string, unknown>,
    what: string,
  ) {
    super(`${what}: ${status} ${JSON.stringify(body)}`);
  }
}

export type Heard = FeedEntry & { receivedAt: number };

/**
 * A desk without a screen: signs in over HTTP as a browser does (cookie, CSRF), takes the seat, and collects the seat's
 * feed over socket.io.
 */
export class DeskClient {
  /** The feed entries that came, each once. */
  readonly feed: Heard[] = [];
  /** The boards that were pushed, for those who may see them. */
  readonly boards: Board[] = [];
  /** What its rooms were told, for those who watch. */
  readonly events: ShownEvent[] = [];
  snapshot: DeskSnapshot | null = null;
  /** How many times a new epoch made it take the snapshot instead of the tail. */
  newEpochs = 0;
  /** Gaps in the numbers of the feed within an epoch: something was missed. */
  gaps = 0;
  personId = '';
  private cookie = '';
  private csrf = '';
  private socket: Socket | null = null;
  private epoch: string | null = null;
  private lastSeq = 0;
  private poppedUpTo = 0;

  constructor(
    public url: string,
    readonly name: string,
    private readonly password: string,
  ) {}

  async signIn(): Promise<this> {
    const response = await fetch(`${this.url}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url },
      body: JSON.stringify({ name: this.name, password: this.password }),
    });
    const body = (await response.json()) as { csrf: string; person: { personId: string } };
    if (!response.ok) throw new Refused(response.status, { ...body }, `sign-in of ${this.name}`);
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    this.csrf = body.csrf;
    this.personId = body.person.personId;
    return this;
  }

  /** Goes on with a session opened elsewhere. */
  useSession({ token, csrf }: { token: string; csrf: string }, personId: string): this {
    this.cookie = `${SESSION_COOKIE}=${token}`;
    this.csrf = csrf;
    this.personId = personId;
    return this;
  }

  async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await fetch(`${this.url}/api${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        'x-csrf-token': this.csrf,
        origin: this.url,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text ? (JSON.parse(text) as unknown) : undefined;
    if (!response.ok) throw new Refused(response.status, json as Refused['body'], `${method} ${path}`);
    return json as T;
  }

  /** Asks for a file, or a range of it. `address` as the service gave it. */
  async file(
    address: string,
    range?: string,
  ): Promise<{ status: number; bytes: Buffer; range: string | null }> {
    const headers = { cookie: this.cookie, ...(range ? { range } : {}) };
    const response = await fetch(`${this.url}${address}`, { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, bytes, range: response.headers.get('content-range') };
  }

  takeSeat(): Promise<SeatSignIn & { phone: NonNullable<SeatSignIn['phone']> }> {
    return this.ask('POST', '/desk/seat', { phone: 'sip' });
  }

  /** At an ordinary telephone. */
  takeRemoteSeat(number: string): Promise<SeatSignIn> {
    return this.ask('POST', '/desk/seat', { phone: 'remote', number });
  }

  leaveSeat(): Promise<void> {
    return this.ask('DELETE', '/desk/seat');
  }

  /** Sends a file's bytes as they are. */
  async upload<T>(path: string, bytes: Buffer, fileName: string): Promise<T> {
    const response = await fetch(`${this.url}/api${path}`, {
      method: 'POST',
      headers: {
        cookie: this.cookie,
        'x-csrf-token': this.csrf,
        'x-file-name': encodeURIComponent(fileName),
      },
      body: new Uint8Array(bytes),
    });
    const reply = (await response.json()) as unknown;
    if (!response.ok) throw new Refused(response.status, reply as Refused['body'], `upload of ${fileName}`);
    return reply as T;
  }

  async ready(): Promise<Seat> {
    return (await this.ask<{ seat: Seat }>('POST', '/desk/seat/ready')).seat;
  }

  async notReady(reason = 'rest'): Promise<Seat> {
    return (await this.ask<{ seat: Seat }>('POST', '/desk/seat/not-ready', { reason })).seat;
  }

  async seat(): Promise<Seat | null> {
    return (await this.ask<{ seat: Seat | null }>('GET', '/desk/seat')).seat;
  }

  /** Resolves when the seat is in this state. */
  async seatIs(state: SeatState, limitMs = 5000): Promise<Seat> {
    let last: Seat | null = null;
    return until(
      `seat of ${this.name} is ${state}`,
      async () => ((last = await this.seat())?.state === state ? last : null),
      limitMs,
      () => `it is ${JSON.stringify(last)}`,
    );
  }

  hold = (callId: string) => this.ask<void>('POST', `/desk/calls/${callId}/hold`);
  resume = (callId: string) => this.ask<void>('POST', `/desk/calls/${callId}/resume`);
  hangUp = (callId: string) => this.ask<void>('POST', `/desk/calls/${callId}/hang-up`);
  mute = (callId: string, on: boolean) => this.ask<void>('POST', `/desk/calls/${callId}/mute`, { on });

  leave = (callId: string) => this.ask<void>('POST', `/desk/calls/${callId}/leave`);
  rejoin = (callId: string) => this.ask<void>('POST', `/desk/calls/${callId}/rejoin`);
  drop = (callId: string, legId: string) => this.ask<void>('POST', `/desk/calls/${callId}/drop`, { legId });
  invite = (callId: string, purpose: 'consult' | 'threeWay' | 'transfer', to: object, words = '') =>
    this.ask<void>('POST', `/desk/calls/${callId}/invite`, { purpose, to, words });
  callOut = async (to: object) => (await this.ask<{ callId: string }>('POST', '/desk/calls', { to })).callId;

  /** Resolves with what the desk shows of the call once it is so. */
  async shows(what: string, satisfies: (call: DeskCall) => boolean, limitMs = 5000): Promise<DeskCall> {
    const latest = () => this.feed.findLast((entry) => entry.kind === 'call');
    const found = await until(
      `${this.name} is shown: ${what}`,
      () => {
        const entry = latest();
        return entry?.kind === 'call' && satisfies(entry.call) ? entry.call : null;
      },
      limitMs,
      () => JSON.stringify(latest()),
    );
    return found;
  }

  /** Connects the feed; after a reconnection it says its last number and takes what it missed. */
  async connect(): Promise<this> {
    this.socket = io(this.url, {
      transports: ['websocket'],
      extraHeaders: { cookie: this.cookie, origin: this.url },
      reconnectionDelay: 100,
      reconnectionDelayMax: 300,
    });
    this.socket.on('feed', (entry: FeedEntry) =>
      this.take(entry, performance.timeOrigin + performance.now()),
    );
    this.socket.on('board', (board: Board) => this.boards.push(board));
    this.socket.on('event', (event: ShownEvent) => this.events.push(event));
    this.socket.on('connect', () => void this.hello());
    await until(`${this.name} gets a snapshot`, () => this.snapshot, 5000);
    return this;
  }

  /** The next ringing call that this method has not given yet. */
  async pop(limitMs = 5000): Promise<DeskCall & { receivedAt: number }> {
    const found = await until(
      `a pop for ${this.name}`,
      () =>
        this.feed
          .slice(this.poppedUpTo)
          .find((entry) => entry.kind === 'call' && entry.call.stage === 'ringing'),
      limitMs,
      () => `feed: ${JSON.stringify(this.feed.slice(-5))}`,
    );
    this.poppedUpTo = this.feed.indexOf(found) + 1;
    return { ...(found as Heard & { kind: 'call' }).call, receivedAt: found.receivedAt };
  }

  forgetPops(): void {
    this.poppedUpTo = this.feed.length;
  }

  /** Resolves with the entry of the feed that satisfies, old ones too. */
  fed(what: string, satisfies: (entry: Heard) => boolean, limitMs = 5000): Promise<Heard> {
    return until(
      `${this.name} is told: ${what}`,
      () => this.feed.find(satisfies),
      limitMs,
      () => `feed: ${JSON.stringify(this.feed.slice(-5))}`,
    );
  }

  /** The record of a call, once `satisfies` holds (default: the call is over). */
  async record(
    callId: string,
    satisfies: (record: CallRecord) => boolean = (record) => record.endedAt !== null,
    limitMs = 6000,
  ): Promise<CallRecord & { timeline: JournalEvent[] }> {
    let last: unknown = null;
    return until(
      `record of ${callId}`,
      async () => {
        const found = await this.ask<{ record: CallRecord; timeline: JournalEvent[] }>(
          'GET',
          `/calls/${callId}`,
        );
        last = found.record;
        return satisfies(found.record) ? { ...found.record, timeline: found.timeline } : null;
      },
      limitMs,
      () => JSON.stringify(last),
    );
  }

  disconnect(): void {
    this.socket?.disconnect();
  }

  private async hello(): Promise<void> {
    const hello = { epoch: this.epoch, lastSeq: this.lastSeq };
    const answer: unknown = await this.socket
      ?.timeout(4000)
      .emitWithAck('hello', hello)
      .catch(() => ({ problem: 'no answer' }));
    const snapshot = answer as DeskSnapshot | { problem: unknown };
    // As the page does: not answered, it says hello again.
    if ('problem' in snapshot)
      return void setTimeout(() => (this.socket?.connected ? void this.hello() : undefined), 500);
    const at = Date.now();
    const fresh = this.epoch !== null && this.epoch !== snapshot.epoch;
    if (fresh) this.newEpochs += 1;
    if (this.epoch !== snapshot.epoch) this.lastSeq = snapshot.seq;
    this.epoch = snapshot.epoch;
    this.snapshot = snapshot;
    for (const entry of snapshot.missed) this.take(entry, at);
    // Told by the snapshot alone: the feed has begun anew, and its entry went by before this answer.
    const { call, seq } = snapshot;
    if (fresh && call?.stage === 'ringing' && !this.hasPopped(call.callId))
      this.feed.push({ kind: 'call', call, seq, at, receivedAt: at });
    this.lastSeq = Math.max(this.lastSeq, snapshot.seq);
  }

  private hasPopped(callId: string): boolean {
    return this.feed.some(
      (entry) => entry.kind === 'call' && entry.call.callId === callId && entry.call.stage === 'ringing',
    );
  }

  private take(entry: FeedEntry, receivedAt: number): void {
    if (entry.seq <= this.lastSeq && this.snapshot) {
      // Smaller numbers come again only when the feed has begun anew.
      if (entry.seq < this.lastSeq) void this.hello();
      return;
    }
    if (this.lastSeq > 0 && entry.seq > this.lastSeq + 1) this.gaps += 1;
    this.lastSeq = entry.seq;
    this.feed.push({ ...entry, receivedAt });
  }
}
