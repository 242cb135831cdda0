import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { CallEvent, HotlineEvent, LineFacts, OfferReason } from '../events';
import type { MenuChoice } from '../intake/intake';
import type { Clock } from '../platform/clock';
import type { WaitingCall } from '../routing/waiting-line';
import type { ArrivedLeg, CallControl, LegSnapshot, Outcome, SwitchEvent } from '../telephony/call-control';
import { isWaiting, readNote, type Call, type LegNote, type Offer } from './call';
import type { CallIndexStore } from './call-index.store';
import { advance, type CallInput, type CallPolicy, type SeatStep, type Step } from './call-machine';

/** What the line that was matched gives to a call. */
export interface MatchedLine {
  facts: LineFacts;
  greetingSound: string;
  priority: number;
  menu: MenuChoice[];
  /** The caller's number and the others, normalised. */
  callerNumber: string | null;
  dialled: string;
  diversions: string[];
}

interface Deps {
  switch: CallControl;
  matchLine(leg: ArrivedLeg, at: Date): MatchedLine;
  seats: {
    account(seatId: string): string | null;
    settle(seatId: string, token: string, how: SeatStep): Promise<unknown>;
    heardPhone(account: string, reachable: boolean): Promise<void>;
  };
  /** What the ringing phone shows. */
  callerShown(call: Call): { number: string; name: string };
  journal: { append(event: CallEvent): void };
  index: CallIndexStore;
  announce(event: HotlineEvent): void;
  /** A call has begun to wait (again): told before all else. */
  onWaiting?(): void;
  clock: Clock;
  policy: CallPolicy;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/** Answering, notes and news of a call that arrives wait this long: ringing a seat goes first, and both cost the switch time. */
const GIVE_WAY_MS = 8;
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
  private readonly lanes = new Map<string, Promise<unknown>>();
  private readonly noted = new Map<string, string>();
  private readonly postponed: (() => void)[] = [];

