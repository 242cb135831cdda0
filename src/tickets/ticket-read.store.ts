import type { Database } from '../platform/postgres';
import { CLOSED_STATES, identityHidden, type TicketState, type TicketType } from './ticket';
import type { MeetingRow, PartRow, ReadTicket, RequestRow, UrgeRow } from './ticket-row';

export interface OpenTicket {
  ticket_id: string;
  number: string;
  title: string;
  state: TicketState;
  lead_unit_name: string | null;
  due_at: Date | null;
}

const SHARED_COLUMNS = ['number', 'title', 'state', 'type', 'confidential'] as const;

interface SharedRow {
  number: string;
  title: string;
  state: TicketState;
  type: TicketType;
  confidential: boolean;
}

/** The ticket's tables, read: one ticket, some by their ids, a caller's open ones. Lists are in ticket-list.store.ts. */
export class TicketReadStore {
  constructor(private readonly db: Database) {}

  /** One ticket; for a unit (`unitId`) only when it has a part in it, and then with that part's clock. */
  async find(ticketId: string, unitId: string | null): Promise<ReadTicket | null> {
    return (await this.read(unitId).where('t.ticket_id', ticketId).first()) ?? null;
  }

  /** These tickets in this order; for a unit only its own, with its part's clock. */
  async several(ticketIds: readonly string[], unitId: string | null): Promise<ReadTicket[]> {
    const rows = await this.read(unitId).whereIn('t.ticket_id', ticketIds);
    const byId = new Map(rows.map((row) => [row.ticket_id, row]));
    return ticketIds.flatMap((ticketId) => byId.get(ticketId) ?? []);
  }

  /** The ticket with this number; null when there is none. */
  async idOf(number: string): Promise<string | null> {
    const row = await this.db('tickets')
      .where({ number })
      .first<{ ticket_id: string } | undefined>('ticket_id');
    return row?.ticket_id ?? null;
  }

  /** The numbers of the tickets opened from each of these calls. */
  async numbersByCall(callIds: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.db('tickets')
      .whereIn('call_id', callIds)
      .orderBy('number')
      .select<{ call_id: string; number: string }[]>('call_id', 'number');
    const byCall = new Map<string, string[]>();
    for (const { call_id, number } of rows) byCall.set(call_id, [...(byCall.get(call_id) ?? []), number]);
    return byCall;
  }

  /** What is still open for a caller's number, newest first; reads a partial index. */
  openByNumber(number: string, limit: number): Promise<OpenTicket[]> {
    return this.db('tickets')
      .select<OpenTicket[]>('ticket_id', 'number', 'title', 'state', 'lead_unit_name', 'due_at')
      .where({ caller_number: number })
      .whereNotIn('state', CLOSED_STATES)
      .orderBy('number', 'desc')
      .limit(limit);
  }

  /** The callers' and the contact numbers of every open urgent work order. */
  async urgentNumbers(): Promise<string[]> {
    const rows = await this.db('tickets')
      .where({ urgency: 'urgent' })
      .whereNotIn('state', CLOSED_STATES)
      .select<{ caller_number: string | null; contact_number: string | null }[]>(
        'caller_number',
        'contact_number',
      );
    return rows.flatMap((row) => [row.caller_number, row.contact_number]).filter((number) => number !== null);
  }

  /** The work orders opened from these calls, as little of them as is shared; `hidden`: nothing may lead to the citizen. */
  async sharedByCall(
    callIds: readonly string[],
  ): Promise<{ callId: string; number: string; title: string; state: TicketState; hidden: boolean }[]> {
    const rows = await this.db('tickets')
      .whereIn('call_id', callIds)
      .orderBy('number')
      .select<(SharedRow & { call_id: string })[]>('call_id', ...SHARED_COLUMNS);
    return rows.map(({ call_id: callId, type, confidential, ...shown }) => ({
      ...shown,
      callId,
      hidden: identityHidden({ type, confidential }),
    }));
  }

  /** What is still open for a caller's number, newest first, without what must not lead to him. */
  async sharedByNumber(
    number: string,
    limit: number,
  ): Promise<{ number: string; title: string; state: TicketState }[]> {
    const query = this.db('tickets')
      .where({ caller_number: number })
      .whereNotIn('state', CLOSED_STATES)
      .orderBy('number', 'desc')
      .limit(limit)
      .select<SharedRow[]>(SHARED_COLUMNS);
    const rows = await query.where('confidential', false).whereNot('type', 'report');
    return rows.map(({ number: shown, title, state }) => ({ number: shown, title, state }));
  }

  /** What belongs to one ticket beside its own row; for a unit its own requests only. */
  async details(ticketId: string, unitId: string | null) {
    const [parts, requests, urges, meetings, merged] = await Promise.all([
      this.db<PartRow>('ticket_parts')
        .where({ ticket_id: ticketId })
        .orderBy(['round', 'dispatched_at', 'part_id']),
      this.db<RequestRow>('ticket_requests')
        .where({ ticket_id: ticketId, ...(unitId === null ? {} : { unit_id: unitId }) })
        .orderBy('asked_at'),
      this.db<UrgeRow>('ticket_urges').where({ ticket_id: ticketId }).orderBy('number'),
      this.db<MeetingRow>('joint_meetings').where({ ticket_id: ticketId }).orderBy('held_at'),
      this.db('tickets')
        .where({ merged_into: ticketId })
        .orderBy('number')
        .select<{ ticket_id: string; number: string }[]>('ticket_id', 'number'),
    ]);
    return { parts, requests, urges, meetings, merged };
  }

  private read(unitId: string | null) {
    const pending = unitId === null ? '' : ' and r.unit_id = p.unit_id';
    const query = this.db<ReadTicket>('tickets as t')
      .join('ticket_categories as c', 'c.category_code', 't.category_code')
      .select<ReadTicket[]>(
        't.*',
        { category_name: 'c.name', part_state: 'p.state', part_role: 'p.role', part_final: 'p.final' },
        'p.return_by',
        'p.first_opinion_by',
        'p.first_opinion_at',
        'p.acknowledge_by',
        'p.skipped',
        this.db.raw('coalesce(p.pauses @> \'[{"to": null}]\', false) as part_paused'),
        this.db.raw('coalesce(p.due_at, t.due_at) as due_at'),
        this.db.raw('coalesce(p.due_why, t.due_why) as due_why'),
        this.db.raw(
          `(select array_agg(r.kind) from ticket_requests r
             where r.ticket_id = t.ticket_id and r.state = 'pending'${pending}) as pending`,
        ),
        this.db.raw(
          `exists (select 1 from ticket_requests r
             where r.part_id = p.part_id and r.kind = 'return' and r.state = 'refused') as return_refused`,
        ),
      );
    // The hotline's people see the lead's clock; a unit sees only tickets it has a part in, with its own clock.
    if (unitId === null)
      return query.leftJoin('ticket_parts as p', (on) =>
        on.on('p.ticket_id', 't.ticket_id').on('p.unit_id', 't.lead_unit_id').onVal('p.current', true),
      );
    return query.join('ticket_parts as p', (on) =>
      on.on('p.ticket_id', 't.ticket_id').onVal('p.unit_id', unitId).onVal('p.current', true),
    );
  }
}
