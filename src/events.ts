import type { CallDirection, InvitePurpose } from './calls/call';
import type { MonitoringStage } from './calls/monitoring';
import type { NuisanceVerdict } from './calls/nuisance';
import type { ConsolidationMode } from './lines/line';
import type { HangupCause } from './telephony/hangup-cause';
import type { TicketState } from './tickets/ticket';
import type { NotReadyReason, SeatState } from './seats/seat';

/** How a call was matched to its line; kept with the call so that anyone can see why. */
export interface LineFacts {
  lineId: string;
  lineName: string;
  mode: ConsolidationMode | 'own';
  /** The number that decided, normalised, and where it was found. */
  matchedNumber: string;
  matchedBy: 'diversion' | 'history-info' | 'called-number' | 'exchange' | 'default';
  queue: string;
}

/** Why this seat: stored with each offer. */
export interface OfferReason {
  rule: 'longest-idle' | 'last-agent' | 'only-one' | 'leader' | 'relaxed' | 'transfer' | 'own-call';
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
      direction: CallDirection;
      /** The work order or the abandoned call that an outbound call or a callback is about. */
      about: { ticketId: string | null; callbackId: string | null };
    }
  /** The caller is on the nuisance list: turned away, served last, or put through with a flag. */
  | { kind: 'callBlocked'; entryId: string; treatment: NuisanceVerdict['treatment']; words: string }
  /** `why`: what gave it more priority than an ordinary call has; empty: nothing. */
  | { kind: 'callWaiting'; queue: string; priority: number; why: string }
  | { kind: 'noticeHeard' }
  | { kind: 'digitsEntered'; digits: string }
  | { kind: 'seatOffered'; seatId: string; legId: string; attempt: number; reason: OfferReason }
  | { kind: 'offerEnded'; seatId: string; legId: string; outcome: OfferOutcome; cause: HangupCause | null }
  | { kind: 'talkStarted'; seatId: string; legId: string }
  | { kind: 'callHeld'; seatId: string }
  | { kind: 'callResumed'; seatId: string }
  /** The citizen has been on hold for long: the agent is reminded. */
  | { kind: 'holdOverdue'; seatId: string }
  | { kind: 'callMuted'; seatId: string; on: boolean }
  | { kind: 'talkEnded'; seatId: string }
  /** The citizen of an outbound call or a callback is rung; then he answers (talkStarted) or cannot be reached. */
  | { kind: 'citizenDialled'; seatId: string }
  | { kind: 'citizenNotReached'; seatId: string; cause: HangupCause }
  /** The citizen has hung up while others talk on. */
  | { kind: 'citizenLeft'; cause: HangupCause }
  /** Somebody is rung for the call: `seatId` when it is a seat, `number` when it is outside. */
  | {
      kind: 'partyInvited';
      purpose: InvitePurpose;
      legId: string;
      name: string;
      seatId: string | null;
      number: string | null;
      lineId: string | null;
      emergency: boolean;
      by: string | null;
      words: string;
    }
  | {
      kind: 'inviteEnded';
      legId: string;
      seatId: string | null;
      outcome: OfferOutcome;
      cause: HangupCause | null;
    }
  | { kind: 'partyJoined'; legId: string; name: string; seatId: string | null }
  | { kind: 'partyLeft'; legId: string; name: string; seatId: string | null; cause: HangupCause }
  /** The call has gone on from one seat (null: the hotline itself) to another, to a queue or to somebody outside. */
  | { kind: 'callTransferred'; by: string | null; to: string; seatId: string | null; queue: string | null }
  /** The seat's phone was lost in the talk; it is rung again, or the citizen goes to the front of the queue. */
  | { kind: 'seatLost'; seatId: string; cause: HangupCause }
  | { kind: 'seatRescued'; seatId: string; legId: string }
  /** 好差评 by key, 5 (非常满意) to 1 (非常不满意) (E1). */
  | { kind: 'ratingAsked'; seatId: string }
  | { kind: 'callRated'; seatId: string; level: number }
  | { kind: 'callbackAsked' }
  | { kind: 'messageStarted'; recordingId: string }
  | { kind: 'messageLeft'; recordingId: string; durationMs: number }
  | { kind: 'recordingStarted'; recordingId: string }
  | { kind: 'recordingPaused'; recordingId: string; seatId: string; reason: string }
  | { kind: 'recordingResumed'; recordingId: string; seatId: string }
  | { kind: 'recordingFailed'; recordingId: string; why: string }
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
  | { kind: 'ticketOverdue'; number: string; unitId: string; dueAt: Date }
  /** A command was done on it; `what` is the kind of its timeline row. */
  | {
      kind: 'ticketMoved';
      number: string;
      what: string;
      state: TicketState;
      unitIds: string[];
      openedBy: string;
    }
);

export type LineEvent = { kind: 'linesChanged'; at: Date; lineId: string };
export type DirectoryEvent = { kind: 'directoryChanged'; at: Date };

/**
 * A supervisor's phone is rung to listen to a seat, listens, whispers, comes in or leaves. Told to those who watch, never
 * journaled: what an agent may read of a call does not say that somebody listened. The audit trail does.
 */
export type MonitoringEvent = {
  kind: 'monitoringChanged';
  at: Date;
  monitoringId: string;
  callId: string;
  /** The seat that is listened to. */
  seatId: string;
  supervisorId: string;
  stage: MonitoringStage;
};

/** A webhook has failed for days and gets nothing more until an administrator has seen to it. */
export type WebhookDisabled = { kind: 'webhookDisabled'; at: Date; webhookId: string };

/** One union of everything that can happen here: past tense, ids and facts. */
export type HotlineEvent =
  CallEvent | SeatEvent | MonitoringEvent | TicketEvent | LineEvent | DirectoryEvent | WebhookDisabled;
