import type { OfferOutcome } from '../events';
import { chosenQueue, nextStage, type IntakeStage } from '../intake/intake';
import { PROMPTS, positionPrompts, waitPrompts } from '../intake/prompts';
import type { HangupCause } from '../telephony/hangup-cause';
import { isWaiting, legsOf, type Call, type Handover, type Invite, type Offer, type Party } from './call';
import { askForKey, askForKeyAgain, inviteOverdue, offerOverdue, takenByKey } from './accept-key';
import {
  closingDigit,
  closingPromptEnded,
  closingResync,
  closingTick,
  finish,
  refuse,
  takeMessage,
  waitingDigit,
} from './call-closing';
import { end, endOffer, outcomeOf, removeParty } from './call-end';
import {
  bargedIn,
  citizenEnded,
  drop,
  handedOver,
  hold,
  inviteAnswered,
  invited,
  inviteEnded,
  leave,
  mute,
  partyLeft,
  queued,
  rejoin,
  rescued,
  rescueLegEnded,
  rescueTick,
  resume,
  talkLegEnded,
} from './call-parties';
import {
  joinedQueue,
  music,
  play,
  ringback,
  silence,
  stopRingback,
  Turn,
  type Advance,
  type CallPolicy,
} from './call-turn';

/**
 * What happens to a call and what is done about it, as one pure function: (call, input) → call, steps, events.
 * The service carries the steps out, each leg's in order; it decides nothing.
 */
export type CallInput = { at: number } & (
  | { kind: 'arrived' }
  /** A virtual caller: a callback that takes its place in the queue, or an agent's own call. */
  | { kind: 'placed' }
  /** `completed` false: it was cut off or could not be heard. */
  | { kind: 'promptEnded'; promptId: string; completed: boolean }
  /** The switch did not take the prompt: it never began. */
  | { kind: 'promptRefused'; promptId: string }
  | { kind: 'digitPressed'; legId: string; digit: string }
  | { kind: 'offered'; offer: Offer }
  | { kind: 'legAnswered'; legId: string }
  | { kind: 'legEnded'; legId: string; cause: HangupCause }
  /** A leg that was to be rung could not be (`unreachable`), or vanished unwatched (`withdrawn`). */
  | { kind: 'ringFailed'; legId: string; outcome: 'unreachable' | 'withdrawn' }
  | { kind: 'hold' }
  | { kind: 'resume' }
  | { kind: 'mute'; seatId: string; on: boolean }
  /** The agent ends the call for everybody. */
  | { kind: 'hangUp' }
  | { kind: 'invited'; invite: Invite }
  | { kind: 'handedOver'; offer: Offer; handover: Handover }
  | { kind: 'queued'; queue: string; handover: Handover }
  | { kind: 'bargedIn'; party: Party }
  | { kind: 'drop'; legId: string }
  /** `to`: the party's leg that is to own the call, when several could. */
  | { kind: 'leave'; to?: string }
  | { kind: 'rejoin' }
  /**
   * Every second: time limits and announcements. `before` counts the callers ahead, `estimateMs` is the wait to tell,
   * `noSeat`: nobody who could answer is signed in.
   */
  | { kind: 'tick'; before: number; estimateMs: number | null; noSeat: boolean }
  /**
   * The switch was out of reach, or this service has just taken the call over: say again what should be so.
   * `together`: whoever belongs into the talk is in it on the switch, which must not be disturbed.
   */
  | { kind: 'resync'; together: boolean }
);

/** How often the notice is tried before a call goes on without it. */
const NOTICE_TRIES = 3;

/** How long after the menu's words a digit is awaited before the call goes on to its line's own queue. */
export const CHOICE_MS = 5000;

/** Advances a call by one input. The call given is not changed; inputs that no longer apply change nothing. */
export function advance(before: Call, input: CallInput, policy: CallPolicy): Advance {
  const turn = new Turn(structuredClone(before), input.at, policy);
  if (!before.ended) apply(turn, input);
  return turn;
}

