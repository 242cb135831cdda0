import { maskNumber } from '../lines/phone-number';
import { may, type Role } from '../permissions';
import type { CalledIn } from './called-in';
import { identityHidden, type TicketSummary, type TicketView } from './ticket';
import { actionsFor } from './ticket-lifecycle';
import type { ReadTicket, TimelineRow } from './ticket-row';

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
    actions: actionsFor(row.state, role),
  };
}

/** A whole work order as one role may see it. */
export function ticketView(
  row: ReadTicket,
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
