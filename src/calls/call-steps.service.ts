import { HotlineError } from '../errors';
import type { CallControl, DialRequest, Outcome } from '../telephony/call-control';
import { anchorLeg, type Call, type LegNote } from './call';
import type { CallInput } from './call-machine';
import type { CallPolicy, SeatStep, Step } from './call-turn';

interface Deps {
  switch: CallControl;
  seats: {
    dialled(seatId: string): DialRequest['to'] | null;
    settle(seatId: string, token: string, how: SeatStep): Promise<unknown>;
  };
  /** What a ringing seat's phone shows. */
  callerShown(call: Call): { number: string; name: string };
  /** The number that citizens and outside parties see when the hotline calls. */
  ownNumber: string;
  /** What a parallel line's exchange is told of a call that goes there. */
  shownToLine(call: Call, lineId: string): Pick<DialRequest, 'callerNumber' | 'context'>;
  policy: Pick<CallPolicy, 'offerMs' | 'remoteOfferMs' | 'outsideMs'>;
  now(): number;
  /** What came of a step. */
  input(legId: string, input: CallInput): void;
  /** Whether the leg belongs to a live call. */
  lives(legId: string): boolean;
  forgetLeg(legId: string): void;
  log: { warn(facts: object, words: string): void };
}

/** Steps that ring somebody go before all others. */
export const RINGS: ReadonlySet<Step['do']> = new Set(['dial', 'dialAgain', 'dialParty', 'dialCitizen']);
/** The switch gives up ringing this long after the service should have: a safety net. */
const SAFETY_SECONDS = 10;

/** Carries out what the call machine asks for: the steps of each leg one after another, and the notes on the legs. */
export class CallSteps {
  private readonly lanes = new Map<string, Promise<unknown>>();
  private readonly noted = new Map<string, string>();

  constructor(private readonly deps: Deps) {}

  /** Resolves when every step asked for so far has been carried out. */
  async settled(): Promise<void> {
    await Promise.all(this.lanes.values());
  }

