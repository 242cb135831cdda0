import type { CallEvent, OfferOutcome } from '../events';
import { chosenQueue, nextStage, type IntakePlan, type IntakeStage } from '../intake/intake';
import { PROMPTS, positionPrompts } from '../intake/prompts';
import type { HangupCause } from '../telephony/hangup-cause';
import { isWaiting, type Call, type Offer } from './call';

/**
 * What happens to a call and what is done about it, as one pure function: (call, input) → call, steps, events.
 * The service carries the steps out, each leg's in order; it decides nothing.
 */
export type CallInput = { at: number } & (
  | { kind: 'arrived' }
  /** `completed` false: it was cut off or could not be heard. */
  | { kind: 'promptEnded'; promptId: string; completed: boolean }
  /** The switch did not take the prompt: it never began. */
  | { kind: 'promptRefused'; promptId: string }
  | { kind: 'digitPressed'; digit: string }
  | { kind: 'offered'; offer: Offer }
  | { kind: 'offerFailed'; legId: string; outcome: 'unreachable' | 'withdrawn' }
  | { kind: 'legAnswered'; legId: string }
  | { kind: 'legEnded'; legId: string; cause: HangupCause }
  | { kind: 'hold' }
  | { kind: 'resume' }
  | { kind: 'mute'; on: boolean }
  | { kind: 'hangUp' }
  /** Every second: time limits and announcements. `before` counts the callers ahead. */
  | { kind: 'tick'; before: number }
  /**
   * The switch was out of reach, or this service has just taken the call over: say again what should be so.
   * `together`: citizen and seat are in their talk on the switch, which must not be disturbed.
   */
  | { kind: 'resync'; together: boolean }
);

export type SeatStep = 'answered' | 'noAnswer' | 'release' | 'talkEnded' | 'phoneLost';

export type Step =
  | { do: 'answer'; legId: string }
  | { do: 'play'; legId: string; promptId: string; sounds: string[] }
  | { do: 'stopPrompt'; legId: string; promptId: string }
  | { do: 'music'; legId: string; on: boolean }
  | { do: 'dial'; offer: Offer }
  | { do: 'join'; talkId: string; legIds: [string, string] }
  | { do: 'part'; talkId: string; legId: string }
  | { do: 'mute'; legId: string; on: boolean }
  | { do: 'hangUp'; legId: string; cause: HangupCause }
  | { do: 'seat'; seatId: string; token: string; move: SeatStep };

export interface CallPolicy {
  notice: boolean;
  greeting: boolean;
  menu: boolean;
  ringWhileGreeting: boolean;
  offerMs: number;
  announceMs: number;
}

/** An event without the two fields that every event of this call shares. */
type Unsaid<E> = E extends CallEvent ? Omit<E, 'callId' | 'at'> : never;

export interface Advance {
  call: Call;
  steps: Step[];
  events: CallEvent[];
}

/** How often the notice is tried before a call goes on without it. */
const NOTICE_TRIES = 3;
/** How long after the menu's words a digit is awaited before the call goes on to its line's own queue. */
export const CHOICE_MS = 5000;

class Turn implements Advance {
  readonly steps: Step[] = [];
  readonly events: CallEvent[] = [];

  constructor(
    readonly call: Call,
    readonly at: number,
    readonly policy: CallPolicy,
  ) {}

  step(step: Step): void {
    this.steps.push(step);
  }

  say(event: Unsaid<CallEvent>): void {
    this.events.push({ ...event, callId: this.call.callId, at: new Date(this.at) } as CallEvent);
  }

  get plan(): IntakePlan {
    return {
      notice: this.policy.notice && !this.call.noticeHeard,
      greeting: this.policy.greeting,
      menu: this.policy.menu && this.call.menu.length > 0,
    };
  }
}

/** Advances a call by one input. The call given is not changed; inputs that no longer apply change nothing. */
export function advance(before: Call, input: CallInput, policy: CallPolicy): Advance {
  const turn = new Turn(structuredClone(before), input.at, policy);
  if (before.ended) return turn;
  switch (input.kind) {
    case 'arrived':
      arrive(turn);
      break;
    case 'promptEnded':
      if (turn.call.promptId === input.promptId) promptEnded(turn, input.completed);
      break;
    case 'promptRefused':
      if (turn.call.promptId === input.promptId) promptRefused(turn);
      break;
    case 'digitPressed':
      digitPressed(turn, input.digit);
      break;
    case 'offered':
      offered(turn, input.offer);
      break;
    case 'offerFailed':
      if (turn.call.offer?.legId === input.legId) endOffer(turn, input.outcome, null);
      break;
    case 'legAnswered':
      if (turn.call.offer?.legId === input.legId) seatAnswered(turn, turn.call.offer);
      break;
    case 'legEnded':
      legEnded(turn, input.legId, input.cause);
      break;
    case 'hold':
      hold(turn);
      break;
    case 'resume':
      resume(turn);
      break;
    case 'mute':
      mute(turn, input.on);
      break;
    case 'hangUp':
      end(turn, 'seat', 'normal');
      break;
    case 'tick':
      tick(turn, input.before);
      break;
    case 'resync':
      resync(turn, input.together);
      break;
  }
  return turn;
}

