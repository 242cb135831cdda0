import { randomBytes } from 'node:crypto';
import { HotlineError } from '../errors';
import type { HotlineEvent, SeatEvent } from '../events';
import type { Clock } from '../platform/clock';
import type { GiveWay } from '../platform/give-way';
import { maskNumber } from '../lines/phone-number';
import type { CallControl, DialRequest, PhoneKind } from '../telephony/call-control';
import { SEAT_MOVES, type NotReadyReason, type Seat, type SeatMove, type SeatState } from './seat';
import type { SeatStore } from './seat.store';

/** Who may sit at a seat: the directory's view of an agent. */
export interface Sitter {
  personId: string;
  name: string;
  account: string;
  skills: string[];
}

export interface SeatPolicy {
  wrapUpMs: number;
  /** Back to ready this long after RONA; 0 waits for the agent. */
  ronaBackMs: number;
}

/** What an agent sits at: a phone of the switch with its secret, or an ordinary telephone with the number to dial. */
type SeatPhone = { secret: string; kind: PhoneKind } | { number: string };

interface Deps {
  store: SeatStore;
  switch: Pick<CallControl, 'admitPhone' | 'dismissPhone' | 'phoneReachable'>;
  journal: { append(event: HotlineEvent): void };
  announce(event: HotlineEvent): void;
  /** Shared with the calls: what both tell keeps its order. */
  giveWay: GiveWay;
  clock: Clock;
  policy: SeatPolicy;
  log: { warn(facts: object, words: string): void };
}

interface Change {
  by: SeatEvent['by'];
  token?: string;
  /** Where the move leads when not to the table's own target (a wished not-ready after the call). */
  to?: SeatState;
  patch?: Partial<Seat>;
}

/**
 * The seats of this service: a board in memory for choosing, Redis as the one truth for changing. Each seat's moves
 * run one after another; each successful one is journaled and announced.
 */
export class SeatService {
  private readonly board = new Map<string, Seat>();
  private readonly phones = new Map<string, SeatPhone>();
  private readonly lanes = new Map<string, Promise<unknown>>();
  private looking = false;

  constructor(private readonly deps: Deps) {}

  /** Reads the seats left in Redis by an earlier run. Returns how many there were. */
  async load(): Promise<number> {
    for (const seat of await this.deps.store.all()) {
      this.board.set(seat.seatId, seat);
      const phone = await this.deps.store.secret(seat.seatId);
      if (phone) this.phones.set(seat.seatId, JSON.parse(phone) as SeatPhone);
    }
    return this.board.size;
  }

  /** Takes seats as the journal says they were, when Redis was emptied while no service ran. */
  async adopt(seats: Seat[]): Promise<void> {
    for (const seat of seats) this.board.set(seat.seatId, seat);
    await this.rewrite();
  }

  /** Writes the board back to an emptied Redis. */
  async rewrite(): Promise<void> {
    for (const seat of this.board.values()) {
      await this.deps.store.put(seat);
      const phone = this.phones.get(seat.seatId);
      if (phone) await this.deps.store.keepSecret(seat.seatId, JSON.stringify(phone));
    }
  }

  /** Makes every signed-in seat's phone known to the switch again (it forgets them when it restarts). */
  async admitPhones(): Promise<void> {
    for (const seat of this.board.values()) {
      const phone = this.phones.get(seat.seatId);
      if (phone && 'number' in phone) continue;
      if (phone) await this.deps.switch.admitPhone(seat.account, phone.secret, phone.kind);
      await this.heardPhone(seat.account, await this.deps.switch.phoneReachable(seat.account));
    }
  }

  /** All signed-in seats, as last known here. */
  seats(): Seat[] {
    return [...this.board.values()];
  }

  seat(seatId: string): Seat | null {
    return this.board.get(seatId) ?? null;
  }

