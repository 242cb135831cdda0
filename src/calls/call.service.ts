import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { CallEvent, HotlineEvent, LineFacts, OfferReason } from '../events';
import type { MenuChoice } from '../intake/intake';
import type { Clock } from '../platform/clock';
import type { GiveWay } from '../platform/give-way';
import type { WaitingCall } from '../routing/waiting-line';
import type {
  ArrivedLeg,
  CallControl,
  DialRequest,
  LegSnapshot,
  SwitchEvent,
} from '../telephony/call-control';
import {
  isWaiting,
  legsOf,
  NOTHING_YET,
  readNote,
  type Call,
  type CallDirection,
  type Handover,
  type Invite,
  type InvitePurpose,
  type Offer,
  type Outside,
  type Party,
} from './call';
import type { CallIndexStore } from './call-index.store';
import { advance, type CallInput } from './call-machine';
import type { NuisanceVerdict } from './nuisance';
import { CallSteps, RINGS } from './call-steps.service';
import type { CallPolicy, SeatStep } from './call-turn';

/** What the line that was matched gives to a call. */
export interface MatchedLine {
  facts: LineFacts;
  greeting: string[];
  priority: number;
  priorityWhy: string;
  lastAgent: string | null;
  /** A parallel line's exchange passed the call on. */
  handover: Handover | null;
  menu: MenuChoice[];
  nuisance: NuisanceVerdict | null;
  /** The caller's number and the others, normalised. */
  callerNumber: string | null;
  dialled: string;
  diversions: string[];
}

