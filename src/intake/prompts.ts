import { spokenCount, spokenDay } from './spoken-chinese';

/** Names of the recordings in asterisk-config/sounds/zh that calls play; prompts.tsv has the words of each. */
export const PROMPTS = {
  recordedNotice: 'notice-recorded',
  queueWait: 'queue-wait',
  positionBefore: 'position-before',
  positionAfter: 'position-after',
  youAreNext: 'you-are-next',
  /** Instead of the greeting, to whoever dialled a number that was withdrawn. */
  lineEnded: 'line-ended',

  /** Before and after the date (spoken-chinese) from which a number still in use is withdrawn. */
  lineEndsBefore: 'line-ends-before',
  lineEndsAfter: 'line-ends-after',

  /** Before `minutes` with its number, or `underAMinute`: how long the wait is expected to be. */
  waitEstimate: 'wait-estimate',
  minutes: 'minutes',
  underAMinute: 'under-a-minute',

  /** To the citizen after the agent has left: five levels, keys 1 to 5. */
  ratingQuestion: 'rating-question',
  ratingThanks: 'rating-thanks',
  /** After a key that means nothing here. */
  choiceUnknown: 'choice-unknown',

  /** To a waiting citizen: key 1 asks for a callback. */
  callbackOffer: 'callback-offer',
  /** After the callback offer, or alone: key 2 leaves a voice message. */
  messageOffer: 'message-offer',
  callbackConfirmed: 'callback-confirmed',
  /** The number owes one already: one per number. */
  callbackKnown: 'callback-known',
  /** Whoever hides the number cannot be called back. */
  callbackNoNumber: 'callback-no-number',
  /** To the citizen who was called back, before the talk. */
  callbackGreeting: 'callback-greeting',

  /** Before the beep when nobody is signed in; the hash key ends the message. */
  messagePrompt: 'message-prompt',
  /** The same for a citizen who chose to leave a message. */
  messageChoicePrompt: 'message-choice-prompt',
  beep: 'beep',
  messageSaved: 'message-saved',
  /** Nothing but silence was recorded. */
  messageEmpty: 'message-empty',
  messageFull: 'message-full',

  /** To the citizen while another party is dialled. */
  transferWait: 'transfer-wait',
  /** To the citizen: the other party did not answer, the agent takes the call back. */
  transferFailed: 'transfer-failed',
  /** To the citizen on the way to a parallel line, and when its people do not answer. */
  parallelWait: 'parallel-wait',
  parallelFailed: 'parallel-failed',
  /** To the citizen while 110, 119, 120 or 122 is dialled. */
  emergencyWait: 'emergency-wait',
  /** 450 Hz, 1 s on, 4 s off; to be repeated while a dialled party rings. */
  ringback: 'ringback',
  /** To those already in a talk when somebody comes in or leaves. */
  toneJoined: 'tone-joined',
  toneLeft: 'tone-left',
  /** To the agent (and citizen) when a supervisor barges in. */
  supervisorJoined: 'supervisor-joined',
  /** To the agent who has left a citizen on hold for too long. */
  holdReminder: 'hold-reminder',

  /** To a seat on an ordinary telephone: key 1 takes the call, so that no voice mailbox does. */
  seatAccept: 'seat-accept',
  /** To an agent whose dialling was refused, or did not succeed. */
  numberRefused: 'number-refused',
  numberUnreachable: 'number-unreachable',
  numberBusy: 'number-busy',
  /** To whoever the hotline calls, until an agent speaks. */
  hotlineCalling: 'hotline-calling',
  /** To a blacklisted number; names the emergency numbers. */
  callRefused: 'call-refused',
  /** After it: key 1 for urgent matters. */
  callRefusedUrgent: 'call-refused-urgent',

  /** The switch's own when the service is not there (dialplans). */
  apology: 'apology',
  noSeat: 'no-seat',
  goodbye: 'goodbye',
  /** To the citizen whose agent's phone was lost. */
  reconnecting: 'reconnecting',
  silenceShort: 'silence-short',
} as const;

/** What a waiting caller is told: how many are before them. */
export function positionPrompts(before: number): string[] {
  if (before <= 0) return [PROMPTS.youAreNext];
  return [PROMPTS.positionBefore, ...spokenCount(before), PROMPTS.positionAfter];
}

/** What a waiting caller is told of the wait to be expected, in whole minutes. */
export function waitPrompts(seconds: number): string[] {
  if (seconds < 60) return [PROMPTS.waitEstimate, PROMPTS.underAMinute];
  return [PROMPTS.waitEstimate, ...spokenCount(Math.ceil(seconds / 60)), PROMPTS.minutes];
}

/** What a caller of a number that will be withdrawn is told; `day` is the first on which it no longer works. */
export function lineEndsPrompts(day: string): string[] {
  return [PROMPTS.lineEndsBefore, ...spokenDay(day, { year: true }), PROMPTS.lineEndsAfter];
}