  phoneOf(seatId: string): { account: string; secret: string; kind: PhoneKind } | null {
    const seat = this.board.get(seatId);
    const phone = this.phones.get(seatId);
    return seat && phone && 'secret' in phone ? { account: seat.account, ...phone } : null;
  }

  /** What is dialled to ring a seat: the account of its phone, or the number of its ordinary telephone. */
  dialled(seatId: string): DialRequest['to'] | null {
    const seat = this.board.get(seatId);
    const phone = this.phones.get(seatId);
    if (!seat) return null;
    return phone && 'number' in phone ? { number: phone.number } : { account: seat.account };
  }

  /**
   * Signs an agent in at a phone with a fresh secret, or at an ordinary telephone (its number as it is dialled, checked).
   * Signing in twice gives the seat as it is; another phone takes the place of the first, but not in a call.
   */
  async signIn(person: Sitter, at: PhoneKind | { number: string }): Promise<Seat> {
    return this.inLane(person.personId, async () => {
      const present = this.board.get(person.personId);
      const known = this.phones.get(person.personId);
      if (present && known && isAt(known, at)) return present;
      if (present && busy(present) && (present.telephone !== null || typeof at === 'object'))
        throw refusal(present, '更换话机');
      const taken = this.seats().find(
        (seat) => seat.account === person.account && seat.seatId !== person.personId,
      );
      if (taken) throw new HotlineError('already-exists', `话机 ${person.account} 已由 ${taken.name} 签入`);
      const telephone = await this.takePhone(person, at);
      if (!present) return this.takeSeat(person, telephone);
      const away = telephone === null && present.telephone === null;
      const changed = { telephone, phoneReachable: away ? present.phoneReachable : telephone !== null };
      const seat = await this.patch(present, changed);
      this.tell(seat, seat.state, 'agent');
      return seat;
    });
  }

  /** Keeps what the agent sits at and makes it known to the switch. Returns the masked number of an ordinary telephone. */
  private async takePhone({ personId, account }: Sitter, at: PhoneKind | { number: string }) {
    const before = this.phones.get(personId);
    const phone = typeof at === 'object' ? at : { secret: randomBytes(18).toString('base64url'), kind: at };
    if ('secret' in phone) await this.deps.switch.admitPhone(account, phone.secret, phone.kind);
    else if (before && 'secret' in before) await this.deps.switch.dismissPhone(account);
    this.phones.set(personId, phone);
    await this.deps.store.keepSecret(personId, JSON.stringify(phone));
    return 'number' in phone ? maskNumber(phone.number) : null;
  }

  private async takeSeat(person: Sitter, telephone: string | null): Promise<Seat> {
    const now = this.deps.clock.now().getTime();
    const seat: Seat = {
      seatId: person.personId,
      name: person.name,
      account: person.account,
      telephone,
      skills: person.skills,
      state: 'notReady',
      since: now,
      notReadyReason: 'signedIn',
      callId: null,
      token: null,
      leaseUntil: null,
      idleSince: now,
      wrapUpUntil: null,
      notReadyNext: null,
      phoneReachable: telephone !== null || (await this.deps.switch.phoneReachable(person.account)),
    };
    await this.deps.store.put(seat);
    this.board.set(seat.seatId, seat);
    this.tell(seat, 'signedOut', 'agent');
    return seat;
  }

