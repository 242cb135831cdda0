import type { HotlineEvent } from './events';
import { maskNumber } from './lines/phone-number';
import type { Role } from './permissions';

/** Rooms a browser's socket is in, by who is signed in. A seat's id is its person's id. */
export const rooms = {
  person: (personId: string) => `person:${personId}`,
  seat: (seatId: string) => `seat:${seatId}`,
  role: (role: Role) => `role:${role}`,
  unit: (unitId: string) => `unit:${unitId}`,
  session: (sessionId: string) => `session:${sessionId}`,
  /** Everybody who may see the board. */
  wallboard: 'wallboard',
};

type Kind = HotlineEvent['kind'];
type Of<K extends Kind> = Extract<HotlineEvent, { kind: K }>;
type Facts = Record<string, unknown>;

/** Rooms that hear an event, and what they are shown (its kind and instant are always added). */
interface Hearing {
  rooms: string[];
  shown: Facts;
}

const overseers = [rooms.role('supervisor'), rooms.role('administrator')];
const hotline = [rooms.role('agent'), ...overseers];

const call = (event: { callId: string }, shown: Facts = {}): Hearing => ({
  rooms: overseers,
  shown: { callId: event.callId, ...shown },
});

/**
 * For each event, who hears it and what they see. An event without an entry does not compile. Seats get their calls
 * through their own feed (desk), so the rooms here are those who watch. Full phone numbers are never broadcast: whoever
 * needs one asks for it, and that is written to the audit trail. What a caller typed or calls himself stays with the call.
 */
const AUDIENCES: { [K in Kind]: (event: Of<K>) => Hearing } = {
  callArrived: (event) =>
    call(event, {
      lineId: event.line.lineId,
      lineName: event.line.lineName,
      queue: event.line.queue,
      caller: maskNumber(event.callerNumber),
      direction: event.direction,
    }),
  callBlocked: (event) => call(event, { entryId: event.entryId, treatment: event.treatment }),
  callWaiting: (event) => call(event, { queue: event.queue, priority: event.priority }),
  noticeHeard: (event) => call(event),
  digitsEntered: (event) => call(event, { count: event.digits.length }),
  seatOffered: (event) =>
    call(event, { seatId: event.seatId, attempt: event.attempt, why: event.reason.words }),
  offerEnded: (event) => call(event, { seatId: event.seatId, outcome: event.outcome }),
  talkStarted: (event) => call(event, { seatId: event.seatId }),
  callHeld: (event) => call(event, { seatId: event.seatId }),
  callResumed: (event) => call(event, { seatId: event.seatId }),
  callMuted: (event) => call(event, { seatId: event.seatId, on: event.on }),
  talkEnded: (event) => call(event, { seatId: event.seatId }),
  holdOverdue: (event) => call(event, { seatId: event.seatId }),
  citizenDialled: (event) => call(event, { seatId: event.seatId }),
  citizenNotReached: (event) => call(event, { seatId: event.seatId, cause: event.cause }),
  citizenLeft: (event) => call(event, { cause: event.cause }),
  partyInvited: (event) =>
    call(event, {
      purpose: event.purpose,
      seatId: event.seatId,
      name: event.name,
      emergency: event.emergency,
      by: event.by,
    }),
  inviteEnded: (event) => call(event, { seatId: event.seatId, outcome: event.outcome }),
  partyJoined: (event) => call(event, { seatId: event.seatId, name: event.name }),
  partyLeft: (event) => call(event, { seatId: event.seatId, name: event.name }),
  callTransferred: (event) =>
    call(event, { by: event.by, to: event.to, seatId: event.seatId, queue: event.queue }),
  seatLost: (event) => call(event, { seatId: event.seatId, cause: event.cause }),
  seatRescued: (event) => call(event, { seatId: event.seatId }),
  ratingAsked: (event) => call(event, { seatId: event.seatId }),
  callRated: (event) => call(event, { seatId: event.seatId, level: event.level }),
  callbackAsked: (event) => call(event),
  messageStarted: (event) => call(event),
  messageLeft: (event) => call(event, { durationMs: event.durationMs }),
  recordingStarted: (event) => call(event),
  recordingPaused: (event) => call(event, { seatId: event.seatId, reason: event.reason }),
  recordingResumed: (event) => call(event, { seatId: event.seatId }),
  recordingFailed: (event) => call(event, { recordingId: event.recordingId, why: event.why }),
  callHandedBack: (event) => call(event),
  callEnded: (event) => call(event, { endedBy: event.endedBy, cause: event.cause }),
  seatChanged: (event) => ({
    rooms: [...overseers, rooms.seat(event.seatId)],
    shown: {
      seatId: event.seatId,
      from: event.from,
      to: event.to,
      reason: event.reason,
      callId: event.callId,
      by: event.by,
    },
  }),
  monitoringChanged: ({ monitoringId, callId, seatId, supervisorId, stage }) => ({
    rooms: overseers,
    shown: { monitoringId, callId, seatId, supervisorId, stage },
  }),
  ticketOpened: (event) => ({
    rooms: [rooms.role('supervisor'), rooms.person(event.openedBy)],
    shown: { ticketId: event.ticketId, number: event.number },
  }),
  ticketDispatched: (event) => ticketOfUnit(event),
  ticketDueSoon: (event) => ticketOfUnit(event),
  ticketOverdue: (event) => ticketOfUnit(event),
  ticketMoved: ({ ticketId, number, what, state, unitIds, openedBy }) => ({
    rooms: [...unitIds.map((unitId) => rooms.unit(unitId)), rooms.role('supervisor'), rooms.person(openedBy)],
    shown: { ticketId, number, what, state },
  }),
  webhookDisabled: ({ webhookId }) => ({ rooms: [rooms.role('administrator')], shown: { webhookId } }),
  linesChanged: (event) => ({ rooms: hotline, shown: { lineId: event.lineId } }),
  directoryChanged: () => ({ rooms: [...hotline, rooms.role('unit')], shown: {} }),
};

function ticketOfUnit(event: { ticketId: string; number: string; unitId: string; dueAt: Date }): Hearing {
  return {
    rooms: [rooms.unit(event.unitId), rooms.role('supervisor')],
    shown: {
      ticketId: event.ticketId,
      number: event.number,
      unitId: event.unitId,
      dueAt: event.dueAt.toISOString(),
    },
  };
}

/** What a browser receives as `event`: kind, instant (ISO 8601 UTC) and the facts its room may see. */
export interface ShownEvent extends Facts {
  kind: Kind;
  at: string;
}

/** Which rooms hear an event, and the one thing they are all shown. */
export function audienceOf(event: HotlineEvent): { rooms: string[]; shown: ShownEvent } {
  const hearing = (AUDIENCES[event.kind] as (event: HotlineEvent) => Hearing)(event);
  return { rooms: hearing.rooms, shown: { ...hearing.shown, kind: event.kind, at: event.at.toISOString() } };
}