function apply(turn: Turn, input: CallInput): void {
  const { call } = turn;
  switch (input.kind) {
    case 'arrived':
      return arrive(turn);
    case 'placed':
      return placed(turn);
    case 'promptEnded':
      return call.promptId === input.promptId ? promptEnded(turn, input.completed) : undefined;
    case 'promptRefused':
      return call.promptId === input.promptId ? promptRefused(turn) : undefined;
    case 'digitPressed':
      if (input.legId === call.citizenLeg) return digitPressed(turn, input.digit);
      return takenByKey(turn, input.legId, input.digit) ? taken(turn, input.legId) : undefined;
    case 'offered':
      return offered(turn, input.offer);
    case 'legAnswered':
      return legAnswered(turn, input.legId);
    case 'legEnded':
      return legEnded(turn, input.legId, input.cause);
    case 'ringFailed':
      return ringFailed(turn, input.legId, input.outcome);
    case 'hold':
      return hold(turn);
    case 'resume':
      return resume(turn);
    case 'mute':
      return mute(turn, input.seatId, input.on);
    case 'hangUp':
      return hangUp(turn);
    case 'invited':
      return invited(turn, input.invite);
    case 'handedOver':
      return handedOver(turn, input.offer, input.handover) ? offered(turn, input.offer) : undefined;
    case 'queued':
      return queued(turn, input.queue, input.handover);
    case 'bargedIn':
      return bargedIn(turn, input.party);
    case 'drop':
      return drop(turn, input.legId);
    case 'leave':
      return leave(turn, input.to);
    case 'rejoin':
      return rejoin(turn);
    case 'tick':
      return tick(turn, input);
    case 'resync':
      return resync(turn, input.together);
  }
}

function announceArrival(turn: Turn): void {
  const { line, callerNumber, callerName, dialled, diversions, direction, about } = turn.call;
  turn.say({
    kind: 'callArrived',
    line,
    callerNumber,
    callerName,
    dialled,
    diversions,
    direction,
    about,
  });
}

function arrive(turn: Turn): void {
  const { call } = turn;
  announceArrival(turn);
  turn.step({ do: 'answer', legId: call.citizenLeg });
  if (call.nuisance) turn.say({ kind: 'callBlocked', ...call.nuisance });
  if (call.nuisance?.treatment === 'announce') return refuse(turn);
  receive(turn);
}

function receive(turn: Turn): void {
  const { call } = turn;
  if (!turn.policy.notice) call.noticeHeard = true;
  if (turn.policy.ringWhileGreeting && !turn.plan.menu) joinQueue(turn);
  enter(turn, nextStage('arrived', turn.plan));
}

/** A callback waits for a seat like a caller, with the time it has waited since; an agent's own call has its seat. */
function placed(turn: Turn): void {
  const { call } = turn;
  announceArrival(turn);
  if (!turn.policy.notice) call.noticeHeard = true;
  if (call.direction === 'callback') joinedQueue(turn);
}

function joinQueue(turn: Turn): void {
  const { call } = turn;
  if (call.waitingSince !== null) return;
  call.waitingSince = turn.at;
  joinedQueue(turn);
}

function enter(turn: Turn, stage: IntakeStage): void {
  const { call } = turn;
  call.intake = stage;
  if (stage === 'notice') play(turn, [PROMPTS.recordedNotice]);
  if (stage === 'greeting') play(turn, call.greeting);
  if (stage === 'menu') play(turn, [`menu-${call.line.lineId}`]);
  if (stage === 'queued') {
    joinQueue(turn);
    music(turn);
  }
}

/** A notice that was cut off is played again; one that cannot be played (no recording) must not keep everybody out. */
function promptEnded(turn: Turn, completed: boolean): void {
  const { call } = turn;
  call.promptId = null;
  if (call.closing) return closingPromptEnded(turn);
  if (call.intake === 'notice') {
    if (!completed && call.promptCount < NOTICE_TRIES) return enter(turn, 'notice');
    call.noticeHeard = true;
    if (completed) turn.say({ kind: 'noticeHeard' });
    if (call.offer?.answeredAt) return connect(turn, call.offer);
    if (call.talk) return together(turn);
  }
  if (call.talk) return;
  if (call.intake === 'queued') music(turn);
  // A menu without a recording offers nothing: the call goes on at once.
  else if (call.intake === 'menu' && completed) call.choiceUntil = turn.at + CHOICE_MS;
  else enter(turn, nextStage(call.intake, turn.plan));
}

/** Nobody is left in silence: before the queue the next tick asks again, in the queue there is music meanwhile. */
function promptRefused(turn: Turn): void {
  const { call } = turn;
  call.promptId = null;
  if (call.closing) return closingPromptEnded(turn);
  if (call.intake === 'queued' && !call.talk) music(turn);
}

function digitPressed(turn: Turn, digit: string): void {
  const { call } = turn;
  if (call.closing?.stage === 'refusal') return urgent(turn, digit);
  if (call.closing) return closingDigit(turn, digit);
  if (call.intake !== 'menu') return waitingDigit(turn, digit);
  const queue = chosenQueue(call.menu, digit);
  if (queue === null) return;
  call.line = { ...call.line, queue };
  turn.say({ kind: 'digitsEntered', digits: digit });
  silence(turn);
  enter(turn, 'queued');
}

