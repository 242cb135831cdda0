import type { Channel, Level, PartState, RefusalKind, TicketState, TicketType, Urgency } from './ticket';
import type { ChosenLimit } from '../deadlines/due-dates';
import type { SkippedDay } from '../deadlines/working-calendar';

/** A work order as its table keeps it. Instants are UTC. */
export interface TicketRow {
  ticket_id: string;
  number: string;
  version: number;
  timeline_seq: number;
  state: TicketState;
  channel: Channel;
  type: TicketType;
  urgency: Urgency;
  category_code: string;
  area_code: string | null;
  address: string;
  title: string;
  content: string;
  confidential: boolean;
  citizen_id: string | null;
  citizen_name: string;
  /** The citizen's number, normalised: the call's own, or without a call the one given; null when the caller hides it. */
  caller_number: string | null;
  contact_number: string | null;
  call_id: string | null;
  line_id: string | null;
  line_name: string | null;
  opened_at: Date;
  opened_by: string;
  opened_by_name: string;
  dispatch_by: Date;
  dispatched_at: Date | null;
  lead_unit_id: string | null;
  lead_unit_name: string | null;
  due_at: Date | null;
  due_why: string | null;
  concluded_at: Date | null;
  answer: string | null;
  updated_at: Date;
  /** Person and Idempotency-Key of the request that made it. */
  request_key: string | null;
  query_code: string | null;
  external_number: string | null;
  level: Level;
  township: string;
  longitude: number | null;
  latitude: number | null;
  parties: string;
  company: string;
  urges: number;
  reopened: number;
  acknowledged_at: Date | null;
  replied_at: Date | null;
  checked_at: Date | null;
  followed_up_at: Date | null;
  archived_at: Date | null;
  article_id: string | null;
  article_version: number | null;
  article_title: string | null;
  refusal_kind: RefusalKind | null;
  refusal_explanation: string | null;
  guided_to: string | null;
  hard_case: boolean;
  excluded_reason: string | null;
  merged_into: string | null;
  timeline_hash: string | null;
}

/** A stretch in which a part's clock stood still, by a rule that says so. `to` null: it still does. */
export interface Pause {
  rule: string;
  words: string;
  from: string;
  to: string | null;
}

/** What one unit has of a work order: its own state and clock (R3). */
export interface PartRow {
  part_id: string;
  ticket_id: string;
  unit_id: string;
  unit_name: string;
  role: 'lead' | 'assisting';
  state: PartState;
  /** Which dispatch of the ticket it belongs to. */
  round: number;
  /** False once it was returned, withdrawn or redone. */
  current: boolean;
  dispatched_at: Date;
  due_at: Date;
  return_by: Date;
  first_opinion_by: Date | null;
  clause: string;
  working_days: number;
  due_why: string;
  skipped: SkippedDay[];
  calendar_version: number;
  due_limit: ChosenLimit | null;
  acknowledge_by: Date | null;
  acknowledged_at: Date | null;
  first_opinion_at: Date | null;
  first_opinion: string | null;
  replied_at: Date | null;
  closed_at: Date | null;
  extension_days: number;
  /** Final ruling: it cannot be returned. */
  final: boolean;
  pauses: Pause[];
  handling: string | null;
  public_answer: string | null;
  truthful: boolean | null;
  solved: boolean | null;
  unsolved_why: string | null;
  contacted_at: Date | null;
}

export const REQUEST_KINDS = { return: '退单', extension: '延期', objection: '派单异议' } as const;
export type RequestKind = keyof typeof REQUEST_KINDS;
export const REQUEST_STATES = {
  pending: '待审核',
  granted: '同意',
  refused: '不同意',
  withdrawn: '已撤回',
} as const;
export type RequestState = keyof typeof REQUEST_STATES;

/** What a unit asks 12345 to decide about its part (T2, T3). */
export interface RequestRow {
  request_id: string;
  ticket_id: string;
  part_id: string;
  unit_id: string;
  kind: RequestKind;
  reason: string;
  working_days: number | null;
  suggested_unit_id: string | null;
  /** A return asked after its working day, let through by a supervisor. */
  late: boolean;
  asked_at: Date;
  asked_by: string;
  asked_by_name: string;
  state: RequestState;
  decided_at: Date | null;
  decided_by: string | null;
  decided_by_name: string | null;
  decision: string | null;
  granted_days: number | null;
}

export interface UrgeRow {
  ticket_id: string;
  number: number;
  at: Date;
  channel: Channel;
  call_id: string | null;
  words: string;
  by_id: string | null;
  by_name: string | null;
}

/** 联席会议 (R3). */
export interface MeetingRow {
  meeting_id: string;
  ticket_id: string;
  held_at: Date;
  place: string;
  unit_ids: string[];
  members: string;
  decision: string;
  at: Date;
  by_id: string;
  by_name: string;
}

export interface TimelineRow {
  ticket_id: string;
  seq: number;
  at: Date;
  kind: string;
  words: string;
  by_id: string | null;
  by_name: string | null;
  facts: Record<string, unknown>;
  previous_hash: string | null;
  hash: string | null;
}

/** A ticket with the names a reader needs and the part that the reader (or the lead unit) has. */
export interface ReadTicket extends TicketRow {
  category_name: string;
  return_by: Date | null;
  first_opinion_by: Date | null;
  skipped: SkippedDay[] | null;
  /** The reader's own part (a unit), or the lead's. */
  first_opinion_at: Date | null;
  acknowledge_by: Date | null;
  part_state: PartState | null;
  part_role: 'lead' | 'assisting' | null;
  part_final: boolean | null;
  part_paused: boolean | null;
  /** Kinds of request that are pending; for a unit its own only. */
  pending: RequestKind[] | null;
  /** Whether a return of this part has been refused before, so that it may object. */
  return_refused: boolean | null;
}
