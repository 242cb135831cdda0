import { maskNumber } from '../lines/phone-number';
import { may, type Role } from '../permissions';
import type { CalledIn } from './called-in';
import {
  identityHidden,
  REFUSAL_KINDS,
  type TicketPartView,
  type TicketRequestView,
  type TicketSummary,
  type TicketView,
} from './ticket';
import { actionsFor, type Standing } from './ticket-lifecycle';
import type { MeetingRow, PartRow, ReadTicket, RequestRow, TimelineRow, UrgeRow } from './ticket-row';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A work order as one role may see it in a list: who spoke is left out where it must stay hidden. */
export function ticketSummary(row: ReadTicket, role: Role): TicketSummary {
  return {
    ticketId: row.ticket_id,
    number: row.number,
    version: row.version,
    state: row.state,
    type: row.type,
    urgency: row.urgency,
    categoryCode: row.category_code,
    categoryName: row.category_name,
    areaCode: row.area_code,
    address: row.address,
    title: row.title,
    ...citizenFor(row, role),
    confidential: row.confidential,
    unitId: row.lead_unit_id,
    unitName: row.lead_unit_name,
    openedAt: row.opened_at.toISOString(),
    openedByName: row.opened_by_name,
    dispatchBy: row.dispatch_by.toISOString(),
    dispatchedAt: iso(row.dispatched_at),
    dueAt: iso(row.due_at),
    returnBy: iso(row.return_by),
    firstOpinionBy: iso(row.first_opinion_by),
    channel: row.channel,
    level: row.level,
    township: row.township,
    urges: row.urges,
    reopened: row.reopened,
    hardCase: row.hard_case,
    part: partOf(row),
    pending: row.pending ?? [],
    acknowledgeBy: iso(row.acknowledge_by),
    actions: actionsFor(standing(row, role)),
  };
}

function partOf(row: ReadTicket): TicketSummary['part'] {
  if (row.part_state === null || row.part_role === null) return null;
  return {
    state: row.part_state,
    role: row.part_role,
    final: row.part_final ?? false,
    paused: row.part_paused ?? false,
  };
}

function standing(row: ReadTicket, role: Role): Standing {
  const part = partOf(row);
  return {
    state: row.state,
    role,
    part: part && {
      ...part,
      returnRefused: row.return_refused ?? false,
      opinionDue: row.first_opinion_by !== null && row.first_opinion_at === null,
    },
    pending: row.pending ?? [],
  };
}

/** What belongs to a work order beside its own row. */
export interface TicketDetails {
  parts: PartRow[];
  requests: RequestRow[];
  urges: UrgeRow[];
  meetings: MeetingRow[];
  merged: { ticket_id: string; number: string }[];
}

/** A whole work order as one role may see it. */
export function ticketView(
  row: ReadTicket,
  details: TicketDetails,
  timeline: readonly TimelineRow[],
  called: readonly CalledIn[],
  role: Role,
): TicketView {
  return {
    ...ticketSummary(row, role),
    content: row.content,
    // Whoever was in the call knows the citizen: as hidden as the call.
    calledIn: maySeeCitizen(row, role) ? [...called] : [],
    dueWhy: row.due_why,
    skipped: row.skipped ?? [],
    answer: row.answer,
    timeline: timeline.map(({ at, kind, words, by_name }) => ({
      at: at.toISOString(),
      kind,
      words,
      byName: by_name,
    })),
    externalNumber: maySeeCitizen(row, role) ? row.external_number : null,
    point:
      row.longitude === null || row.latitude === null
        ? null
        : { longitude: row.longitude, latitude: row.latitude },
    parties: row.parties,
    company: maySeeCitizen(row, role) ? row.company : '',
    article:
      row.article_id === null
        ? null
        : { articleId: row.article_id, version: row.article_version ?? 1, title: row.article_title ?? '' },
    refusal: refusalOf(row),
    parts: details.parts.map(partView),
    requests: details.requests.map(requestView),
    urgings: details.urges.map(({ number, at, channel, words, by_name }) => ({
      number,
      at: at.toISOString(),
      channel,
      words,
      byName: by_name,
    })),
    meetings: details.meetings.map((meeting) => ({
      meetingId: meeting.meeting_id,
      heldAt: meeting.held_at.toISOString(),
      place: meeting.place,
      unitIds: meeting.unit_ids,
      members: meeting.members,
      decision: meeting.decision,
      byName: meeting.by_name,
    })),
    mergedInto: row.merged_into,
    merged: details.merged.map(({ ticket_id: ticketId, number }) => ({ ticketId, number })),
  };
}

function refusalOf(row: ReadTicket): TicketView['refusal'] {
  if (row.refusal_kind === null) return null;
  return {
    kind: row.refusal_kind,
    kindWords: REFUSAL_KINDS[row.refusal_kind].words,
    explanation: row.refusal_explanation ?? '',
    guidedTo: row.guided_to ?? '',
  };
}

export function partView(part: PartRow): TicketPartView {
  return {
    partId: part.part_id,
    unitId: part.unit_id,
    unitName: part.unit_name,
    role: part.role,
    state: part.state,
    round: part.round,
    current: part.current,
    dispatchedAt: part.dispatched_at.toISOString(),
    acknowledgeBy: iso(part.acknowledge_by),
    acknowledgedAt: iso(part.acknowledged_at),
    dueAt: part.due_at.toISOString(),
    dueWhy: part.due_why,
    returnBy: part.return_by.toISOString(),
    firstOpinionBy: iso(part.first_opinion_by),
    firstOpinionAt: iso(part.first_opinion_at),
    firstOpinion: part.first_opinion,
    extensionDays: part.extension_days,
    final: part.final,
    pauses: part.pauses,
    repliedAt: iso(part.replied_at),
    handling: part.handling,
    publicAnswer: part.public_answer,
    truthful: part.truthful,
    solved: part.solved,
    unsolvedWhy: part.unsolved_why,
    contactedAt: iso(part.contacted_at),
  };
}

export function requestView(request: RequestRow): TicketRequestView {
  return {
    requestId: request.request_id,
    partId: request.part_id,
    unitId: request.unit_id,
    kind: request.kind,
    reason: request.reason,
    workingDays: request.working_days,
    suggestedUnitId: request.suggested_unit_id,
    askedAt: request.asked_at.toISOString(),
    askedByName: request.asked_by_name,
    state: request.state,
    decidedAt: iso(request.decided_at),
    decidedByName: request.decided_by_name,
    decision: request.decision,
    grantedDays: request.granted_days,
  };
}

/** Whether a role may know who spoke. */
export function maySeeCitizen(row: Pick<ReadTicket, 'type' | 'confidential'>, role: Role): boolean {
  return !identityHidden(row) || may(role, 'ticket.view-confidential');
}

/** The call and its line lead to the citizen as surely as the number does: all go together. */
function citizenFor(row: ReadTicket, role: Role) {
  if (!maySeeCitizen(row, role))
    return { citizenName: null, citizenMasked: null, callId: null, lineName: null };
  const number = row.caller_number ?? row.contact_number;
  return {
    citizenName: row.citizen_name || null,
    citizenMasked: number || row.call_id ? maskNumber(number) : null,
    callId: row.call_id,
    lineName: row.line_name,
  };
}