/** Whoever is turned away and says by key that it is urgent is served like everybody else, and the agent is told. */
function urgent(turn: Turn, digit: string): void {
  const { call } = turn;
  if (digit !== '1' || !call.nuisance) return;
  call.nuisance = {
    ...call.nuisance,
    treatment: 'through',
    words: `${call.nuisance.words}；来电人按键表示情况紧急`,
  };
  turn.say({ kind: 'callBlocked', ...call.nuisance });
  silence(turn);
  call.closing = null;
  receive(turn);
}

function offered(turn: Turn, offer: Offer): void {
  const { call } = turn;
  const own = offer.reason.rule === 'own-call' && call.direction === 'outbound' && call.talk === null;
  if (!isWaiting(call) && !own) {
    turn.step({ do: 'seat', seatId: offer.seatId, token: offer.token, move: 'release' });
    return;
  }
  call.attempts = offer.attempt;
  call.offer = offer;
  const { seatId, legId, attempt, reason } = offer;
  turn.step({ do: 'dial', offer });
  turn.say({ kind: 'seatOffered', seatId, legId, attempt, reason });
}

function legAnswered(turn: Turn, legId: string): void {
  if (!askForKey(turn, legId)) taken(turn, legId);
}

/** Somebody who was rung has the call. */
function taken(turn: Turn, legId: string): void {
  const { call } = turn;
  if (call.offer?.legId === legId) return seatAnswered(turn, call.offer);
  if (call.invite?.party.legId === legId) return inviteAnswered(turn);
  if (call.rescue?.legId === legId) return rescued(turn);
  if (call.citizenLeg === legId && call.citizen === 'ringing') citizenAnswered(turn);
}

/** The citizen always hears the recorded-call notice before the talk; the greeting gives way to the agent. */
function seatAnswered(turn: Turn, offer: Offer): void {
  if (offer.answeredAt) return;
  offer.answeredAt = turn.at;
  const { seatId, legId, token } = offer;
  turn.step({ do: 'seat', seatId, token, move: 'answered' });
  turn.say({ kind: 'offerEnded', seatId, legId, outcome: 'answered', cause: null });
  if (turn.call.citizen === 'toDial') dialCitizen(turn, offer);
  else if (turn.call.noticeHeard) connect(turn, offer);
}

function takeOver(turn: Turn, { seatId, legId, token, needsKey }: Offer): void {
  const { call } = turn;
  call.offer = null;
  call.talk = { seatId, legId, token, since: turn.at, held: false, heldSince: null, muted: false, needsKey };
}

/** The agent is there: now the citizen of an outbound call or a callback is rung. */
function dialCitizen(turn: Turn, offer: Offer): void {
  const { call } = turn;
  takeOver(turn, offer);
  call.citizen = 'ringing';
  turn.step({ do: 'dialCitizen', legId: call.citizenLeg, number: call.dialTo ?? '' });
  ringback(turn, offer.legId);
  turn.say({ kind: 'citizenDialled', seatId: offer.seatId });
}

/** The citizen who was rung hears who calls and that the call is recorded, then the agent. */
function citizenAnswered(turn: Turn): void {
  const { call } = turn;
  call.citizen = 'up';
  if (call.noticeHeard) return together(turn);
  call.intake = 'notice';
  play(turn, [...(call.direction === 'callback' ? [PROMPTS.callbackGreeting] : []), PROMPTS.recordedNotice]);
}

function together(turn: Turn): void {
  const { call } = turn;
  if (!call.talk) return;
  const { seatId, legId } = call.talk;
  stopRingback(turn, legId);
  call.intake = 'queued';
  call.talk.since = turn.at;
  turn.step({ do: 'join', talkId: call.callId, legIds: [call.citizenLeg, legId] });
  turn.say({ kind: 'talkStarted', seatId, legId });
}

function connect(turn: Turn, offer: Offer): void {
  const { call } = turn;
  silence(turn);
  call.intake = 'queued';
  takeOver(turn, offer);
  turn.step({ do: 'join', talkId: call.callId, legIds: [call.citizenLeg, offer.legId] });
  turn.say({ kind: 'talkStarted', seatId: offer.seatId, legId: offer.legId });
}

function legEnded(turn: Turn, legId: string, cause: HangupCause): void {
  const { call } = turn;
  const party = call.parties.find((each) => each.legId === legId);
  if (legId === call.citizenLeg) return citizenEnded(turn, cause);
  if (legId === call.talk?.legId) return talkLegEnded(turn, cause);
  if (legId === call.offer?.legId) return offerEnded(turn, outcomeOf(cause), cause);
  if (legId === call.invite?.party.legId) return inviteEnded(turn, outcomeOf(cause), cause);
  if (legId === call.rescue?.legId) return rescueLegEnded(turn, cause);
  if (party) partyLeft(turn, party, cause);
}