  /** Signs the agent out and cuts the phone off. Refused (`wrong-state`) while a call rings or talks. */
  async signOut(seatId: string, by: SeatEvent['by'] = 'agent'): Promise<void> {
    await this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      if (!(await this.apply(seat, 'signOut', { by }))) throw refusal(seat, '签出');
      this.board.delete(seatId);
      this.phones.delete(seatId);
      await this.deps.store.remove(seatId);
      await this.deps.store.keepSecret(seatId, null);
      if (seat.telephone === null) await this.deps.switch.dismissPhone(seat.account);
    });
  }

  /** 示闲. During a call it only withdraws a wished not-ready. */
  async ready(seatId: string, by: SeatEvent['by'] = 'agent'): Promise<Seat> {
    return this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      if (busy(seat)) return this.wish(seat, null, by);
      if (seat.state !== 'ready' && !(await this.apply(seat, 'ready', { by }))) throw refusal(seat, '示闲');
      return this.required(seatId);
    });
  }

  /** 示忙 with a reason; during a call it takes effect after wrap-up. */
  async notReady(seatId: string, reason: NotReadyReason, by: SeatEvent['by'] = 'agent'): Promise<Seat> {
    return this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      if (busy(seat)) return this.wish(seat, reason, by);
      if (!(await this.apply(seat, 'notReady', { by, patch: { notReadyReason: reason } })))
        throw refusal(seat, '示忙');
      return this.required(seatId);
    });
  }

  /** Ends the wrap-up of a seat before its time. */
  async wrapUpDone(seatId: string, by: SeatEvent['by'] = 'agent'): Promise<Seat> {
    return this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      if (seat.state !== 'wrapUp') throw refusal(seat, '结束话后整理');
      await this.apply(seat, 'wrapUpEnded', { by, ...afterCall(seat) });
      return this.required(seatId);
    });
  }

  /** Reserves a ready seat for a call until the lease lapses. False: somebody else was first. */
  async reserve(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean> {
    return this.inLane(seatId, async () => {
      const seat = this.board.get(seatId);
      return seat ? this.apply(seat, 'reserve', { by: 'call', patch: { callId, token, leaseUntil } }) : false;
    });
  }

  /** Takes an agent's own seat for a call he places, until the lease lapses. False: he is in a call already. */
  async callOut(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean> {
    return this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      // What he was before, he is again after the call.
      const notReadyNext = seat.state === 'notReady' ? seat.notReadyReason : seat.notReadyNext;
      const patch = { callId, token, leaseUntil, notReadyNext, wrapUpUntil: null };
      return this.apply(seat, 'callOut', { by: 'agent', patch });
    });
  }

  /** A supervisor who listened has come into the call: his seat is in it from now on. */
  async enterCall(seatId: string, token: string, callId: string): Promise<boolean> {
    return this.inLane(seatId, async () => {
      const seat = this.board.get(seatId);
      if (!seat || !(await this.deps.store.change(seatId, ['talking'], token, { callId }))) return false;
      this.board.set(seatId, { ...seat, callId });
      return true;
    });
  }

  /** Settles a reservation by what its call came to. With an outdated token it does nothing and returns false. */
  async settle(
    seatId: string,
    token: string,
    how: 'answered' | 'noAnswer' | 'release' | 'talkEnded' | 'phoneLost' | 'lostInTalk',
    by: 'call' | 'supervisor' = 'call',
  ): Promise<boolean> {
    return this.inLane(seatId, async () => {
      const seat = this.board.get(seatId);
      if (!seat) return false;
      const now = this.deps.clock.now().getTime();
      switch (how) {
        case 'answered':
          return this.apply(seat, 'answered', { by, token, patch: { leaseUntil: null } });
        case 'noAnswer':
          return this.apply(seat, 'noAnswer', { by, token, patch: FREE });
        case 'release':
          return this.apply(seat, 'release', { by, token, ...afterCall(seat) });
        case 'phoneLost':
          return this.apply(seat, 'release', {
            by,
            token,
            to: 'notReady',
            patch: { ...FREE, notReadyReason: 'phoneLost' },
          });
        case 'lostInTalk':
          return this.apply(seat, 'lostInTalk', {
            by,
            token,
            patch: { ...FREE, notReadyReason: 'phoneLost' },
          });
        case 'talkEnded':
          return this.endTalk(seat, token, now, by);
      }
    });
  }

  private async endTalk(seat: Seat, token: string, now: number, by: SeatEvent['by']): Promise<boolean> {
    const { wrapUpMs } = this.deps.policy;
    const patch = { token: null, leaseUntil: null, wrapUpUntil: now + wrapUpMs, idleSince: now };
    const ended = await this.apply(seat, 'talkEnded', { by, token, patch });
    if (ended && wrapUpMs === 0)
      await this.apply(this.required(seat.seatId), 'wrapUpEnded', { by: 'system', ...afterCall(seat) });
    return ended;
  }

  /** Sets a seat to what its live call says; only the reconciler does this. */
  async correct(seatId: string, state: 'ringing' | 'talking', callId: string, token: string): Promise<void> {
    await this.inLane(seatId, async () => {
      const seat = this.required(seatId);
      const after: Seat = {
        ...seat,
        state,
        callId,
        token,
        since: this.deps.clock.now().getTime(),
        notReadyReason: null,
        wrapUpUntil: null,
      };
      await this.deps.store.put(after);
      this.board.set(seatId, after);
      this.tell(after, seat.state, 'system');
    });
  }

  /** The switch says whether a phone can be reached. */
  async heardPhone(account: string, reachable: boolean): Promise<void> {
    const seat = this.seats().find((each) => each.account === account);
    // An ordinary telephone is there as long as its agent is signed in.
    if (!seat || seat.telephone !== null || seat.phoneReachable === reachable) return;
    await this.inLane(seat.seatId, async () => {
      const current = this.board.get(seat.seatId);
      if (!current || current.telephone !== null) return;
      await this.patch(current, { phoneReachable: reachable });
      this.tell(this.required(seat.seatId), current.state, 'system');
    });
  }

  /**
   * Phones that are said to be away are asked for anew. The switch does not tell every return: Asterisk keeps silent
   * about a phone that was dismissed and admitted again, because its state is what it was.
   */
  private async lookForPhones(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const away = this.seats().filter((seat) => !seat.phoneReachable);
    const asked = away.map(async ({ account }) =>
      this.heardPhone(account, await this.deps.switch.phoneReachable(account)),
    );
    // A switch out of reach is told elsewhere.
    await Promise.allSettled(asked);
    this.looking = false;
  }

  /** Every second: wrap-up and RONA that end by themselves, seats to be signed out after the call, phones that are back. */
  async tick(): Promise<void> {
    // Not awaited: the switch may take its time.
    void this.lookForPhones();
    const now = this.deps.clock.now().getTime();
    const { ronaBackMs } = this.deps.policy;
    for (const seat of this.seats()) {
      if (seat.state === 'wrapUp' && (seat.wrapUpUntil ?? 0) <= now)
        await this.inLane(seat.seatId, () =>
          this.apply(seat, 'wrapUpEnded', { by: 'system', ...afterCall(seat) }),
        );
      if (leavesNow(seat)) await this.signOut(seat.seatId, 'supervisor').catch(() => undefined);
      if (seat.state === 'rona' && ronaBackMs > 0 && seat.since + ronaBackMs <= now)
        await this.inLane(seat.seatId, () => this.apply(seat, 'ready', { by: 'system', ...afterCall(seat) }));
    }
  }

  /** Does one move of the table atomically; on success the board, the journal and the listeners know. */
  private async apply(seat: Seat, move: SeatMove, change: Change): Promise<boolean> {
    const { from, to: target } = SEAT_MOVES[move];
    const to = change.to ?? target;
    const now = this.deps.clock.now().getTime();
    const patch: Partial<Seat> = {
      state: to,
      since: now,
      notReadyReason: null,
      ...RESET[to],
      ...change.patch,
    };
    if (to === 'ready' && seat.state !== 'ringing') patch.idleSince = now;
    if (!(await this.deps.store.change(seat.seatId, from, change.token ?? null, patch))) {
      await this.refresh(seat.seatId);
      return false;
    }
    const after = { ...seat, ...patch };
    this.board.set(seat.seatId, after);
    // A reserved seat is to be rung: that goes before telling.
    if (move === 'reserve')
      this.deps.giveWay.postpone(() => this.say(after, seat.state, change.by, seat.callId));
    else this.tell(after, seat.state, change.by, seat.callId);
    return true;
  }

  private async wish(seat: Seat, reason: NotReadyReason | null, by: SeatEvent['by']): Promise<Seat> {
    if (by === 'agent' && seat.notReadyNext === 'signingOut')
      throw new HotlineError('wrong-state', '班长已安排本次通话后签出');
    const after = await this.patch(seat, { notReadyNext: reason });
    this.tell(after, seat.state, by);
    return after;
  }

  /** Changes facts of a seat that are no move. */
  private async patch(seat: Seat, patch: Partial<Seat>): Promise<Seat> {
    await this.deps.store.change(seat.seatId, [seat.state], null, patch);
    const after = { ...seat, ...patch };
    this.board.set(seat.seatId, after);
    return after;
  }

  private tell(seat: Seat, from: SeatState, by: SeatEvent['by'], callBefore: string | null = null): void {
    this.deps.giveWay.catchUp();
    this.say(seat, from, by, callBefore);
  }

  private say(seat: Seat, from: SeatState, by: SeatEvent['by'], callBefore: string | null): void {
    const event: SeatEvent = {
      kind: 'seatChanged',
      at: this.deps.clock.now(),
      seatId: seat.seatId,
      from,
      to: seat.state,
      reason: seat.notReadyReason,
      callId: seat.callId ?? callBefore,
      by,
    };
    if (from !== seat.state) this.deps.journal.append(event);
    this.deps.announce(event);
  }

  /** Our picture was out of date: another service was first, or Redis was emptied. */
  private async refresh(seatId: string): Promise<void> {
    const seat = await this.deps.store.get(seatId);
    if (seat) this.board.set(seatId, seat);
    else this.deps.log.warn({ seatId }, 'seat is missing in Redis');
  }

  private required(seatId: string): Seat {
    const seat = this.board.get(seatId);
    if (!seat) throw new HotlineError('wrong-state', '尚未签入坐席');
    return seat;
  }

  private inLane<T>(seatId: string, work: () => Promise<T>): Promise<T> {
    // Begun at once where nothing is before it: a ringing seat waits for this.
    const before = this.lanes.get(seatId);
    const result = before ? before.then(work) : work();
    const settled = result.catch(() => undefined);
    this.lanes.set(seatId, settled);
    void settled.then(() => this.lanes.get(seatId) === settled && this.lanes.delete(seatId));
    return result;
  }
}

