import { freePort } from '../../src/runtime/free-port.service';
import { mixOf, SipAudio } from './sip-audio';
import { SipProcess, type SipMessage } from './sip-process';
import { registerScenario, seatScenario } from './sip-scenarios';
import { until } from './until';

/** One ring of a seat's phone. Instants are SIPp's own, ms since the epoch. */
export class Ring {
  cancelledAt: number | null = null;
  answeredAt: number | null = null;
  /** The other side has acknowledged our answer. */
  acknowledgedAt: number | null = null;
  endedAt: number | null = null;
  private ringing = false;
  /** First lines of what was said, for the text of a failure. */
  private readonly heardOf: string[] = [];
  result: 'hung-up' | 'was-hung-up' | 'cancelled' | 'refused' | null = null;

  constructor(
    readonly account: string,
    readonly sipCallId: string,
    readonly inviteAt: number,
    /** The INVITE as it came. */
    readonly invite: string,
    readonly audio: SipAudio,
    private readonly process: () => SipProcess,
  ) {}

  /** Picks up, unless the ring is over already: then there is nothing to answer. */
  async answer(): Promise<void> {
    this.audio.speakTo(this.invite);
    await this.rings();
    if (this.over) return;
    await this.process().command('XANSWER', this.sipCallId, [`X-Audio: ${this.audio.port}`]);
  }

  /** 486. */
  async busy(): Promise<void> {
    await this.rings();
    return this.process().command('XBUSY', this.sipCallId);
  }

  /** 603. */
  async decline(): Promise<void> {
    await this.rings();
    return this.process().command('XDECLINE', this.sipCallId);
  }

  async hangUp(): Promise<void> {
    await this.process().command('XHANGUP', this.sipCallId);
    await this.ended();
  }

  /** SIPp takes a command only when it has said 180. */
  private async rings(): Promise<void> {
    await until('SIPp rings', () => this.ringing || this.over, 3000);
  }

  get over(): boolean {
    return this.endedAt !== null;
  }

  ended(limitMs = 5000): Promise<number> {
    return until(
      `ring of ${this.account} ends`,
      () => this.endedAt,
      limitMs,
      () => this.story(),
    );
  }

  private story(): string {
    const { inviteAt, cancelledAt, answeredAt, acknowledgedAt, heardOf } = this;
    return `${JSON.stringify({ inviteAt, cancelledAt, answeredAt, acknowledgedAt, heardOf })} ${this.process().errors()}`;
  }

  /** Resolves when this end hears somebody's voice (several: mixed) from now on, for `packets` × 20 ms. */
  async hears(other: SipAudio | SipAudio[], packets = 5, limitMs = 4000): Promise<void> {
    const voices = mixOf([other].flat());
    const before = this.audio.countAny(voices);
    await until(
      `${this.account} hears the other (voices ${voices.join(', ')})`,
      () => this.audio.countAny(voices) - before >= packets,
      limitMs,
      () => JSON.stringify([...this.audio.heard]),
    );
  }

  hear({ method, status, of, sent, at, first }: SipMessage): void {
    this.heardOf.push(`${sent ? '>' : '<'} ${first}`);
    if (method === 'CANCEL' && !this.answeredAt) {
      this.cancelledAt = at;
      this.end('cancelled', at);
    } else if (sent && of === 'INVITE' && status === 180) this.ringing = true;
    else if (sent && of === 'INVITE' && status === 200) this.answeredAt ??= at;
    else if (sent && of === 'INVITE' && status > 300) this.end('refused', at);
    else if (method === 'ACK' && this.answeredAt) this.acknowledgedAt ??= at;
    else if (method === 'BYE') this.end(sent ? 'hung-up' : 'was-hung-up', at);
  }

  private end(result: Ring['result'], at: number): void {
    this.result ??= result;
    this.endedAt ??= at;
    this.audio.close();
  }
}

/** A seat's SIP phone. It rings; what else it does, `onRing` says. */
export class SipSeat {
  readonly rings: Ring[] = [];
  /** Called for each INVITE. The default only rings. */
  onRing: (ring: Ring) => void = () => undefined;
  private awaited = 0;

  constructor(readonly account: string) {}

