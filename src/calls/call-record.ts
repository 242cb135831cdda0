import type { CallEvent, LineFacts, OfferOutcome, OfferReason, SeatEvent } from '../events';
import type { HangupCause } from '../telephony/hangup-cause';

export type JournalEvent = CallEvent | SeatEvent;

/** One offer of the call to a seat. */
export interface RingRecord {
  seatId: string;
  attempt: number;
  at: number;
  endedAt: number | null;
  outcome: OfferOutcome | null;
  reason: OfferReason;
}

/** The record of a call (话单), folded from its journal. Instants are ms since the epoch, spans are ms. */
export interface CallRecord {
  callId: string;
  line: LineFacts;
  callerNumber: string | null;
  callerName: string;
  dialled: string;
  diversions: string[];
  arrivedAt: number;
  waitingSince: number | null;
  noticeHeardAt: number | null;
  answeredAt: number | null;
  talkEndedAt: number | null;
  endedAt: number | null;
  wrapUpEndedAt: number | null;
  /** The seat that talked last. */
  seatId: string | null;
  /** From joining the queue to the talk, or to the end without one. */
  waitMs: number;
  ringMs: number;
  talkMs: number;
  holdMs: number;
  wrapUpMs: number;
  rings: RingRecord[];
  endedBy: 'citizen' | 'seat' | 'system' | null;
  cause: HangupCause | null;
  outcome: 'open' | 'answered' | 'abandoned' | 'failed' | 'handed-back';
}

/**
 * Folds the events of one call, in the order they were journaled, into its record; null while its arrival is not among
 * them. Events told twice change nothing, so that a replayed journal gives the same record.
 */
export function foldRecord(events: readonly JournalEvent[]): CallRecord | null {
  let record: CallRecord | null = null;
  let heldSince: number | null = null;
  for (const event of events) {
    const at = event.at.getTime();
    if (event.kind === 'callArrived') record ??= begin(event, at);
    // After its end only the seat's wrap-up still belongs to the call.
    if (!record || (record.endedAt !== null && event.kind !== 'seatChanged')) continue;
    if (event.kind === 'callHeld') heldSince ??= at;
    else if (heldSince !== null && ['callResumed', 'talkEnded', 'callEnded'].includes(event.kind)) {
      record.holdMs += at - heldSince;
      heldSince = null;
    }
    apply(record, event, at);
  }
  return record ? measure(record) : null;
}

function begin(event: Extract<CallEvent, { kind: 'callArrived' }>, at: number): CallRecord {
  const { callId, line, callerNumber, callerName, dialled, diversions } = event;
  const nothingYet = {
    waitingSince: null,
    noticeHeardAt: null,
    answeredAt: null,
    talkEndedAt: null,
    endedAt: null,
    wrapUpEndedAt: null,
  };
  const spans = { waitMs: 0, ringMs: 0, talkMs: 0, holdMs: 0, wrapUpMs: 0 };
  const facts = { callId, line, callerNumber, callerName, dialled, diversions, arrivedAt: at };
  return {
    ...facts,
    ...nothingYet,
    ...spans,
    seatId: null,
    rings: [],
    endedBy: null,
    cause: null,
    outcome: 'open',
  };
}

function apply(record: CallRecord, event: JournalEvent, at: number): void {
  switch (event.kind) {
    case 'callWaiting':
      record.waitingSince ??= at;
      break;
    case 'digitsEntered':
      break;
    case 'noticeHeard':
      record.noticeHeardAt ??= at;
      break;
    case 'seatOffered': {
      const { seatId, attempt, reason } = event;
      if (record.rings.every((ring) => ring.attempt !== attempt))
        record.rings.push({ seatId, attempt, at, endedAt: null, outcome: null, reason });
      break;
    }
    case 'offerEnded': {
      const ring = record.rings.findLast((each) => each.seatId === event.seatId && each.endedAt === null);
      if (ring) Object.assign(ring, { endedAt: at, outcome: event.outcome });
      break;
    }
    case 'talkStarted':
      record.answeredAt ??= at;
      record.seatId = event.seatId;
      break;
    case 'talkEnded':
      record.talkEndedAt ??= at;
      break;
    case 'callHandedBack':
      record.outcome = 'handed-back';
      break;
    case 'callEnded':
      record.endedAt ??= at;
      record.endedBy ??= event.endedBy;
      record.cause ??= event.cause;
      endWhatIsOpen(record, at);
      break;
    case 'seatChanged':
      // A seat that picked up and hung up again before the talk has a wrap-up too.
      if (event.from === 'wrapUp' && event.seatId === record.seatId && record.talkEndedAt !== null)
        record.wrapUpEndedAt ??= at;
      break;
  }
}

/** A ring or a talk whose end nobody watched ends with its call. */
function endWhatIsOpen(record: CallRecord, at: number): void {
  for (const ring of record.rings)
    if (ring.endedAt === null) Object.assign(ring, { endedAt: at, outcome: 'withdrawn' });
  if (record.answeredAt !== null) record.talkEndedAt ??= at;
}

function measure(record: CallRecord): CallRecord {
  const { waitingSince, answeredAt, endedAt, talkEndedAt, wrapUpEndedAt } = record;
  const waitEnd = answeredAt ?? endedAt;
  if (waitingSince !== null && waitEnd !== null) record.waitMs = Math.max(0, waitEnd - waitingSince);
  record.ringMs = record.rings.reduce(
    (sum, ring) => sum + (ring.endedAt === null ? 0 : ring.endedAt - ring.at),
    0,
  );
  if (answeredAt !== null && talkEndedAt !== null) record.talkMs = talkEndedAt - answeredAt;
  if (talkEndedAt !== null && wrapUpEndedAt !== null) record.wrapUpMs = wrapUpEndedAt - talkEndedAt;
  if (endedAt !== null && record.outcome === 'open')
    record.outcome = answeredAt !== null ? 'answered' : record.endedBy === 'citizen' ? 'abandoned' : 'failed';
  return record;
}
