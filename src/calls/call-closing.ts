import { PROMPTS } from '../intake/prompts';
import { isTalking, isWaiting } from './call';
import { end, endMessage, goodbye, releaseTalk } from './call-end';
import { play, silence, type Turn } from './call-turn';

/** Longer than any question or instruction: then the switch has forgotten to tell its end. */
const PROMPT_MS = 40_000;

/** The agent has finished: the citizen is asked for a rating (E1), or the call ends. */
export function finish(turn: Turn): void {
  const { call, at, policy } = turn;
  const { talk } = call;
  if (!talk || !isTalking(call) || call.parties.length || call.direction === 'outbound' || !policy.ratingMs)
    return end(turn, 'seat', 'normal');
  const { seatId } = talk;
  releaseTalk(turn);
  call.closing = { stage: 'rating', seatId, until: at + PROMPT_MS };
  turn.step({ do: 'part', talkId: call.callId, legId: call.citizenLeg });
  turn.say({ kind: 'ratingAsked', seatId });
  play(turn, [PROMPTS.ratingQuestion]);
}

/** How long the key for urgent matters is waited for after the words. */
const URGENT_MS = 4000;

/** The caller is on the nuisance list: hears that the call is not taken, whom to call in danger, and the key for urgent matters. */
export function refuse(turn: Turn): void {
  const { call, at } = turn;
  call.closing = { stage: 'refusal', until: at + PROMPT_MS };
  play(turn, [PROMPTS.callRefused, PROMPTS.callRefusedUrgent]);
}

/** Nobody is there to answer, or the citizen wishes it (`asked`): a voice message is taken. */
export function takeMessage(turn: Turn, asked: boolean): void {
  const { call, at } = turn;
  silence(turn);
  turn.step({ do: 'music', legId: call.citizenLeg, on: false });
  call.closing = {
    stage: 'message',
    recordingId: `${call.callId}-message`,
    startedAt: null,
    until: at + PROMPT_MS,
  };
  play(turn, [asked ? PROMPTS.messageChoicePrompt : PROMPTS.messagePrompt, PROMPTS.beep]);
}

/** What was said to the citizen has ended (or could not be said). */
export function closingPromptEnded(turn: Turn): void {
  const { call, at, policy } = turn;
  const { closing } = call;
  if (closing?.stage === 'goodbye') return end(turn, closing.endedBy, 'normal');
  if (closing?.stage === 'rating') closing.until = at + policy.ratingMs;
  if (closing?.stage === 'refusal') closing.until = at + URGENT_MS;
  if (closing?.stage !== 'message' || closing.startedAt !== null) return;
  closing.startedAt = at;
  closing.until = at + policy.messageMs;
  turn.step({ do: 'record', legId: call.citizenLeg, recordingId: closing.recordingId });
  turn.say({ kind: 'messageStarted', recordingId: closing.recordingId });
}

/** A key while the hotline alone is with the citizen; others change nothing. */
export function closingDigit(turn: Turn, digit: string): void {
  const { closing } = turn.call;
  if (closing?.stage === 'rating' && /^[1-5]$/.test(digit)) {
    // 1 is 非常满意, level 5.
    turn.say({ kind: 'callRated', seatId: closing.seatId, level: 6 - Number(digit) });
    goodbye(turn, 'seat', [PROMPTS.ratingThanks]);
  } else if (closing?.stage === 'message' && digit === '#' && closing.startedAt !== null) messageDone(turn);
}

/** A waiting citizen's wish by key: 1 to be called back (the place is kept), 2 to leave a message. */
export function waitingDigit(turn: Turn, digit: string): void {
  const { call, policy } = turn;
  if (!policy.waitingChoice || !isWaiting(call) || call.intake !== 'queued' || call.citizen !== 'up') return;
  if (digit === '2') takeMessage(turn, true);
  else if (digit !== '1') return;
  else if (call.callerNumber === null || call.callerHidden) {
    silence(turn);
    play(turn, [PROMPTS.callbackNoNumber]);
  } else {
    turn.say({ kind: 'callbackAsked' });
    goodbye(turn, 'system', [PROMPTS.callbackConfirmed]);
  }
}

/** Every second: no key was pressed, the message is long enough, or the switch said nothing more. */
export function closingTick(turn: Turn): void {
  const { call, at } = turn;
  const { closing } = call;
  if (!closing || at < closing.until) return;
  if (closing.stage === 'message' && closing.startedAt !== null) messageDone(turn);
  else end(turn, closing.stage === 'rating' ? 'seat' : 'system', 'normal');
}

function messageDone(turn: Turn): void {
  endMessage(turn);
  goodbye(turn, 'system', [PROMPTS.messageSaved]);
}

/** After a restart or a lost link: asked again; a message goes on being recorded. */
export function closingResync(turn: Turn): void {
  const { call, at } = turn;
  const { closing } = call;
  if (closing?.stage === 'goodbye') end(turn, closing.endedBy, 'normal');
  else if (closing?.stage === 'rating') {
    closing.until = at + PROMPT_MS;
    play(turn, [PROMPTS.ratingQuestion]);
  } else if (closing?.stage === 'refusal') refuse(turn);
  else if (closing?.startedAt === null) takeMessage(turn, true);
}