interface Deps {
  switch: CallControl;
  matchLine(leg: ArrivedLeg, at: Date): MatchedLine;
  seats: {
    /** What is dialled to ring a seat; null: it is signed out. */
    dialled(seatId: string): DialRequest['to'] | null;
    name(seatId: string): string | null;
    reserve(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean>;
    callOut(seatId: string, callId: string, token: string, leaseUntil: number): Promise<boolean>;
    settle(seatId: string, token: string, how: SeatStep): Promise<unknown>;
    heardPhone(account: string, reachable: boolean): Promise<void>;
  };
  /** What the ringing phone shows. */
  callerShown(call: Call): { number: string; name: string };
  /** The number that citizens and outside parties see when the hotline calls. */
  ownNumber: string;
  /** What a parallel line's exchange is told of a call that goes there. */
  shownToLine(call: Call, lineId: string): Pick<DialRequest, 'callerNumber' | 'context'>;
  /** How long a reservation lives without being confirmed by its call. */
  leaseMs: number;
  journal: { append(event: CallEvent): void };
  index: CallIndexStore;
  announce(event: HotlineEvent): void;
  /** Shared with the seats: what both tell keeps its order. */
  giveWay: GiveWay;
  /** A call has begun to wait (again): told before all else. */
  onWaiting?(): void;
  clock: Clock;
  policy: CallPolicy;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/** Answering and notes of a call that arrives wait this long: ringing a seat goes first, and both cost the switch time. */
const GIVE_WAY_MS = 8;
/** A call placed by the hotline: whom it calls, for which line, and why. */
export interface PlacedCall {
  direction: Exclude<CallDirection, 'inbound'>;
  /** As it is sent to the carrier; checked against the dial rules. */
  dialTo: string;
  /** Normalised, for the story and the record. */
  callerNumber: string;
  line: LineFacts;
  priority: number;
  about: Call['about'];
  /** For a callback: since when it has waited. */
  waitingSince: number | null;
}

/** What an agent asks for a call he is in. */
export type AgentWish =
  | { kind: 'hold' | 'resume' | 'hangUp' | 'rejoin' }
  | { kind: 'leave'; to?: string }
  | { kind: 'mute'; on: boolean }
  | { kind: 'drop'; legId: string };

/** How long an ended call's late legs are still recognised. */
const REMEMBER_ENDED = 2000;

/**
 * The live calls. What happens is decided by `advance`, at once and in the order it is heard; the steps it asks for run
 * leg by leg, each leg's in order. So a call's own events never overtake one another, and no call waits for another.
 */
export class CallService {
  private readonly calls = new Map<string, Call>();
  private readonly callOfLeg = new Map<string, string>();
  private readonly ended = new Set<string>();
  private readonly steps: CallSteps;

  constructor(private readonly deps: Deps) {
    this.steps = new CallSteps({
      ...deps,
      now: () => this.now(),
      input: (legId, input) => this.input(legId, input),
      lives: (legId) => this.callOf(legId) !== undefined,
      forgetLeg: (legId) => void this.callOfLeg.delete(legId),
    });
  }

  call(callId: string): Call | null {
    return this.calls.get(callId) ?? null;
  }

  live(): Call[] {
    return [...this.calls.values()];
  }

  /** The calls that routing may offer now. */
  waiting(): WaitingCall[] {
    return this.live()
      .filter(isWaiting)
      .map(({ callId, line, priority, priorityWhy, lastAgent, waitingSince }) => ({
        callId,
        queue: line.queue,
        lineId: line.lineId,
        priority,
        priorityWhy,
        lastAgent,
        waitingSince: waitingSince ?? 0,
      }));
  }

  hasEnded(callId: string): boolean {
    return this.ended.has(callId);
  }

  /** Everything the switch says comes through here, in its order. */
  hear(event: Exclude<SwitchEvent, { kind: 'switchLost' | 'switchBack' }>): void {
    const at = event.at.getTime();
    switch (event.kind) {
      case 'legArrived':
        return this.arrive(event.leg, event.at);
      case 'legAnswered':
        this.input(event.legId, { kind: 'legAnswered', legId: event.legId, at });
        return this.isOfCall(event.legId) ? undefined : this.hangUpStray(event.legId);
      case 'promptEnded': {
        const { legId, promptId, completed } = event;
        return this.input(legId, { kind: 'promptEnded', promptId, completed, at });
      }
      case 'digitPressed':
        return this.input(event.legId, { kind: 'digitPressed', legId: event.legId, digit: event.digit, at });
      case 'legEnded':
        this.input(event.legId, { kind: 'legEnded', legId: event.legId, cause: event.cause, at });
        this.callOfLeg.delete(event.legId);
        return;
      case 'phoneReachable':
        this.deps.seats
          .heardPhone(event.account, event.reachable)
          .catch((fault: unknown) =>
            this.deps.log.warn({ account: event.account, fault: String(fault) }, 'phone state not stored'),
          );
        return;
      case 'legRinging':
      case 'legsTalking':
      case 'legsApart':
        return;
    }
  }

  /** Rings a reserved seat for a waiting call. The reservation is released if the call no longer waits. */
  offer(callId: string, seatId: string, token: string, reason: OfferReason): void {
    const call = this.calls.get(callId);
    if (!call) return this.settleSeat(seatId, token, 'release');
    const offer = this.newOffer(call, seatId, token, reason);
    this.ringing(call, offer.legId, { kind: 'offered', offer, at: offer.offeredAt });
  }

  /** The ringing leg went away while nobody watched and nobody knows why: whatever it was rung for is taken back. */
  withdraw(legId: string): void {
    this.input(legId, { kind: 'ringFailed', legId, outcome: 'withdrawn', at: this.now() });
    this.callOfLeg.delete(legId);
  }

  /**
   * A wish of an agent in the call. The seat that owns it may all; another seat in it may mute itself and leave.
   * Refused `wrong-state` for a call that is not this seat's.
   */
  command(callId: string, seatId: string, wish: AgentWish): void {
    const call = this.calls.get(callId);
    const at = this.now();
    const party = call?.parties.find(({ seat }) => seat?.seatId === seatId);
    if (call && party && wish.kind === 'mute') return this.advance(call, { ...wish, seatId, at });
    if (call && party && (wish.kind === 'hangUp' || wish.kind === 'leave'))
      return this.advance(call, { kind: 'drop', legId: party.legId, at });
    if (!call || call.talk?.seatId !== seatId) throw notHere(callId);
    if (wish.kind === 'drop' && call.parties.some(({ legId, barged }) => barged && legId === wish.legId))
      throw new HotlineError('wrong-state', '不能请出强插的班长', { callId });
    this.advance(call, wish.kind === 'mute' ? { ...wish, seatId, at } : { ...wish, at });
  }

  /**
   * Rings another seat or somebody outside for the call this seat owns. A seat is reserved first, in one atomic step.
   * Refused `wrong-state` when the call is not this seat's, somebody is rung already, or the other seat is not free.
   */
  async invite(
    callId: string,
    by: string,
    purpose: Exclude<InvitePurpose, 'overflow'>,
    target: { seatId: string } | { outside: Outside },
    words: string,
  ): Promise<void> {
    const call = this.owned(callId, by);
    if (call.invite) throw new HotlineError('wrong-state', '正在呼叫另一方，请稍候或先取消', { callId });
    const seat = 'seatId' in target ? await this.reserved(call, target.seatId) : null;
    const at = this.now();
    if (purpose === 'transfer' && seat) return this.handOver(callId, by, seat, words);
    const party: Party = {
      legId: `party-${randomUUID()}`,
      name: 'seatId' in target ? (this.deps.seats.name(target.seatId) ?? '') : target.outside.name,
      seat,
      outside: 'outside' in target ? target.outside : null,
      since: at,
      muted: false,
      needsKey: seat !== null && this.needsKey(seat.seatId),
    };
    this.invited(callId, { purpose, party, pickedUpAt: null, by, words });
  }

  /** A waiting call tries a parallel line (M3); it goes on waiting when nobody answers there. */
  overflow(callId: string, outside: Outside, words: string): void {
    const { name } = outside;
    const party = {
      legId: `party-${randomUUID()}`,
      name,
      seat: null,
      outside,
      since: this.now(),
      muted: false,
      needsKey: false,
    };
    const invite: Invite = { purpose: 'overflow', party, pickedUpAt: null, by: null, words };
    if (this.calls.has(callId)) this.invited(callId, invite);
  }

  /** Passes the call of this seat on to a queue. */
  sendToQueue(callId: string, by: string, queue: string, words: string): void {
    const call = this.owned(callId, by);
    this.advance(call, { kind: 'queued', queue, handover: { from: by, words }, at: this.now() });
    if (this.calls.get(callId)?.talk?.seatId === by)
      throw new HotlineError('wrong-state', '当前状态不能转接', { callId });
  }

  /** A supervisor's leg that is up comes into the talk. */
  bargeIn(callId: string, party: Party): void {
    const call = this.calls.get(callId);
    if (!call) return this.hangUpStray(party.legId);
    this.callOfLeg.set(party.legId, callId);
    this.advance(call, { kind: 'bargedIn', party, at: this.now() });
  }

  /**
   * An agent's own call: his seat rings first, then the number is dialled. Returns the call's id. Refused `wrong-state`
   * while he is in a call or his phone cannot be reached.
   */
  async callOut(seatId: string, placed: PlacedCall): Promise<string> {
    const call = this.newPlaced(placed);
    const token = randomUUID();
    const taken = await this.deps.seats.callOut(seatId, call.callId, token, this.now() + this.deps.leaseMs);
    if (!taken) throw new HotlineError('wrong-state', '当前状态不能外呼', { seatId });
    this.place(call);
    const reason: OfferReason = {
      rule: 'own-call',
      words: '坐席主动外呼',
      idleSeconds: 0,
      waitingRank: 0,
      passedOver: [],
    };
    this.offer(call.callId, seatId, token, reason);
    return call.callId;
  }

  /** A callback takes its place in the queue: it is offered to a seat like a caller. Returns the call's id. */
  callBack(placed: PlacedCall): string {
    const call = this.newPlaced(placed);
    this.place(call);
    return call.callId;
  }

  /** Takes a placed call that still waits out of the queue (the citizen has called in himself, or it is night). */
  withdrawPlaced(callId: string): void {
    const call = this.calls.get(callId);
    if (call && call.direction === 'callback' && isWaiting(call))
      this.advance(call, { kind: 'hangUp', at: this.now() });
  }

  /** Every second: time limits and announcements. `outlook` says what a waiting call may be told. */
  tick(outlook: (call: Call) => { before: number; estimateMs: number | null; noSeat: boolean }): void {
    for (const call of this.live()) {
      this.advance(call, { kind: 'tick', ...outlook(call), at: this.now() });
    }
    this.steps.writeNotes();
  }

  /**
   * Takes over a call found on the switch after a restart, with its seat's leg if there is one. The note on the leg may
   * be a moment old: what the switch says of the legs goes before it.
   */
  adopt(noted: Call, found: LegSnapshot, seatLeg: LegSnapshot | null): void {
    const call = structuredClone(noted);
    const note = seatLeg ? readNote(seatLeg.data) : null;
    if (note?.role === 'seat' && !call.talk && !call.rescue) {
      const offer = call.offer?.legId === note.offer.legId ? call.offer : note.offer;
      call.attempts = Math.max(call.attempts, offer.attempt);
      if (found.talkId !== null && found.talkId === seatLeg?.talkId) {
        const { seatId, legId, token, needsKey } = offer;
        const since = offer.answeredAt ?? this.now();
        Object.assign(call, { offer: null, noticeHeard: true, intake: 'queued', promptId: null });
        call.talk = { seatId, legId, token, since, held: false, heldSince: null, muted: false, needsKey };
      } else call.offer = offer;
    }
    this.calls.set(call.callId, call);
    for (const { legId } of legsOf(call)) this.callOfLeg.set(legId, call.callId);
    void this.deps.index.put(call).catch(() => undefined);
    this.deps.log.info({ callId: call.callId }, 'call taken over');
  }

  /** Says again on the switch what should be so (after a lost link or a restart). */
  resync(callId: string, legs: readonly LegSnapshot[]): void {
    const call = this.calls.get(callId);
    if (!call) return;
    const inTalk = (legId: string) => legs.some((leg) => leg.legId === legId && leg.talkId === callId);
    const talking = legsOf(call).filter(({ place }) => place === 'talk');
    this.advance(call, {
      kind: 'resync',
      together: talking.every(({ legId }) => inTalk(legId)),
      at: this.now(),
    });
  }

  /** Writes the index anew after Redis was emptied. */
  async rewriteIndex(): Promise<void> {
    await Promise.all(this.live().map((call) => this.deps.index.put(call)));
  }

  /** Resolves when every step asked for so far has been carried out. */
  async settled(): Promise<void> {
    this.deps.giveWay.catchUp();
    await this.steps.settled();
  }

  private arrive(leg: ArrivedLeg, at: Date): void {
    if (leg.side === 'phone') {
      // Phones dial only through the service (DESIGN §9); a number dialled on the phone itself is refused.
      void this.deps.switch.hangUp(leg.legId, 'not-allowed').catch(() => undefined);
      return;
    }
    if (this.callOfLeg.has(leg.legId)) return;
    const { facts, ...matched } = this.deps.matchLine(leg, at);
    const call: Call = {
      ...NOTHING_YET,
      ...matched,
      parties: [],
      callId: randomUUID(),
      direction: 'inbound',
      citizen: 'up',
      citizenLeg: leg.legId,
      dialTo: null,
      about: { ticketId: null, callbackId: null },
      line: facts,
      callerName: leg.callerName,
      callerHidden: leg.callerHidden || leg.callerNumber === null,
      arrivedAt: at.getTime(),
    };
    this.callOfLeg.set(leg.legId, call.callId);
    this.calls.set(call.callId, call);
    this.steps.inLane([leg.legId], () => new Promise((resolve) => setTimeout(resolve, GIVE_WAY_MS)));
    this.advance(call, { kind: 'arrived', at: at.getTime() });
  }

  private owned(callId: string, seatId: string): Call {
    const call = this.calls.get(callId);
    if (!call || call.talk?.seatId !== seatId) throw notHere(callId);
    return call;
  }

  private async reserved(call: Call, seatId: string): Promise<{ seatId: string; token: string }> {
    const token = randomUUID();
    const until = this.now() + this.deps.leaseMs;
    if (await this.deps.seats.reserve(seatId, call.callId, token, until)) return { seatId, token };
    throw new HotlineError('wrong-state', '对方坐席现在不空闲', { seatId });
  }

  private handOver(
    callId: string,
    from: string,
    seat: { seatId: string; token: string },
    words: string,
  ): void {
    const call = this.calls.get(callId);
    if (!call) return this.settleSeat(seat.seatId, seat.token, 'release');
    const reason: OfferReason = {
      rule: 'transfer',
      words: words || '坐席转接',
      idleSeconds: 0,
      waitingRank: 0,
      passedOver: [],
    };
    const offer = this.newOffer(call, seat.seatId, seat.token, reason);
    this.ringing(call, offer.legId, { kind: 'handedOver', offer, handover: { from, words }, at: this.now() });
    if (!this.callOfLeg.has(offer.legId))
      throw new HotlineError('wrong-state', '当前状态不能转接', { callId });
  }

  private invited(callId: string, invite: Invite): void {
    const call = this.calls.get(callId);
    const { legId, seat } = invite.party;
    if (!call) return seat ? this.settleSeat(seat.seatId, seat.token, 'release') : undefined;
    this.ringing(call, legId, { kind: 'invited', invite, at: this.now() });
    if (!this.callOfLeg.has(legId) && invite.purpose !== 'overflow')
      throw new HotlineError('wrong-state', '当前状态不能呼叫另一方', { callId });
  }

  /** Advances a call by an input that has a leg rung; where the call did not want it, the leg is not its own. */
  private ringing(call: Call, legId: string, input: CallInput): void {
    this.callOfLeg.set(legId, call.callId);
    this.advance(call, input);
    if (!this.isOfCall(legId)) this.callOfLeg.delete(legId);
  }

  private newOffer(call: Call, seatId: string, token: string, reason: OfferReason): Offer {
    const attempt = call.attempts + 1;
    const legId = `seat-${randomUUID()}`;
    return {
      ...{ seatId, legId, token, attempt, offeredAt: this.now(), answeredAt: null, reason },
      ...{ needsKey: this.needsKey(seatId), pickedUpAt: null },
    };
  }

  /** Whether the seat is an ordinary telephone, which a voice mailbox might answer. */
  private needsKey(seatId: string): boolean {
    const dialled = this.deps.seats.dialled(seatId);
    return dialled !== null && 'number' in dialled;
  }

  private newPlaced(placed: PlacedCall): Call {
    return {
      ...NOTHING_YET,
      ...placed,
      parties: [],
      callId: randomUUID(),
      citizen: 'toDial',
      citizenLeg: `citizen-${randomUUID()}`,
      menu: [],
      callerName: '',
      callerHidden: false,
      dialled: placed.dialTo,
      diversions: [],
      arrivedAt: this.now(),
    };
  }

  private place(call: Call): void {
    this.callOfLeg.set(call.citizenLeg, call.callId);
    this.calls.set(call.callId, call);
    this.advance(call, { kind: 'placed', at: this.now() });
  }

  private input(legId: string, input: CallInput): void {
    const call = this.callOf(legId);
    if (call) this.advance(call, input);
  }

  private callOf(legId: string): Call | undefined {
    return this.calls.get(this.callOfLeg.get(legId) ?? '');
  }

  /** Whether a live call wants this leg now; the leg of an offer that has ended belongs to nobody. */
  private isOfCall(legId: string): boolean {
    const call = this.callOf(legId);
    return call !== undefined && legsOf(call).some((leg) => leg.legId === legId);
  }

  private advance(before: Call, input: CallInput): void {
    // What was postponed tells of the call as it is until now; but ringing goes before telling.
    if (input.kind !== 'arrived' && input.kind !== 'offered') this.deps.giveWay.catchUp();
    const { call, steps, events } = advance(before, input, this.deps.policy);
    if (call.ended && !before.ended) this.forget(call);
    else this.calls.set(call.callId, call);
    // Ringing goes before everything else; what is needed to take the ring over stands on its own leg.
    if (isWaiting(call) && !isWaiting(before)) this.deps.onWaiting?.();
    for (const step of steps) {
      if (step.do === 'dialAgain') this.callOfLeg.set(step.legId, call.callId);
      if (RINGS.has(step.do)) this.steps.carryOut(call, step);
    }
    const rest = () => {
      // Journaled before all else: no call is known to a service that takes over and not to the journal.
      for (const event of events) this.deps.journal.append(event);
      // Written ahead: a service that takes over now finds what is to be, and makes it so.
      if (steps.length || events.length) this.remember(this.calls.get(call.callId) ?? call);
      for (const step of steps) if (!RINGS.has(step.do)) this.steps.carryOut(call, step);
      for (const event of events) this.deps.announce(event);
    };
    if (input.kind === 'arrived') return this.deps.giveWay.postpone(rest);
    // A ring is under way: a service that takes over now must find its call.
    this.deps.giveWay.catchUp();
    rest();
  }

  private forget(call: Call): void {
    this.calls.delete(call.callId);
    this.ended.add(call.callId);
    if (this.ended.size > REMEMBER_ENDED) this.ended.delete(this.ended.values().next().value ?? '');
  }

  private remember(call: Call): void {
    call.version += 1;
    this.steps.note(call);
    const stored = call.ended ? this.deps.index.remove(call.callId) : this.deps.index.put(call);
    stored.catch((fault: unknown) =>
      this.deps.log.warn({ callId: call.callId, fault: String(fault) }, 'call index not written'),
    );
  }

  /** A leg answered for nobody: its caller left while it rang. Nobody shall hear silence. */
  private hangUpStray(legId: string): void {
    this.steps.inLane([legId], () => this.deps.switch.hangUp(legId, 'normal'));
  }

  private settleSeat(seatId: string, token: string, move: SeatStep): void {
    this.steps.settleSeat({ seatId, token, move });
  }

  private now(): number {
    return this.deps.clock.now().getTime();
  }
}

function notHere(callId: string): HotlineError {
  return new HotlineError('wrong-state', '该通话不在本坐席', { callId });
}
