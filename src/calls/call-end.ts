import type { OfferOutcome } from '../events';
import type { HangupCause } from '../telephony/hangup-cause';
import { legsOf, type Party } from './call';
import { silence, stopRingback, type SeatStep, type Turn } from './call-turn';

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

/** What a ringing leg that ended with this cause came to. */
export function outcomeOf(cause: HangupCause): OfferOutcome {
  return OUTCOME_OF[cause] ?? 'unreachable';
}

/** A seat that did not take the call: the caller keeps the place, the seat's state says what happened. */
export function endOffer(turn: Turn, outcome: OfferOutcome, cause: HangupCause | null): void {
  const { call } = turn;
  const offer = call.offer;
  if (!offer) return;
  call.offer = null;
  // Nobody is preferred a second time after he did not answer.
  if (call.lastAgent === offer.seatId) call.lastAgent = null;
  const { seatId, legId, token, reason } = offer;
  // An agent who does not take his own call has changed his mind: no RONA.
  const unanswered =
    reason.rule === 'own-call' && outcome !== 'unreachable' ? 'release' : SEAT_AFTER[outcome];
  turn.step({ do: 'seat', seatId, token, move: offer.answeredAt ? 'talkEnded' : unanswered });
  // An answered offer has been told already; what ends now is the short time before the talk.
  if (!offer.answeredAt) turn.say({ kind: 'offerEnded', seatId, legId, outcome, cause });
}

/** Whoever was rung for the call does not come. What that means for the call, the caller decides. */
export function dismissInvite(turn: Turn, outcome: OfferOutcome, cause: HangupCause | null): void {
  const { call } = turn;
  const { invite } = call;
  if (!invite) return;
  call.invite = null;
  const { legId, seat } = invite.party;
  if (seat) turn.step({ do: 'seat', ...seat, move: SEAT_AFTER[outcome] });
  if (invite.purpose === 'consult' && call.talk) stopRingback(turn, call.talk.legId);
  turn.say({ kind: 'inviteEnded', legId, seatId: seat?.seatId ?? null, outcome, cause });
}

/** One party is out of the call; its seat goes to wrap-up. */
export function removeParty(turn: Turn, party: Party, cause: HangupCause): void {
  const { call } = turn;
  call.parties = call.parties.filter((each) => each !== party);
  const { legId, name, seat } = party;
  if (seat) turn.step({ do: 'seat', ...seat, move: 'talkEnded' });
  turn.say({ kind: 'partyLeft', legId, name, seatId: seat?.seatId ?? null, cause });
}

/** The seat that owned the call is out of it, and goes to wrap-up. The others stay where they are. */
export function releaseTalk(turn: Turn): void {
  const { call } = turn;
  const { talk } = call;
  if (!talk) return;
  call.talk = null;
  turn.step({ do: 'hangUp', legId: talk.legId, cause: 'normal' });
  turn.step({ do: 'seat', seatId: talk.seatId, token: talk.token, move: 'talkEnded' });
  turn.say({ kind: 'talkEnded', seatId: talk.seatId });
}

/** Ends the call for everybody: whoever is still there is hung up, and each seat goes to wrap-up or back to ready. */
export function end(turn: Turn, endedBy: 'citizen' | 'seat' | 'system', cause: HangupCause): void {
  const { call } = turn;
  const rung = call.citizen === 'ringing';
  for (const { legId, who } of legsOf(call))
    if (who === 'party') turn.step({ do: 'hangUp', legId, cause: 'normal' });
  const seatLeg = call.rescue?.legId ?? call.offer?.legId;
  if (seatLeg) turn.step({ do: 'hangUp', legId: seatLeg, cause: 'normal' });
  endOffer(turn, 'caller-gone', cause);
  dismissInvite(turn, 'caller-gone', cause);
  releaseTalk(turn);
  if (endedBy !== 'citizen' && (call.citizen === 'up' || rung))
    turn.step({ do: 'hangUp', legId: call.citizenLeg, cause: 'normal' });
  for (const party of call.parties) removeParty(turn, party, 'normal');
  if (call.rescue) {
    const { seatId, token } = call.rescue.talk;
    turn.step({ do: 'seat', seatId, token, move: 'talkEnded' });
    turn.say({ kind: 'talkEnded', seatId });
    call.rescue = null;
  }
  if (call.closing?.stage === 'message') endMessage(turn);
  call.closing = null;
  call.ended = true;
  turn.say({ kind: 'callEnded', endedBy, cause });
}

/** Last words to the citizen, then the hotline hangs up. */
export function goodbye(turn: Turn, endedBy: 'seat' | 'system', sounds: string[]): void {
  const { call } = turn;
  silence(turn);
  turn.step({ do: 'music', legId: call.citizenLeg, on: false });
  call.closing = { stage: 'goodbye', endedBy, until: turn.at + GOODBYE_MS };
  call.promptCount += 1;
  call.promptId = `${call.callId}-${call.promptCount}`;
  turn.step({ do: 'play', legId: call.citizenLeg, promptId: call.promptId, sounds });
}

/** Longer than any last words. */
const GOODBYE_MS = 20_000;

/** A message shorter than this is nobody speaking. */
const SHORTEST_MESSAGE_MS = 1000;

/** The message is over, by key, by hanging up or because it is long enough. */
export function endMessage(turn: Turn): void {
  const { closing } = turn.call;
  if (closing?.stage !== 'message' || closing.startedAt === null) return;
  const { recordingId, startedAt } = closing;
  closing.startedAt = null;
  turn.step({ do: 'endRecording', recordingId });
  const durationMs = turn.at - startedAt;
  if (durationMs >= SHORTEST_MESSAGE_MS) turn.say({ kind: 'messageLeft', recordingId, durationMs });
}
