import type { CallEvent } from '../events';
import type { IntakePlan } from '../intake/intake';
import type { HangupCause } from '../telephony/hangup-cause';
import type { Call, Invite, Offer } from './call';

/** What the service does for a call; the machine only says it. */
export type Step =
  | { do: 'answer'; legId: string }
  | { do: 'play'; legId: string; promptId: string; sounds: string[] }
  | { do: 'stopPrompt'; legId: string; promptId: string }
  | { do: 'music'; legId: string; on: boolean }
  | { do: 'dial'; offer: Offer }
  | { do: 'dialAgain'; seatId: string; legId: string }
  | { do: 'dialCitizen'; legId: string; number: string }
  | { do: 'dialParty'; invite: Invite }
  | { do: 'join'; talkId: string; legIds: string[] }
  | { do: 'part'; talkId: string; legId: string }
  | { do: 'mute'; legId: string; on: boolean }
  | { do: 'hangUp'; legId: string; cause: HangupCause }
  | { do: 'record'; legId: string; recordingId: string }
  | { do: 'endRecording'; recordingId: string }
  | { do: 'seat'; seatId: string; token: string; move: SeatStep };

export type SeatStep = 'answered' | 'noAnswer' | 'release' | 'talkEnded' | 'phoneLost' | 'lostInTalk';

export interface CallPolicy {
  notice: boolean;
  greeting: boolean;
  menu: boolean;
  ringWhileGreeting: boolean;
  offerMs: number;
  /** The same for a seat at an ordinary telephone, which carriers ring slower. */
  remoteOfferMs: number;
  announceMs: number;
  /** How long a citizen or somebody outside may be rung. */
  outsideMs: number;
  /** After so long on hold the agent is reminded, and again each time it has passed. */
  holdReminderMs: number;
  /** How long a seat that was lost in the talk is waited for. */
  rescueMs: number;
  /** How long the key for the rating is waited for after the question; 0: nobody is asked. */
  ratingMs: number;
  /** A waiting citizen may ask for a callback (1) or leave a message (2). */
  waitingChoice: boolean;
  /** Nobody is signed in: a voice message is taken. */
  messageWhenNoSeat: boolean;
  messageMs: number;
}

/** An event without the two fields that every event of this call shares. */
type Unsaid<E> = E extends CallEvent ? Omit<E, 'callId' | 'at'> : never;

export interface Advance {
  call: Call;
  steps: Step[];
  events: CallEvent[];
}

/** One turn of the machine: the call as it becomes, and what is said and done on the way. */
export class Turn implements Advance {
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

/** The call waits for a seat (again). */
export function joinedQueue(turn: Turn): void {
  const { line, priority, priorityWhy: why } = turn.call;
  turn.say({ kind: 'callWaiting', queue: line.queue, priority, why });
}

/** Plays to the citizen, instead of what plays. */
export function play(turn: Turn, sounds: string[]): void {
  const { call } = turn;
  call.promptCount += 1;
  call.promptId = `${call.callId}-${call.promptCount}`;
  turn.step({ do: 'play', legId: call.citizenLeg, promptId: call.promptId, sounds });
}

/** Stops what plays to the citizen. */
export function silence(turn: Turn): void {
  const { call } = turn;
  if (call.promptId) turn.step({ do: 'stopPrompt', legId: call.citizenLeg, promptId: call.promptId });
  call.promptId = null;
}

/** The citizen waits with music; where he is not on the line there is nothing to do. */
export function music(turn: Turn): void {
  const { call } = turn;
  if (call.citizen === 'up') turn.step({ do: 'music', legId: call.citizenLeg, on: true });
}

const ringbackId = (call: Call): string => `${call.callId}-ringback`;
/** As long as anybody may be rung. */
const RINGBACK_TIMES = 24;

/** What an agent hears while somebody is rung for him. */
export function ringback(turn: Turn, legId: string): void {
  const sounds = Array.from({ length: RINGBACK_TIMES }, () => 'ringback');
  turn.step({ do: 'play', legId, promptId: ringbackId(turn.call), sounds });
}

export function stopRingback(turn: Turn, legId: string): void {
  turn.step({ do: 'stopPrompt', legId, promptId: ringbackId(turn.call) });
}