  constructor(private readonly deps: Deps) {}

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
      .map(({ callId, line, priority, waitingSince }) => ({
        callId,
        queue: line.queue,
        priority,
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
        this.arrive(event.leg, event.at);
        break;
      case 'legAnswered':
        this.input(event.legId, { kind: 'legAnswered', legId: event.legId, at });
        if (!this.isOfCall(event.legId)) this.hangUpStray(event.legId);
        break;
      case 'promptEnded':
        this.input(event.legId, {
          kind: 'promptEnded',
          promptId: event.promptId,
          completed: event.completed,
          at,
        });
        break;
      case 'digitPressed':
        this.input(event.legId, { kind: 'digitPressed', digit: event.digit, at });
        break;
      case 'legEnded':
        this.input(event.legId, { kind: 'legEnded', legId: event.legId, cause: event.cause, at });
        this.callOfLeg.delete(event.legId);
        break;
      case 'phoneReachable':
        this.deps.seats
          .heardPhone(event.account, event.reachable)
          .catch((fault: unknown) =>
            this.deps.log.warn({ account: event.account, fault: String(fault) }, 'phone state not stored'),
          );
        break;
      case 'legRinging':
      case 'legsTalking':
      case 'legsApart':
        break;
    }
  }

  /** Rings a reserved seat for a waiting call. The reservation is released if the call no longer waits. */
  offer(callId: string, seatId: string, token: string, reason: OfferReason): void {
    const call = this.calls.get(callId);
    const at = this.now();
    const attempt = (call?.attempts ?? 0) + 1;
    const offer: Offer = {
      seatId,
      legId: `seat-${randomUUID()}`,
      token,
      attempt,
      offeredAt: at,
      answeredAt: null,
      reason,
    };
    if (!call) return this.settleSeat(seatId, token, 'release');
    this.callOfLeg.set(offer.legId, callId);
    this.advance(call, { kind: 'offered', offer, at });
    if (this.calls.get(callId)?.offer?.legId !== offer.legId) this.callOfLeg.delete(offer.legId);
  }

  /** The ringing leg went away while nobody watched and nobody knows why: the offer is taken back, the seat is ready again. */
  withdraw(legId: string): void {
    this.input(legId, { kind: 'offerFailed', legId, outcome: 'withdrawn', at: this.now() });
    this.callOfLeg.delete(legId);
  }

  /** A wish of the agent who talks. Refused `wrong-state` for a call that is not this seat's. */
  command(
    callId: string,
    seatId: string,
    wish: { kind: 'hold' | 'resume' | 'hangUp' } | { kind: 'mute'; on: boolean },
  ): void {
    const call = this.calls.get(callId);
    if (!call || call.talk?.seatId !== seatId)
      throw new HotlineError('wrong-state', '该通话不在本坐席', { callId });
    this.advance(call, { ...wish, at: this.now() });
  }

  /** Every second: time limits and announcements. `before` says how many callers are ahead of each. */
  tick(before: ReadonlyMap<string, number>): void {
    for (const call of this.live()) {
      this.advance(call, { kind: 'tick', before: before.get(call.callId) ?? 0, at: this.now() });
      // A note the switch did not take.
      if (this.noted.has(call.citizenLeg))
        this.inLane([call.citizenLeg], () => this.writeNote(call.citizenLeg));
    }
  }

  /**
   * Takes over a call found on the switch after a restart, with its seat's leg if there is one. The note on the leg may
   * be a moment old: what the switch says of the legs goes before it.
   */
  adopt(noted: Call, citizen: LegSnapshot, seatLeg: LegSnapshot | null): void {
    const call = structuredClone(noted);
    const note = seatLeg ? readNote(seatLeg.data) : null;
    if (note?.role === 'seat' && !call.talk) {
      const offer = call.offer?.legId === note.offer.legId ? call.offer : note.offer;
      call.attempts = Math.max(call.attempts, offer.attempt);
      if (citizen.talkId !== null && citizen.talkId === seatLeg?.talkId) {
        const { seatId, legId, token } = offer;
        Object.assign(call, { offer: null, noticeHeard: true, intake: 'queued', promptId: null });
        call.talk = {
          seatId,
          legId,
          token,
          since: offer.answeredAt ?? this.now(),
          held: false,
          muted: false,
        };
      } else call.offer = offer;
    }
    this.calls.set(call.callId, call);
    for (const legId of [call.citizenLeg, call.talk?.legId, call.offer?.legId])
      if (legId) this.callOfLeg.set(legId, call.callId);
    void this.deps.index.put(call).catch(() => undefined);
    this.deps.log.info({ callId: call.callId }, 'call taken over');
  }

  /** Says again on the switch what should be so (after a lost link or a restart). */
  resync(callId: string, legs: readonly LegSnapshot[]): void {
    const call = this.calls.get(callId);
    if (!call) return;
    const inTalk = (legId: string | undefined) =>
      legs.some((leg) => leg.legId === legId && leg.talkId === callId);
    this.advance(call, {
      kind: 'resync',
      together: inTalk(call.citizenLeg) && inTalk(call.talk?.legId),
      at: this.now(),
    });
  }

  /** Writes the index anew after Redis was emptied. */
  async rewriteIndex(): Promise<void> {
    await Promise.all(this.live().map((call) => this.deps.index.put(call)));
  }

  /** Resolves when every step asked for so far has been carried out. */
  async settled(): Promise<void> {
    this.catchUp();
    await Promise.all(this.lanes.values());
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
      ...matched,
      callId: randomUUID(),
      citizenLeg: leg.legId,
      line: facts,
      callerName: leg.callerName,
      callerHidden: leg.callerHidden || leg.callerNumber === null,
      arrivedAt: at.getTime(),
      waitingSince: null,
      intake: 'arrived',
      noticeHeard: false,
      promptId: null,
      promptCount: 0,
      choiceUntil: null,
      announcedAt: null,
      attempts: 0,
      version: 0,
      offer: null,
      talk: null,
      ended: false,
    };
    this.callOfLeg.set(leg.legId, call.callId);
    this.calls.set(call.callId, call);
    this.inLane([leg.legId], () => new Promise((resolve) => setTimeout(resolve, GIVE_WAY_MS)));
    this.advance(call, { kind: 'arrived', at: at.getTime() });
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
    return call !== undefined && [call.citizenLeg, call.offer?.legId, call.talk?.legId].includes(legId);
  }

  private advance(before: Call, input: CallInput): void {
    const { call, steps, events } = advance(before, input, this.deps.policy);
    if (call.ended && !before.ended) this.forget(call);
    else this.calls.set(call.callId, call);
    // Ringing goes before everything else; what is needed to take the ring over stands on its own leg.
    if (isWaiting(call) && !isWaiting(before)) this.deps.onWaiting?.();
    for (const step of steps) if (step.do === 'dial') this.carryOut(call, step);
    const rest = () => {
      // Journaled before all else: no call is known to a service that takes over and not to the journal.
      for (const event of events) this.deps.journal.append(event);
      // Written ahead: a service that takes over now finds what is to be, and makes it so.
      if (steps.length || events.length) this.remember(this.calls.get(call.callId) ?? call);
      for (const step of steps) if (step.do !== 'dial') this.carryOut(call, step);
      for (const event of events) this.deps.announce(event);
    };
    if (input.kind === 'arrived') return this.postpone(rest);
    this.catchUp();
    rest();
  }

  /** What follows from an arrival waits until a seat rings, or anything else happens, or some milliseconds have passed. */
  private postpone(work: () => void): void {
    if (this.postponed.length === 0) setTimeout(() => this.catchUp(), GIVE_WAY_MS);
    this.postponed.push(work);
  }

  private catchUp(): void {
    for (const work of this.postponed.splice(0)) work();
  }

  private forget(call: Call): void {
    this.calls.delete(call.callId);
    this.ended.add(call.callId);
    if (this.ended.size > REMEMBER_ENDED) this.ended.delete(this.ended.values().next().value ?? '');
  }

