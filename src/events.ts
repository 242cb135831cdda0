import type { ConsolidationMode } from './lines/line';
import type { HangupCause } from './telephony/hangup-cause';
import type { NotReadyReason, SeatState } from './seats/seat';

/** How a call was matched to its line; kept with the call so that anyone can see why. */
export interface LineFacts {
  lineId: string;
  lineName: string;
  mode: ConsolidationMode | 'own';
  /** The number that decided, normalised, and where it was found. */
  matchedNumber: string;
  matchedBy: 'diversion' | 'history-info' | 'called-number' | 'default';
  queue: string;
}

/** Why this seat: stored with each offer. */
export interface OfferReason {
  rule: 'longest-idle' | 'last-agent' | 'only-one';
  /** Chinese sentence for people. */
  words: string;
  idleSeconds: number;
  waitingRank: number;
  passedOver: { seatId: string; why: string }[];
}

export type OfferOutcome =
  'answered' | 'no-answer' | 'rejected' | 'caller-gone' | 'unreachable' | 'lost' | 'withdrawn';

/** Everything that happens to a call: journaled in this order, folded into the call's record. */
export type CallEvent = { callId: string; at: Date } & (
  | {
      kind: 'callArrived';
      line: LineFacts;
      callerNumber: string | null;
      callerName: string;
      dialled: string;
      diversions: string[];
    }
  | { kind: 'callWaiting'; queue: string; priority: number }
  | { kind: 'noticeHeard' }
  | { kind: 'digitsEntered'; digits: string }
  | { kind: 'seatOffered'; seatId: string; legId: string; attempt: number; reason: OfferReason }
  | { kind: 'offerEnded'; seatId: string; legId: string; outcome: OfferOutcome; cause: HangupCause | null }
  | { kind: 'talkStarted'; seatId: string; legId: string }
  | { kind: 'callHeld'; seatId: string }
  | { kind: 'callResumed'; seatId: string }
  | { kind: 'callMuted'; seatId: string; on: boolean }
  | { kind: 'talkEnded'; seatId: string }
  | { kind: 'callHandedBack' }
  | { kind: 'callEnded'; endedBy: 'citizen' | 'seat' | 'system'; cause: HangupCause }
);

export type SeatEvent = {
  kind: 'seatChanged';
  at: Date;
  seatId: string;
  from: SeatState;
  to: SeatState;
  reason: NotReadyReason | null;
  callId: string | null;
  /** Who made it happen. */
  by: 'agent' | 'supervisor' | 'call' | 'system';
};

export type TicketEvent = { at: Date; ticketId: string } & (
  | { kind: 'ticketOpened'; number: string; callId: string | null; openedBy: string }
  | { kind: 'ticketDispatched'; number: string; unitId: string; dueAt: Date }
  | { kind: 'ticketDueSoon'; number: string; unitId: string; dueAt: Date }
);

export type LineEvent = { kind: 'linesChanged'; at: Date; lineId: string };
export type DirectoryEvent = { kind: 'directoryChanged'; at: Date };

/** One union of everything that can happen here: past tense, ids and facts. */
export type HotlineEvent = CallEvent | SeatEvent | TicketEvent | LineEvent | DirectoryEvent;
