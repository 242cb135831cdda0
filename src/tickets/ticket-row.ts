import type { TicketState, TicketType, Urgency } from './ticket';
import type { SkippedDay } from '../deadlines/working-calendar';

/** A work order as its table keeps it. Instants are UTC. */
export interface TicketRow {
  ticket_id: string;
  number: string;
  version: number;
  timeline_seq: number;
  state: TicketState;
  channel: string;
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
}

/** What one unit has of a work order: its own state and clock (R3). */
export interface PartRow {
  part_id: string;
  ticket_id: string;
  unit_id: string;
  unit_name: string;
  role: 'lead' | 'assisting';
  state: 'dispatched' | 'concluded';
  dispatched_at: Date;
  due_at: Date;
  return_by: Date;
  first_opinion_by: Date | null;
  clause: string;
  working_days: number;
  due_why: string;
  skipped: SkippedDay[];
  calendar_version: number;
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
}

/** A ticket with the names a reader needs and the part that the reader (or the lead unit) has. */
export interface ReadTicket extends TicketRow {
  category_name: string;
  return_by: Date | null;
  first_opinion_by: Date | null;
  skipped: SkippedDay[] | null;
}
