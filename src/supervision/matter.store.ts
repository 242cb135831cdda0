import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { PartRow, TicketRow, TimelineRow } from '../tickets/ticket-row';
import type { MatterKind, MatterRow, MatterStep, SummaryOf } from './matter';

export interface MatterFilter {
  kind?: MatterKind;
  state?: string;
  ticketId?: string;
  unitId?: string;
}

export interface MatterUnit {
  unit_id: string;
  unit_name: string;
}

/** Special cases, instructions, 13710 cases and on-site offices, with the work orders and units they concern. */
export class MatterStore {
  constructor(private readonly db: Database) {}

  async insert(trx: Knex, row: Omit<MatterRow, 'matter_seq'>, ticketIds: readonly string[]): Promise<void> {
    await trx('supervision_matters').insert({ ...row, facts: JSON.stringify(row.facts) });
    await trx('supervision_matter_tickets').insert(
      ticketIds.map((ticketId) => ({ matter_id: row.matter_id, ticket_id: ticketId })),
    );
  }

  async find(matterId: string, trx: Knex = this.db): Promise<MatterRow | null> {
    return (await trx<MatterRow>('supervision_matters').where({ matter_id: matterId }).first()) ?? null;
  }

  /** Changes a matter that is still what the caller saw; answers null otherwise. */
  async move(
    trx: Knex,
    expected: { matterId: string; version: number; from: readonly string[] },
    changes: { state: string; facts: Record<string, unknown> },
  ): Promise<MatterRow | null> {
    const [row] = await trx<MatterRow>('supervision_matters')
      .where({ matter_id: expected.matterId, version: expected.version })
      .whereIn('state', [...expected.from])
      .update({
        state: changes.state,
        facts: trx.raw('?::jsonb', [JSON.stringify(changes.facts)]),
        version: expected.version + 1,
      })
      .returning('*');
    return row ?? null;
  }

  /** Adds a step; the matter's row must be locked by this transaction (inserted or moved in it). */
  async addStep(trx: Knex, step: Omit<MatterStep, 'seq'>): Promise<void> {
    const last = await trx('supervision_matter_steps')
      .where({ matter_id: step.matter_id })
      .max('seq as seq')
      .first();
    const seq = Number((last as { seq: number | null } | undefined)?.seq ?? 0) + 1;
    await trx('supervision_matter_steps').insert({ ...step, seq, facts: JSON.stringify(step.facts) });
  }

  async lock(trx: Knex, matterId: string): Promise<MatterRow | null> {
    return (
      (await trx<MatterRow>('supervision_matters').where({ matter_id: matterId }).forUpdate().first()) ?? null
    );
  }

  async setUnits(trx: Knex, matterId: string, units: readonly MatterUnit[]): Promise<void> {
    await trx('supervision_matter_units').where({ matter_id: matterId }).delete();
    if (units.length > 0)
      await trx('supervision_matter_units').insert(units.map((unit) => ({ ...unit, matter_id: matterId })));
  }

  units(matterId: string, trx: Knex = this.db): Promise<MatterUnit[]> {
    return trx('supervision_matter_units')
      .where({ matter_id: matterId })
      .orderBy('unit_id')
      .select<MatterUnit[]>('unit_id', 'unit_name');
  }

  /** The work orders a matter concerns, in the order in which they are locked. */
  async ticketIds(matterId: string, trx: Knex = this.db): Promise<string[]> {
    return trx('supervision_matter_tickets')
      .where({ matter_id: matterId })
      .orderBy('ticket_id')
      .pluck('ticket_id');
  }

  steps(matterId: string): Promise<MatterStep[]> {
    return this.db<MatterStep>('supervision_matter_steps').where({ matter_id: matterId }).orderBy('seq');
  }

  /** Newest first, below `before`; for a unit the matters it is a member of. */
  list(
    filter: MatterFilter,
    unitId: string | null,
    before: string | null,
    limit: number,
  ): Promise<MatterRow[]> {
    const query = this.db<MatterRow>('supervision_matters as m').orderBy('matter_seq', 'desc').limit(limit);
    if (filter.kind !== undefined) query.where('m.kind', filter.kind);
    if (filter.state !== undefined) query.where('m.state', filter.state);
    if (filter.ticketId !== undefined)
      query.whereIn('m.matter_id', this.ids('supervision_matter_tickets', { ticket_id: filter.ticketId }));
    for (const member of [filter.unitId, unitId ?? undefined])
      if (member !== undefined)
        query.whereIn('m.matter_id', this.ids('supervision_matter_units', { unit_id: member }));
    if (before) query.where('m.matter_seq', '<', before);
    return query;
  }

  /** Whether a matter of a kind about a ticket is still in one of these states. */
  async hasOpen(trx: Knex, kind: MatterKind, ticketId: string, states: readonly string[]): Promise<boolean> {
    const row = await trx('supervision_matters')
      .where({ kind })
      .whereIn('state', [...states])
      .whereIn(
        'matter_id',
        trx('supervision_matter_tickets').where({ ticket_id: ticketId }).select('matter_id'),
      )
      .first('matter_id');
    return row !== undefined;
  }

  /** Whether a letter about a ticket was issued and its deadline is over. */
  async letterRanOut(trx: Knex, ticketId: string, now: Date): Promise<boolean> {
    const row = await trx('supervision_letters')
      .where({ ticket_id: ticketId })
      .whereIn('state', ['issued', 'received'])
      .where('reply_by', '<=', now)
      .first('letter_id');
    return row !== undefined;
  }

  /** The work orders of a summary, newest first, one more than `limit` where there are more. */
  summarised(of: SummaryOf, limit: number): Promise<TicketRow[]> {
    const query = this.db<TicketRow>('tickets')
      .orderBy('number', 'desc')
      .limit(limit + 1);
    query.whereNotIn('state', ['draft', 'discarded', 'merged']);
    if (of.ticketIds.length > 0) query.whereIn('ticket_id', of.ticketIds);
    if (of.categoryCode) query.where('category_code', of.categoryCode);
    if (of.areaCode) query.where('area_code', of.areaCode);
    if (of.from) query.where('opened_at', '>=', of.from);
    if (of.to) query.where('opened_at', '<', of.to);
    if (of.hardCase) query.where('hard_case', true);
    return query;
  }

  /** What a document about work orders tells of them. */
  async cases(ticketIds: readonly string[]): Promise<{
    tickets: TicketRow[];
    parts: PartRow[];
    timeline: TimelineRow[];
    categories: Map<string, string>;
  }> {
    const ids = [...ticketIds];
    const [tickets, parts, timeline, categories] = await Promise.all([
      this.db<TicketRow>('tickets').whereIn('ticket_id', ids).orderBy('number'),
      this.db<PartRow>('ticket_parts').whereIn('ticket_id', ids).orderBy(['dispatched_at', 'part_id']),
      this.db<TimelineRow>('ticket_timeline').whereIn('ticket_id', ids).orderBy(['ticket_id', 'seq']),
      this.db('ticket_categories').select<{ category_code: string; name: string }[]>('category_code', 'name'),
    ]);
    return {
      tickets,
      parts,
      timeline,
      categories: new Map(categories.map((row) => [row.category_code, row.name])),
    };
  }

  private ids(table: string, where: Record<string, string>) {
    return this.db(table).where(where).select('matter_id');
  }
}