function arrive(turn: Turn): void {
  const { call } = turn;
  const { line, callerNumber, callerName, dialled, diversions } = call;
  turn.say({ kind: 'callArrived', line, callerNumber, callerName, dialled, diversions });
  turn.step({ do: 'answer', legId: call.citizenLeg });
  if (!turn.policy.notice) call.noticeHeard = true;
  if (turn.policy.ringWhileGreeting && !turn.plan.menu) joinQueue(turn);
  enter(turn, nextStage('arrived', turn.plan));
}

function joinQueue(turn: Turn): void {
  const { call } = turn;
  if (call.waitingSince !== null) return;
  call.waitingSince = turn.at;
  turn.say({ kind: 'callWaiting', queue: call.line.queue, priority: call.priority });
}

function enter(turn: Turn, stage: IntakeStage): void {
  const { call } = turn;
  call.intake = stage;
  if (stage === 'notice') play(turn, [PROMPTS.recordedNotice]);
  if (stage === 'greeting') play(turn, [call.greetingSound]);
  if (stage === 'menu') play(turn, [`menu-${call.line.lineId}`]);
  if (stage === 'queued') {
    joinQueue(turn);
    turn.step({ do: 'music', legId: call.citizenLeg, on: true });
  }
}

function play(turn: Turn, sounds: string[]): void {
  const { call } = turn;
  call.promptCount += 1;
  call.promptId = `${call.callId}-${call.promptCount}`;
  turn.step({ do: 'play', legId: call.citizenLeg, promptId: call.promptId, sounds });
}

/** A notice that was cut off is played again; one that cannot be played (no recording) must not keep everybody out. */
function promptEnded(turn: Turn, completed: boolean): void {
  const { call } = turn;
  call.promptId = null;
  if (call.intake === 'notice') {
    if (!completed && call.promptCount < NOTICE_TRIES) return enter(turn, 'notice');
    call.noticeHeard = true;
    if (completed) turn.say({ kind: 'noticeHeard' });
    if (call.offer?.answeredAt) return connect(turn, call.offer);
  }
  if (call.talk) return;
  if (call.intake === 'queued') turn.step({ do: 'music', legId: call.citizenLeg, on: true });
  // A menu without a recording offers nothing: the call goes on at once.
  else if (call.intake === 'menu' && completed) call.choiceUntil = turn.at + CHOICE_MS;
  else enter(turn, nextStage(call.intake, turn.plan));
}

/** Nobody is left in silence: before the queue the next tick asks again, in the queue there is music meanwhile. */
function promptRefused(turn: Turn): void {
  const { call } = turn;
  call.promptId = null;
  if (call.intake === 'queued' && !call.talk) turn.step({ do: 'music', legId: call.citizenLeg, on: true });
}

function digitPressed(turn: Turn, digit: string): void {
  const { call } = turn;
  if (call.intake !== 'menu') return;
  const queue = chosenQueue(call.menu, digit);
  if (queue === null) return;
  call.line = { ...call.line, queue };
  turn.say({ kind: 'digitsEntered', digits: digit });
  silence(turn);
  enter(turn, 'queued');
}

function offered(turn: Turn, offer: Offer): void {
  const { call } = turn;
  if (!isWaiting(call)) {
    turn.step({ do: 'seat', seatId: offer.seatId, token: offer.token, move: 'release' });
    return;
  }
  call.attempts = offer.attempt;
  call.offer = offer;
  const { seatId, legId, attempt, reason } = offer;
  turn.step({ do: 'dial', offer });
  turn.say({ kind: 'seatOffered', seatId, legId, attempt, reason });
}

/** The citizen always hears the recorded-call notice before the talk; the greeting gives way to the agent. */
function seatAnswered(turn: Turn, offer: Offer): void {
  if (offer.answeredAt) return;
  offer.answeredAt = turn.at;
  turn.step({ do: 'seat', seatId: offer.seatId, token: offer.token, move: 'answered' });
  turn.say({
    kind: 'offerEnded',
    seatId: offer.seatId,
    legId: offer.legId,
    outcome: 'answered',
    cause: null,
  });
  if (turn.call.noticeHeard) connect(turn, offer);
}

function connect(turn: Turn, offer: Offer): void {
  const { call } = turn;
  const { seatId, legId, token } = offer;
  silence(turn);
  call.intake = 'queued';
  call.offer = null;
  call.talk = { seatId, legId, token, since: turn.at, held: false, muted: false };
  turn.step({ do: 'join', talkId: call.callId, legIds: [call.citizenLeg, legId] });
  turn.say({ kind: 'talkStarted', seatId, legId });
}

function silence(turn: Turn): void {
  const { call } = turn;
  if (call.promptId) turn.step({ do: 'stopPrompt', legId: call.citizenLeg, promptId: call.promptId });
  call.promptId = null;
}