  /** The next ring that no earlier call of this method has given. */
  async nextRing(limitMs = 5000): Promise<Ring> {
    const number = this.awaited++;
    return until(`${this.account} is rung (ring ${number + 1})`, () => this.rings[number], limitMs);
  }

  /** Forgets the rings so far. */
  forget(): void {
    this.awaited = this.rings.length;
  }

  /** Answers every ring after so many ms. */
  answerAfter(ms: number): this {
    this.onRing = (ring) => void (ms > 0 ? setTimeout(() => void ring.answer(), ms) : ring.answer());
    return this;
  }
}

/** The SIP phones of seats, all on one SIPp: registered with digest, then listening on the same port. */
export class SipPhones {
  private readonly seats = new Map<string, SipSeat>();
  private readonly rings = new Map<string, Promise<Ring>>();
  private process: SipProcess | null = null;

  private constructor(
    private readonly at: { host: string; port: number },
    private readonly port: number,
    /** Null outside. */
    private accounts: { account: string; secret: string }[] | null,
  ) {}

  static async open(
    at: { host: string; port: number },
    accounts: { account: string; secret: string }[],
  ): Promise<SipPhones> {
    const phones = new SipPhones(at, await freePort(), accounts);
    for (const { account } of accounts) phones.seats.set(account, new SipSeat(account));
    await phones.connect();
    return phones;
  }

  /** The outside world behind the carrier's trunk: whoever is called there rings. Nobody registers. */
  static async outside(at: { host: string; port: number }, port: number): Promise<SipPhones> {
    const phones = new SipPhones(at, port, null);
    await phones.connect();
    return phones;
  }

  /** The phone of an account; outside, of whatever number is called. */
  seat(account: string): SipSeat {
    const seat = this.seats.get(account) ?? (this.accounts === null ? new SipSeat(account) : undefined);
    if (!seat) throw new Error(`no phone ${account}`);
    this.seats.set(account, seat);
    return seat;
  }

  /** Registers the accounts (again, with new secrets when given) and listens. */
  async connect(secrets: { account: string; secret: string }[] = []): Promise<void> {
    await this.process?.kill();
    if (this.accounts) {
      this.accounts = this.accounts.map(
        (old) => secrets.find(({ account }) => account === old.account) ?? old,
      );
      await this.register(this.accounts, 600);
    }
    this.process = await SipProcess.start(
      { name: 'seats', scenario: seatScenario(), to: this.at, localPort: this.port },
      (message) => void this.hear(message),
    );
    await until('the phones listen', () => this.process?.running);
  }

  /** The next test begins with phones that only ring. */
  calm(): void {
    for (const seat of this.seats.values()) {
      seat.onRing = () => undefined;
      seat.forget();
    }
  }

  /** Pulls the plug: no answer to anything any more. */
  async unplug(): Promise<void> {
    await this.process?.kill();
  }

  private async register(accounts: { account: string; secret: string }[], expires: number): Promise<void> {
    const process = await SipProcess.start(
      {
        name: 'register',
        scenario: registerScenario(expires),
        to: this.at,
        localPort: this.port,
        fields: accounts.map(({ account, secret }) => `${account};${secret}`),
        args: ['-m', String(accounts.length), '-r', '50', '-timeout', '10s', '-timeout_error'],
      },
      () => undefined,
    );
    const code = await process.exit;
    if (code !== 0) throw new Error(`phones not registered (${code}): ${process.errors()}`);
  }

  private async hear(message: SipMessage): Promise<void> {
    const { callId, method, sent } = message;
    if (method === 'INVITE' && !sent && !this.rings.has(callId)) {
      this.rings.set(callId, this.ring(message));
      return;
    }
    (await this.rings.get(callId))?.hear(message);
  }

  private async ring(message: SipMessage): Promise<Ring> {
    const account = /^INVITE sip:([^@;]+)@/.exec(message.first)?.[1] ?? '';
    const audio = await SipAudio.open();
    const ring = new Ring(account, message.callId, message.at, message.text, audio, () => this.process!);
    const seat = this.accounts === null ? this.seat(account) : this.seats.get(account);
    seat?.rings.push(ring);
    seat?.onRing(ring);
    return ring;
  }
}
