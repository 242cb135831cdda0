import type { CallDirection, InvitePurpose } from './call';
import type { NuisanceVerdict } from './nuisance';
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

/** One seat's time with the call, and the wrap-up after it. */
export interface TalkRecord {
  seatId: string;
  at: number;
  endedAt: number | null;
  wrapUpEndedAt: number | null;
}

/** Somebody who was called into the call: another seat, a unit, a parallel line, 110 (三方通话, 咨询, 转接). */
export interface PartyRecord {
  legId: string;
  name: string;
  purpose: InvitePurpose | 'barge';
  seatId: string | null;
  number: string | null;
  lineId: string | null;
  emergency: boolean;
  by: string | null;
  at: number;
  joinedAt: number | null;
  endedAt: number | null;
  outcome: OfferOutcome | null;
}

export interface TransferRecord {
  at: number;
  by: string | null;
  to: string;
  seatId: string | null;
  queue: string | null;
}

export type CallOutcome =
  | 'open'
  | 'answered'
  | 'abandoned'
  | 'failed'
  | 'handed-back'
  /** The caller is on the nuisance list and was turned away. */
  | 'blocked'
  /** The citizen left a message, or asked to be called back, instead of waiting. */
  | 'message'
  | 'callback'
  /** An outbound call or a callback whose citizen was not reached. */
  | 'not-reached';

/** The record of a call (话单), folded from its journal. Instants are ms since the epoch, spans are ms. */
export interface CallRecord {
  callId: string;
  direction: CallDirection;
  about: { ticketId: string | null; callbackId: string | null };
  line: LineFacts;
  callerNumber: string | null;
  callerName: string;
  dialled: string;
  diversions: string[];
  arrivedAt: number;
  waitingSince: number | null;
  /** What it began to wait with, and why it was not that of an ordinary call. */
  priority: number;
  priorityWhy: string;
  noticeHeardAt: number | null;
  /** When the citizen of an outbound call or a callback was dialled: the agent had picked up. */
  dialledAt: number | null;
  /** When the first agent, or an outside party that took the call, talked with the citizen. */
  answeredAt: number | null;
  talkEndedAt: number | null;
  endedAt: number | null;
  wrapUpEndedAt: number | null;
  /** The seat that talked last. */
  seatId: string | null;
  /** Every seat that talked in it, or placed it. */
  seats: string[];
  /** From joining the queue to the talk, or to the end without one. */
  waitMs: number;
  ringMs: number;
  talkMs: number;
  holdMs: number;
  wrapUpMs: number;
  rings: RingRecord[];
  talks: TalkRecord[];
  parties: PartyRecord[];
  transfers: TransferRecord[];
  /** What the nuisance list said of the caller, at last; null when nothing. */
  nuisance: NuisanceVerdict | null;
  /** An emergency number was called in (D3 kind 3). */
  emergency: boolean;
  /** 好差评 by key: 5 非常满意 … 1 非常不满意; null: not asked, or no key pressed. */
  rating: { asked: boolean; level: number | null; seatId: string } | null;
  message: { recordingId: string; durationMs: number } | null;
  endedBy: 'citizen' | 'seat' | 'system' | null;
  cause: HangupCause | null;
  outcome: CallOutcome;
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
    // After its end only the seats' wrap-ups still belong to the call.
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
  const { callId, direction, about, line, callerNumber, callerName, dialled, diversions } = event;
  const nothingYet = {
    waitingSince: null,
    priority: 0,
    priorityWhy: '',
    noticeHeardAt: null,
    dialledAt: null,
    answeredAt: null,
    talkEndedAt: null,
    endedAt: null,
    wrapUpEndedAt: null,
    rating: null,
    message: null,
    nuisance: null,
  };
  const spans = { waitMs: 0, ringMs: 0, talkMs: 0, holdMs: 0, wrapUpMs: 0 };
  return {
    ...{ callId, direction, about, line, callerNumber, callerName, dialled, diversions, arrivedAt: at },
    ...nothingYet,
    ...spans,
    seatId: null,
    seats: [],
    rings: [],
    talks: [],
    parties: [],
    transfers: [],
    emergency: false,
    endedBy: null,
    cause: null,
    outcome: 'open',
  };
}

