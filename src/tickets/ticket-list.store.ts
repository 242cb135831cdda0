import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { CLOSED_STATES, TICKET_STATES, type TicketState } from './ticket';
import type { ListPlace, TicketFilter, TicketSort } from './ticket-filter';

/** A filter ready for the database: the category with all below it, the question as a `tsquery`. */
export interface ListFilter extends Omit<TicketFilter, 'categoryCode' | 'text'> {
  categoryCodes?: readonly string[];
  query?: string;
  now: Date;
}

export interface ListedTicket extends ListPlace {
  ticketId: string;
}

/** So many of the newest found are weighed for the best: a word of everyday would else be weighed a million times. */
export const RANKED = 2000;
/** States in which somebody still has to do something by a due date; the index `tickets_due` has just these. */
const WITH_CLOCK: readonly TicketState[] = ['dispatched', 'acknowledged', 'returned', 'replied'];
const WORKING = ['dispatched', 'acknowledged'] as const;

/** Which work orders a list shows, in its order; what is shown of them is read by their ids. */
export class TicketListStore {
  constructor(private readonly db: Database) {}

  /** The next `limit` after a place; for a unit (`unitId`) only those it has a part in. */
  async page(
    filter: ListFilter,
    unitId: string | null,
    order: { sort: TicketSort; after: ListPlace | null; limit: number },
  ): Promise<ListedTicket[]> {
    if (order.sort === 'rank') return this.ranked(filter, unitId, order);
    if (order.sort === 'due') return this.byDue(filter, unitId, order);
    const { from, query } = this.narrowed(filter, unitId);
    if (order.after) void query.where(`${from}.number`, '<', order.after.number);
    const rows = await query
      .orderBy(`${from}.number`, 'desc')
      .limit(order.limit)
      .select<{ ticket_id: string; number: string }[]>(`${from}.ticket_id`, `${from}.number`);
    return rows.map(({ ticket_id: ticketId, number }) => ({ ticketId, number, key: null }));
  }

  /** How many there are in each state, counted up to `limit` each. */
  async counts(filter: ListFilter, unitId: string | null, limit: number): Promise<Map<TicketState, number>> {
    const { state: _state, ...others } = filter;
    const states = Object.keys(TICKET_STATES) as TicketState[];
    const each = states.map((state) => {
      const some = this.narrowed({ ...others, state }, unitId)
        .query.select(this.db.raw('1'))
        .limit(limit);
      return this.db.from(some.as('n')).select(this.db.raw('? as state, count(*)::int as n', [state]));
    });
    const rows = (await this.db.unionAll(each, true)) as { state: TicketState; n: number }[];
    return new Map(rows.map(({ state, n }) => [state, n]));
  }

  private async byDue(
    filter: ListFilter,
    unitId: string | null,
    { after, limit }: { after: ListPlace | null; limit: number },
  ): Promise<ListedTicket[]> {
    const { query } = this.narrowed(filter, unitId);
    const due = unitId === null ? 't.due_at' : 'p.due_at';
    void query.whereNotNull(due).whereIn('t.state', WITH_CLOCK);
    if (unitId !== null) void query.whereIn('p.state', WORKING);
    if (after) void query.whereRaw(`(??, t.number) > (?, ?)`, [due, new Date(after.key ?? 0), after.number]);
    const rows = await query
      .orderBy([due, 't.number'])
      .limit(limit)
      .select<{ ticket_id: string; number: string; due_at: Date }[]>('t.ticket_id', 't.number', due);
    return rows.map(({ ticket_id: ticketId, number, due_at }) => ({
      ticketId,
      number,
      key: due_at.getTime(),
    }));
  }

  private async ranked(
    filter: ListFilter,
    unitId: string | null,
    { after, limit }: { after: ListPlace | null; limit: number },
  ): Promise<ListedTicket[]> {
    const newest = this.narrowed(filter, unitId)
      .query.orderBy('s.number', 'desc')
      .limit(RANKED)
      .select('s.ticket_id', 's.number', {
        rank: this.db.raw('ts_rank(s.words, ?::tsquery)::float8', [filter.query ?? '']),
      });
    const query = this.db.from(newest.as('f'));
    if (after) void query.whereRaw('(f.rank, f.number) < (?::float8, ?)', [after.key ?? 0, after.number]);
    const rows = await query
      .orderBy([
        { column: 'f.rank', order: 'desc' },
        { column: 'f.number', order: 'desc' },
      ])
      .limit(limit)
      .select<{ ticket_id: string; number: string; rank: number }[]>('f.*');
    return rows.map(({ ticket_id: ticketId, number, rank }) => ({ ticketId, number, key: rank }));
  }

