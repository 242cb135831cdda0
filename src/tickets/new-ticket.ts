import { dispatchBy } from '../deadlines/time-limit';
import type { TimeLimits } from '../deadlines/time-limit';
import type { Caller } from '../platform/http-route';
import type { Category } from './category.store';
import type { TicketInput } from './ticket';
import type { TicketRow } from './ticket-row';

/** What the call itself says; written by the call, never by the agent. */
export interface CallFacts {
  /** Normalised; null when the citizen hides it. */
  callerNumber: string | null;
  callerHidden: boolean;
  lineId: string | null;
  lineName: string | null;
  seatId: string | null;
}

/** What a work order's first row is made of, beside what was written. */
interface Given {
  at: Date;
  category: Category;
  call: CallFacts | null;
  /** Normalised. */
  contact: string | null;
  /** Person and Idempotency-Key of the request. */
  key: string | null;
  ticketId: string;
  queryCode: string;
  limits: TimeLimits;
}

/** The row of a new work order: the call's own facts go before what was typed. */
export function newTicket(input: TicketInput, caller: Caller, known: Given): TicketRow {
  const { at, category, call } = known;
  return {
    ticket_id: known.ticketId,
    number: '',
    version: 1,
    timeline_seq: 0,
    state: input.draft ? 'draft' : 'accepted',
    channel: input.channel,
    type: input.type,
    urgency: input.urgency,
    category_code: category.code,
    area_code: input.areaCode || null,
    address: input.address,
    title: input.title,
    content: input.content,
    confidential: input.confidential,
    citizen_id: null,
    citizen_name: input.citizenName,
    caller_number: call ? call.callerNumber : known.contact,
    contact_number: known.contact,
    call_id: input.callId,
    line_id: call?.lineId ?? null,
    line_name: call?.lineName ?? null,
    opened_at: at,
    opened_by: caller.personId,
    opened_by_name: caller.name,
    dispatch_by: dispatchBy(at, { urgency: input.urgency, utility: category.utility }, known.limits),
    dispatched_at: null,
    lead_unit_id: null,
    lead_unit_name: null,
    due_at: null,
    due_why: null,
    concluded_at: null,
    answer: null,
    updated_at: at,
    request_key: known.key,
    query_code: known.queryCode,
    external_number: input.externalNumber,
    level: input.level,
    township: input.township,
    longitude: input.point?.longitude ?? null,
    latitude: input.point?.latitude ?? null,
    parties: input.parties,
    company: input.company,
    ...NOT_YET,
  };
}

/** What a work order does not have at its beginning. */
const NOT_YET = {
  urges: 0,
  reopened: 0,
  acknowledged_at: null,
  replied_at: null,
  checked_at: null,
  followed_up_at: null,
  archived_at: null,
  article_id: null,
  article_version: null,
  article_title: null,
  refusal_kind: null,
  refusal_explanation: null,
  guided_to: null,
  hard_case: false,
  excluded_reason: null,
  merged_into: null,
  timeline_hash: null,
} satisfies Partial<TicketRow>;