  private remember(call: Call): void {
    call.version += 1;
    const note: LegNote = { role: 'citizen', call };
    this.noted.set(call.citizenLeg, JSON.stringify(note));
    this.inLane([call.citizenLeg], () => this.writeNote(call.citizenLeg));
    const stored = call.ended ? this.deps.index.remove(call.callId) : this.deps.index.put(call);
    stored.catch((fault: unknown) =>
      this.deps.log.warn({ callId: call.callId, fault: String(fault) }, 'call index not written'),
    );
  }

  /** Writes the newest note; one that the switch does not take is kept for the next tick. */
  private async writeNote(legId: string): Promise<Outcome> {
    const text = this.noted.get(legId);
    if (text === undefined) return 'done';
    this.noted.delete(legId);
    try {
      return await this.deps.switch.remember(legId, text);
    } catch (fault) {
      if (this.callOf(legId) && !this.noted.has(legId)) this.noted.set(legId, text);
      throw fault;
    }
  }

  private carryOut(call: Call, step: Step): void {
    const { switch: port } = this.deps;
    switch (step.do) {
      case 'answer':
        return this.inLane([step.legId], () => port.answer(step.legId));
      case 'play':
        return this.inLane([step.legId], () => this.play(step));
      case 'stopPrompt':
        return this.inLane([step.legId], () => port.stopPrompt(step.promptId));
      case 'music':
        return this.inLane([step.legId], () => port.music(step.legId, step.on));
      case 'join':
        return this.inLane(step.legIds, () => port.join(step.talkId, step.legIds));
      case 'part':
        return this.inLane([step.legId], () => port.part(step.talkId, step.legId));
      case 'mute':
        return this.inLane([step.legId], () => port.mute(step.legId, step.on));
      case 'hangUp':
        return this.inLane([step.legId], () => port.hangUp(step.legId, step.cause));
      case 'dial':
        return this.atOnce(step.offer.legId, this.dial(call, step.offer));
      case 'seat':
        this.settleSeat(step.seatId, step.token, step.move);
    }
  }

  private settleSeat(seatId: string, token: string, how: SeatStep): void {
    this.deps.seats
      .settle(seatId, token, how)
      .catch((fault: unknown) =>
        this.deps.log.warn({ seatId, fault: String(fault) }, 'seat not settled; the reconciler will'),
      );
  }

  private async play({ legId, promptId, sounds }: Extract<Step, { do: 'play' }>): Promise<Outcome> {
    const refused = () => this.input(legId, { kind: 'promptRefused', promptId, at: this.now() });
    try {
      const outcome = await this.deps.switch.play(legId, promptId, sounds);
      if (outcome === 'gone') refused();
      return outcome;
    } catch (fault) {
      refused();
      throw fault;
    }
  }

  /** A phone that cannot be rung, or a switch that cannot be asked, is an offer that failed: the call goes on waiting. */
  private async dial(call: Call, offer: Offer): Promise<Outcome> {
    const { legId } = offer;
    const account = this.deps.seats.account(offer.seatId);
    const { number, name } = this.deps.callerShown(call);
    const note: LegNote = { role: 'seat', callId: call.callId, offer };
    const timeoutSeconds = Math.ceil(this.deps.policy.offerMs / 1000) + 10;
    const failed = (outcome: 'unreachable' | 'withdrawn') => {
      this.input(legId, { kind: 'offerFailed', legId, outcome, at: this.now() });
      this.callOfLeg.delete(legId);
    };
    try {
      if (account === null) throw new HotlineError('wrong-state', '坐席已签出');
      const data = JSON.stringify(note);
      const outcome = await this.deps.switch.dial({
        legId,
        to: { account },
        callerNumber: number,
        callerName: name,
        timeoutSeconds,
        data,
      });
      if (outcome === 'gone') failed('unreachable');
      return outcome;
    } catch (fault) {
      // Never within the turn that made the offer.
      await Promise.resolve();
      failed('withdrawn');
      throw fault;
    }
  }

  /** A leg answered for nobody: its caller left while it rang. Nobody shall hear silence. */
  private hangUpStray(legId: string): void {
    this.inLane([legId], () => this.deps.switch.hangUp(legId, 'normal'));
  }

  /** The beginning of a leg's lane: work begun already. */
  private atOnce(legId: string, work: Promise<unknown>): void {
    this.inLane([legId], () => work);
  }

  /** Runs work after everything asked of these legs before; a fault is told and does not stop what follows. */
  private inLane(legIds: readonly string[], work: () => Promise<unknown>): void {
    const before = Promise.all(legIds.map((legId) => this.lanes.get(legId)));
    const done = before
      .then(work)
      .catch((fault: unknown) => this.deps.log.warn({ legIds, fault: String(fault) }, 'switch step failed'));
    for (const legId of legIds) this.lanes.set(legId, done);
    void done.then(() => {
      for (const legId of legIds) if (this.lanes.get(legId) === done) this.lanes.delete(legId);
    });
  }

  private now(): number {
    return this.deps.clock.now().getTime();
  }
}