/** A seat that did not take the call: the caller keeps the place, the seat's state says what happened. */
function endOffer(turn: Turn, outcome: OfferOutcome, cause: HangupCause | null): void {
  const { call } = turn;
  const offer = call.offer;
  if (!offer) return;
  call.offer = null;
  const { seatId, legId, token } = offer;
  turn.step({ do: 'seat', seatId, token, move: offer.answeredAt ? 'talkEnded' : SEAT_AFTER[outcome] });
  // An answered offer has been told already; what ends now is the short time before the talk.
  if (!offer.answeredAt) turn.say({ kind: 'offerEnded', seatId, legId, outcome, cause });
}

const SEAT_AFTER: Record<OfferOutcome, SeatStep> = {
  answered: 'talkEnded',
  'no-answer': 'noAnswer',
  rejected: 'noAnswer',
  unreachable: 'phoneLost',
  lost: 'phoneLost',
  'caller-gone': 'release',
  withdrawn: 'release',
};

const OUTCOME_OF: Partial<Record<HangupCause, OfferOutcome>> = {
  busy: 'rejected',
  rejected: 'rejected',
  normal: 'rejected',
  'no-answer': 'no-answer',
  'no-user-response': 'no-answer',
};

function legEnded(turn: Turn, legId: string, cause: HangupCause): void {
  const { call } = turn;
  if (legId === call.citizenLeg) return end(turn, 'citizen', cause);
  if (legId === call.talk?.legId) return end(turn, 'seat', cause);
  if (legId === call.offer?.legId) endOffer(turn, OUTCOME_OF[cause] ?? 'unreachable', cause);
}

/** Ends the call for everybody: whoever is still there is hung up, and the seat goes to wrap-up or back to ready. */
function end(turn: Turn, endedBy: 'citizen' | 'seat' | 'system', cause: HangupCause): void {
  const { call } = turn;
  const seatLeg = call.talk?.legId ?? call.offer?.legId;
  if (seatLeg) turn.step({ do: 'hangUp', legId: seatLeg, cause: 'normal' });
  if (endedBy !== 'citizen') turn.step({ do: 'hangUp', legId: call.citizenLeg, cause: 'normal' });
  endOffer(turn, 'caller-gone', cause);
  if (call.talk) {
    const { seatId, token } = call.talk;
    turn.step({ do: 'seat', seatId, token, move: 'talkEnded' });
    turn.say({ kind: 'talkEnded', seatId });
    call.talk = null;
  }
  call.ended = true;
  turn.say({ kind: 'callEnded', endedBy, cause });
}

function hold(turn: Turn): void {
  const { call } = turn;
  if (!call.talk || call.talk.held) return;
  call.talk.held = true;
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  turn.step({ do: 'music', legId: call.citizenLeg, on: true });
  turn.say({ kind: 'callHeld', seatId: call.talk.seatId });
}

function resume(turn: Turn): void {
  const { call } = turn;
  if (!call.talk?.held) return;
  call.talk.held = false;
  turn.step({ do: 'join', talkId: call.callId, legIds: [call.citizenLeg, call.talk.legId] });
  turn.say({ kind: 'callResumed', seatId: call.talk.seatId });
}

function mute(turn: Turn, on: boolean): void {
  const { talk } = turn.call;
  if (!talk || talk.muted === on) return;
  talk.muted = on;
  turn.step({ do: 'mute', legId: talk.legId, on });
  turn.say({ kind: 'callMuted', seatId: talk.seatId, on });
}

function tick(turn: Turn, before: number): void {
  const { call, at, policy } = turn;
  const offer = call.offer;
  if (offer && !offer.answeredAt && at - offer.offeredAt >= policy.offerMs) {
    turn.step({ do: 'hangUp', legId: offer.legId, cause: 'no-answer' });
    endOffer(turn, 'no-answer', 'no-answer');
  }
  if (call.talk || call.promptId) return;
  if (call.intake === 'menu' && call.choiceUntil !== null) {
    if (at >= call.choiceUntil) enter(turn, nextStage('menu', turn.plan));
    return;
  }
  if (call.intake !== 'queued') return enter(turn, call.intake);
  if (!isWaiting(call)) return;
  const first = call.announcedAt === null;
  if (call.announcedAt !== null && at - call.announcedAt < policy.announceMs) return;
  call.announcedAt = at;
  turn.step({ do: 'music', legId: call.citizenLeg, on: false });
  play(turn, [...(first ? [PROMPTS.queueWait] : []), ...positionPrompts(before)]);
}

/** Says again what the citizen should hear: nothing here is remembered by the switch for us. */
function resync(turn: Turn, together: boolean): void {
  const { call } = turn;
  if (call.talk) {
    const { legId, held } = call.talk;
    if (held) {
      turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
      turn.step({ do: 'music', legId: call.citizenLeg, on: true });
    } else if (!together) turn.step({ do: 'join', talkId: call.callId, legIds: [call.citizenLeg, legId] });
    return;
  }
  turn.step({ do: 'answer', legId: call.citizenLeg });
  call.promptId = null;
  if (!call.noticeHeard) enter(turn, 'notice');
  else if (call.offer?.answeredAt) connect(turn, call.offer);
  else enter(turn, 'queued');
}