  /** The narrowed tickets, and the table whose number they are ordered by. */
  private narrowed(filter: ListFilter, unitId: string | null): { from: 't' | 's'; query: Knex.QueryBuilder } {
    const { query: words, now: _now, ...others } = filter;
    // Words alone need the search's own table only: the newest found are read in its order.
    const wordsOnly = unitId === null && Object.values(others).every((value) => value === undefined);
    if (words !== undefined && wordsOnly)
      return {
        from: 's',
        query: this.db('ticket_search as s').whereRaw('s.words @@ ?::tsquery', [words]),
      };
    const query = this.db('tickets as t');
    if (words !== undefined)
      void query
        .join('ticket_search as s', 's.ticket_id', 't.ticket_id')
        .whereRaw('s.words @@ ?::tsquery', [words]);
    if (unitId !== null)
      void query.join('ticket_parts as p', (on) =>
        on.on('p.ticket_id', 't.ticket_id').onVal('p.unit_id', unitId).onVal('p.current', true),
      );
    narrowByColumns(query, filter);
    narrowByClock(query, filter, unitId);
    narrowByParts(query, filter, unitId);
    return { from: words === undefined ? 't' : 's', query };
  }
}

const COLUMNS = {
  type: 't.type',
  urgency: 't.urgency',
  areaCode: 't.area_code',
  township: 't.township',
  unitId: 't.lead_unit_id',
  channel: 't.channel',
  level: 't.level',
  citizenId: 't.citizen_id',
  hardCase: 't.hard_case',
  callId: 't.call_id',
  openedBy: 't.opened_by',
} as const satisfies Partial<Record<keyof ListFilter, string>>;

function narrowByColumns(query: Knex.QueryBuilder, filter: ListFilter): void {
  for (const [key, column] of Object.entries(COLUMNS) as [keyof typeof COLUMNS, string][]) {
    const value = filter[key];
    if (value !== undefined) void query.where(column, value);
  }
  const { state, citizenNumber } = filter;
  if (typeof state === 'string') void query.where('t.state', state);
  else if (state !== undefined) void query.whereIn('t.state', state);
  if (filter.categoryCodes) void query.whereIn('t.category_code', filter.categoryCodes);
  if (citizenNumber !== undefined)
    void query.where((any) =>
      any.where('t.caller_number', citizenNumber).orWhere('t.contact_number', citizenNumber),
    );
  if (filter.excluded !== undefined)
    void query[filter.excluded ? 'whereNotNull' : 'whereNull']('t.excluded_reason');
  if (filter.identityShown) void query.where('t.confidential', false).whereNot('t.type', 'report');
}

function narrowByClock(query: Knex.QueryBuilder, filter: ListFilter, unitId: string | null): void {
  const due = unitId === null ? 't.due_at' : 'p.due_at';
  const state = unitId === null ? 't.state' : 'p.state';
  if (filter.from) void query.where('t.opened_at', '>=', filter.from);
  if (filter.to) void query.where('t.opened_at', '<', filter.to);
  if (filter.dueBefore) void query.where(due, '<', filter.dueBefore).whereNotIn('t.state', CLOSED_STATES);
  if (filter.overdue === true) void query.where(due, '<', filter.now).whereIn(state, WORKING);
  if (filter.overdue === false)
    void query.where((any) => any.whereNull(due).orWhere(due, '>=', filter.now).orWhereNotIn(state, WORKING));
}

function narrowByParts(query: Knex.QueryBuilder, filter: ListFilter, unitId: string | null): void {
  const { partState, assignedUnitId, pending } = filter;
  if (unitId !== null && partState !== undefined) void query.where('p.state', partState);
  const ofOthers = unitId === null ? partState : undefined;
  if (ofOthers !== undefined || assignedUnitId !== undefined)
    void query.whereExists((part) => {
      void part
        .select('w.part_id')
        .from('ticket_parts as w')
        .whereRaw('w.ticket_id = t.ticket_id and w.current');
      if (assignedUnitId !== undefined) void part.where('w.unit_id', assignedUnitId);
      if (ofOthers !== undefined) void part.where('w.state', ofOthers);
    });
  if (pending !== undefined)
    void query[pending ? 'whereExists' : 'whereNotExists']((asked) => {
      void asked
        .select('r.request_id')
        .from('ticket_requests as r')
        .whereRaw("r.ticket_id = t.ticket_id and r.state = 'pending'");
      // A unit is told of its own requests only.
      if (unitId !== null) void asked.where('r.unit_id', unitId);
    });
}