const FREE = { callId: null, token: null, leaseUntil: null, wrapUpUntil: null } satisfies Partial<Seat>;

/** What a state does not keep. */
const RESET: Partial<Record<SeatState, Partial<Seat>>> = {
  ready: { ...FREE, notReadyNext: null },
  notReady: { ...FREE, notReadyNext: null },
  rona: FREE,
};

const isAt = (phone: SeatPhone, at: PhoneKind | { number: string }): boolean =>
  'number' in phone ? typeof at === 'object' && at.number === phone.number : phone.kind === at;

const busy = (seat: Seat): boolean => seat.state === 'ringing' || seat.state === 'talking';

/** After a call the seat is ready again, or not ready when the agent wished so during the call. */
function afterCall(seat: Seat): Pick<Change, 'to' | 'patch'> {
  return seat.notReadyNext
    ? { to: 'notReady', patch: { ...FREE, notReadyReason: seat.notReadyNext, notReadyNext: null } }
    : {};
}

/** A supervisor signs the seat out after its call, and that is over. */
function leavesNow({ state, notReadyReason, notReadyNext }: Seat): boolean {
  if (state === 'rona') return notReadyNext === 'signingOut';
  return state === 'notReady' && notReadyReason === 'signingOut';
}

function refusal(seat: Seat, wish: string): HotlineError {
  return new HotlineError('wrong-state', `当前状态不能${wish}`, { state: seat.state });
}