  carryOut(call: Call, step: Step): void {
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
      case 'record':
        return this.inLane([step.legId], () => port.record(step.legId, step.recordingId));
      case 'endRecording':
        return this.inLane([call.citizenLeg], () => port.endRecording(step.recordingId));
      case 'seat':
        return this.settleSeat(step);
      case 'dial':
      case 'dialAgain':
      case 'dialParty':
      case 'dialCitizen':
        return this.ring(call, step);
    }
  }

  settleSeat({ seatId, token, move }: { seatId: string; token: string; move: SeatStep }): void {
    this.deps.seats
      .settle(seatId, token, move)
      .catch((fault: unknown) =>
        this.deps.log.warn({ seatId, fault: String(fault) }, 'seat not settled; the reconciler will'),
      );
  }

  /** Notes the call on its anchor leg, after everything asked of that leg before. */
  note(call: Call): void {
    const anchor = anchorLeg(call) ?? (call.citizen === 'toDial' ? null : call.citizenLeg);
    if (anchor === null) return;
    const note: LegNote = { role: 'call', call };
    this.noted.set(anchor, JSON.stringify(note));
    this.inLane([anchor], () => this.writeNote(anchor));
  }

  /** Tries the notes again that the switch did not take. */
  writeNotes(): void {
    for (const legId of this.noted.keys()) this.inLane([legId], () => this.writeNote(legId));
  }

  /** Runs work after everything asked of these legs before; a fault is told and does not stop what follows. */
  inLane(legIds: readonly string[], work: () => Promise<unknown>): void {
    const before = Promise.all(legIds.map((legId) => this.lanes.get(legId)));
    const done = before
      .then(work)
      .catch((fault: unknown) => this.deps.log.warn({ legIds, fault: String(fault) }, 'switch step failed'));
    for (const legId of legIds) this.lanes.set(legId, done);
    void done.then(() => {
      for (const legId of legIds) if (this.lanes.get(legId) === done) this.lanes.delete(legId);
    });
  }

  /** Writes the newest note; one that the switch does not take is kept for the next tick. */
  private async writeNote(legId: string): Promise<Outcome> {
    const text = this.noted.get(legId);
    if (text === undefined) return 'done';
    this.noted.delete(legId);
    try {
      return await this.deps.switch.remember(legId, text);
    } catch (fault) {
      if (this.deps.lives(legId) && !this.noted.has(legId)) this.noted.set(legId, text);
      throw fault;
    }
  }

  private async play({ legId, promptId, sounds }: Extract<Step, { do: 'play' }>): Promise<Outcome> {
    const refused = () => this.deps.input(legId, { kind: 'promptRefused', promptId, at: this.deps.now() });
    try {
      const outcome = await this.deps.switch.play(legId, promptId, sounds);
      if (outcome === 'gone') refused();
      return outcome;
    } catch (fault) {
      refused();
      throw fault;
    }
  }

  /** Begun at once: ringing waits for nothing. */
  private ring(
    call: Call,
    step: Extract<Step, { do: 'dial' | 'dialAgain' | 'dialParty' | 'dialCitizen' }>,
  ): void {
    const request = this.request(call, step);
    const work = this.dial(request.legId, request);
    this.inLane([request.legId], () => work);
  }

  private request(
    call: Call,
    step: Extract<Step, { do: 'dial' | 'dialAgain' | 'dialParty' | 'dialCitizen' }>,
  ): Omit<DialRequest, 'to'> & { to: DialRequest['to'] | null } {
    const { policy, ownNumber } = this.deps;
    const shown = this.deps.callerShown(call);
    const timeoutOf = (ms: number) => Math.ceil(ms / 1000) + SAFETY_SECONDS;
    const outside = {
      callerNumber: ownNumber,
      callerName: '',
      timeoutSeconds: timeoutOf(policy.outsideMs),
    };
    /** An ordinary telephone is called like anybody outside. */
    const atSeat = (seatId: string) => {
      const to = this.deps.seats.dialled(seatId);
      if (to && 'number' in to) return { ...outside, to, timeoutSeconds: timeoutOf(policy.remoteOfferMs) };
      const { number: callerNumber, name: callerName } = shown;
      return { callerNumber, callerName, timeoutSeconds: timeoutOf(policy.offerMs), to };
    };
    const note = (what: LegNote): string => JSON.stringify(what);
    const { callId } = call;
    switch (step.do) {
      case 'dial': {
        const { seatId, legId, reason } = step.offer;
        // All seats passed over are in the journal; the switch carries the note with every event of the leg.
        const offer = { ...step.offer, reason: { ...reason, passedOver: [] } };
        return { ...atSeat(seatId), legId, data: note({ role: 'seat', callId, offer }) };
      }
      case 'dialAgain':
        return {
          ...atSeat(step.seatId),
          legId: step.legId,
          data: note({ role: 'party', callId }),
        };
      case 'dialCitizen':
        return {
          ...outside,
          legId: step.legId,
          to: { number: step.number },
          data: note({ role: 'call', call }),
        };
      case 'dialParty': {
        const { legId, seat, outside: number } = step.invite.party;
        const data = note({ role: 'party', callId });
        if (seat) return { ...atSeat(seat.seatId), legId, data };
        const shownThere = number?.lineId
          ? { ...outside, ...this.deps.shownToLine(call, number.lineId) }
          : outside;
        return { ...shownThere, legId, to: number && { number: number.number }, data };
      }
    }
  }

  /** A phone that cannot be rung, or a switch that cannot be asked, is a ring that failed. */
  private async dial(legId: string, { to, ...request }: ReturnType<CallSteps['request']>): Promise<Outcome> {
    const failed = (outcome: 'unreachable' | 'withdrawn') => {
      this.deps.input(legId, { kind: 'ringFailed', legId, outcome, at: this.deps.now() });
      this.deps.forgetLeg(legId);
    };
    try {
      if (to === null) throw new HotlineError('wrong-state', '坐席已签出');
      const outcome = await this.deps.switch.dial({ ...request, to });
      if (outcome === 'gone') failed('unreachable');
      return outcome;
    } catch (fault) {
      // Never within the turn that had it rung.
      await Promise.resolve();
      failed('withdrawn');
      throw fault;
    }
  }
}