function ringFailed(turn: Turn, legId: string, outcome: 'unreachable' | 'withdrawn'): void {
  const { call } = turn;
  if (legId === call.offer?.legId) return offerEnded(turn, outcome, null);
  if (legId === call.invite?.party.legId) return inviteEnded(turn, outcome, null);
  if (legId === call.rescue?.legId) return rescueLegEnded(turn, 'failure');
  if (legId === call.citizenLeg && call.citizen === 'ringing') citizenEnded(turn, 'failure');
}

/** A seat that does not take an agent's own call is the agent himself: then there is no call. */
function offerEnded(turn: Turn, outcome: OfferOutcome, cause: HangupCause | null): void {
  endOffer(turn, outcome, cause);
  if (turn.call.direction === 'outbound' && turn.call.waitingSince === null)
    end(turn, 'seat', cause ?? 'normal-unspecified');
}

/** The agent ends it for everybody; a citizen who is still there may rate the call. */
function hangUp(turn: Turn): void {
  const { call } = turn;
  for (const party of call.parties) {
    turn.step({ do: 'hangUp', legId: party.legId, cause: 'normal' });
    removeParty(turn, party, 'normal');
  }
  if (call.invite) drop(turn, call.invite.party.legId);
  if (call.talk) finish(turn);
  else end(turn, 'seat', 'normal');
}

function tick(turn: Turn, { before, estimateMs, noSeat }: Extract<CallInput, { kind: 'tick' }>): void {
  const { call, at, policy } = turn;
  if (call.closing) return closingTick(turn);
  timeLimits(turn);
  rescueTick(turn);
  if (call.talk || call.promptId || call.citizen !== 'up') return;
  if (call.intake === 'menu' && call.choiceUntil !== null)
    return at >= call.choiceUntil ? enter(turn, nextStage('menu', turn.plan)) : undefined;
  if (call.intake !== 'queued') return enter(turn, call.intake);
  if (!isWaiting(call)) return;
  if (noSeat && policy.messageWhenNoSeat) return takeMessage(turn, false);
  const first = call.announcedAt === null;
  if (call.announcedAt !== null && at - call.announcedAt < policy.announceMs) return;
  call.announcedAt = at;
  turn.step({ do: 'music', legId: call.citizenLeg, on: false });
  play(turn, [
    ...(first ? [PROMPTS.queueWait] : []),
    ...positionPrompts(before),
    ...(estimateMs === null ? [] : waitPrompts(estimateMs / 1000)),
    ...(policy.waitingChoice && !call.callerHidden ? [PROMPTS.callbackOffer] : []),
    ...(policy.waitingChoice ? [PROMPTS.messageOffer] : []),
  ]);
}

function timeLimits(turn: Turn): void {
  const { call, at, policy } = turn;
  const { offer, invite, talk } = call;
  if (offer && offerOverdue(turn, offer)) {
    turn.step({ do: 'hangUp', legId: offer.legId, cause: 'no-answer' });
    offerEnded(turn, 'no-answer', 'no-answer');
  }
  if (invite && inviteOverdue(turn, invite)) {
    turn.step({ do: 'hangUp', legId: invite.party.legId, cause: 'no-answer' });
    inviteEnded(turn, 'no-answer', 'no-answer');
  }
  if (talk?.heldSince && at - talk.heldSince >= policy.holdReminderMs) {
    talk.heldSince = at;
    turn.say({ kind: 'holdOverdue', seatId: talk.seatId });
  }
}

/** Says again what the citizen should hear: nothing here is remembered by the switch for us. */
function resync(turn: Turn, together: boolean): void {
  const { call } = turn;
  if (call.closing) return closingResync(turn);
  askForKeyAgain(turn);
  const talking = legsOf(call).filter(({ place }) => place === 'talk');
  if (talking.length) {
    if (!together) turn.step({ do: 'join', talkId: call.callId, legIds: talking.map(({ legId }) => legId) });
    if (talking.every(({ who }) => who !== 'citizen') && call.citizen === 'up') apart(turn);
    return;
  }
  if (call.talk || call.rescue) return call.citizen === 'up' ? apart(turn) : undefined;
  if (call.citizen !== 'up') return;
  turn.step({ do: 'answer', legId: call.citizenLeg });
  call.promptId = null;
  if (!call.noticeHeard) enter(turn, 'notice');
  else if (call.offer?.answeredAt) connect(turn, call.offer);
  else enter(turn, 'queued');
}

/** The citizen is not in the talk: on hold, or his agent's phone is lost. */
function apart(turn: Turn): void {
  const { call } = turn;
  if (call.intake !== 'queued') return enter(turn, 'notice');
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  music(turn);
}