function apply(record: CallRecord, event: JournalEvent, at: number): void {
  switch (event.kind) {
    case 'callBlocked': {
      const { entryId, treatment, words } = event;
      record.nuisance = { entryId, treatment, words };
      record.outcome = treatment === 'announce' ? 'blocked' : 'open';
      break;
    }
    case 'callWaiting':
      if (record.waitingSince === null)
        Object.assign(record, { priority: event.priority, priorityWhy: event.why ?? '' });
      record.waitingSince ??= at;
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
      seatTalks(record, event.seatId, at);
      break;
    case 'talkEnded':
      seatLeaves(record, event.seatId, at);
      break;
    case 'partyInvited':
    case 'inviteEnded':
    case 'partyJoined':
    case 'partyLeft':
      applyParty(record, event, at);
      break;
    case 'callTransferred': {
      const { by, to, seatId, queue } = event;
      if (record.transfers.every((transfer) => transfer.at !== at || transfer.to !== to))
        record.transfers.push({ at, by, to, seatId, queue });
      break;
    }
    case 'citizenDialled':
      belongsTo(record, event.seatId);
      record.dialledAt ??= at;
      break;
    case 'citizenNotReached':
      record.outcome = 'not-reached';
      break;
    case 'ratingAsked':
      record.rating ??= { asked: true, level: null, seatId: event.seatId };
      break;
    case 'callRated':
      record.rating = { asked: true, level: event.level, seatId: event.seatId };
      break;
    case 'callbackAsked':
      record.outcome = 'callback';
      break;
    case 'messageLeft':
      record.outcome = 'message';
      record.message = { recordingId: event.recordingId, durationMs: event.durationMs };
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
      if (event.from === 'wrapUp') {
        const talk = record.talks.findLast((each) => each.seatId === event.seatId);
        if (talk && talk.endedAt !== null) talk.wrapUpEndedAt ??= at;
      }
      break;
    default:
      break;
  }
}

function applyParty(
  record: CallRecord,
  event: Extract<CallEvent, { kind: 'partyInvited' | 'inviteEnded' | 'partyJoined' | 'partyLeft' }>,
  at: number,
): void {
  const { legId, seatId } = event;
  const known = record.parties.find((party) => party.legId === legId);
  if (event.kind === 'partyInvited') {
    const { name, purpose, number, lineId, emergency, by } = event;
    record.emergency ||= emergency;
    const nothingYet = { joinedAt: null, endedAt: null, outcome: null };
    if (!known)
      record.parties.push({ legId, name, purpose, seatId, number, lineId, emergency, by, at, ...nothingYet });
  } else if (event.kind === 'partyJoined') {
    const outside = { number: null, lineId: null, emergency: false, by: null };
    const barged = { legId, name: event.name, purpose: 'barge' as const, seatId, ...outside, at };
    if (!known) record.parties.push({ ...barged, joinedAt: at, endedAt: null, outcome: 'answered' });
    else Object.assign(known, { joinedAt: known.joinedAt ?? at, outcome: 'answered' });
    if (record.talks.every(({ endedAt }) => endedAt !== null)) record.answeredAt ??= at;
    if (seatId && !record.seats.includes(seatId)) record.seats.push(seatId);
  } else if (known) {
    known.endedAt ??= at;
    if (event.kind === 'inviteEnded') known.outcome ??= event.outcome;
  }
}

function belongsTo(record: CallRecord, seatId: string): void {
  record.seatId = seatId;
  if (!record.seats.includes(seatId)) record.seats.push(seatId);
}

function seatTalks(record: CallRecord, seatId: string, at: number): void {
  belongsTo(record, seatId);
  const open = record.talks.some((talk) => talk.seatId === seatId && talk.endedAt === null);
  if (!open) record.talks.push({ seatId, at, endedAt: null, wrapUpEndedAt: null });
}

function seatLeaves(record: CallRecord, seatId: string, at: number): void {
  const talk = record.talks.findLast((each) => each.seatId === seatId);
  if (talk) talk.endedAt ??= at;
}

/** What nobody watched the end of ends with its call. */
function endWhatIsOpen(record: CallRecord, at: number): void {
  for (const ring of record.rings)
    if (ring.endedAt === null) Object.assign(ring, { endedAt: at, outcome: 'withdrawn' });
  for (const talk of record.talks) talk.endedAt ??= at;
  for (const party of record.parties) party.endedAt ??= at;
}

function measure(record: CallRecord): CallRecord {
  const { waitingSince, answeredAt, endedAt, talks } = record;
  const sum = (spans: (number | null)[]): number => spans.reduce<number>((all, span) => all + (span ?? 0), 0);
  const span = (from: number | null, to: number | null) => (from === null || to === null ? null : to - from);
  const waitEnd = answeredAt ?? endedAt;
  if (waitingSince !== null && waitEnd !== null) record.waitMs = Math.max(0, waitEnd - waitingSince);
  record.ringMs = sum(record.rings.map((ring) => span(ring.at, ring.endedAt)));
  record.wrapUpMs = sum(talks.map((talk) => span(talk.endedAt, talk.wrapUpEndedAt)));
  const last = talks.at(-1);
  const over = talks.every((talk) => talk.endedAt !== null);
  record.talkEndedAt = over ? (last?.endedAt ?? (answeredAt === null ? null : endedAt)) : null;
  record.wrapUpEndedAt = last?.wrapUpEndedAt ?? null;
  record.talkMs = last
    ? sum(talks.map((talk) => span(talk.at, talk.endedAt)))
    : (span(answeredAt, endedAt) ?? 0);
  if (endedAt !== null && record.outcome === 'open') record.outcome = outcomeOf(record);
  return record;
}

function outcomeOf({ answeredAt, direction, endedBy }: CallRecord): CallOutcome {
  if (answeredAt !== null) return 'answered';
  if (direction !== 'inbound') return 'not-reached';
  return endedBy === 'citizen' ? 'abandoned' : 'failed';
}
