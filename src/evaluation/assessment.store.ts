import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { TicketRow } from '../tickets/ticket-row';
import type { DemandRow, ExclusionRow, ExclusionState } from './evaluation-row';

export type ListedExclusion = ExclusionRow & Pick<TicketRow, 'number' | 'title' | 'lead_unit_name'>;

/** Tables `exclusions` and `unreasonable_demands`: what a work order's assessment leaves out. */
export class AssessmentStore {
  constructor(private readonly db: Database) {}

  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** False when one of this work order is proposed or approved already. */
  async propose(trx: Knex, row: ExclusionRow): Promise<boolean> {
    const { rows } = await trx.raw<{ rows: unknown[] }>(
      `? on conflict (ticket_id) where state in ('proposed', 'approved') do nothing returning exclusion_id`,
      [trx('exclusions').insert(row)],
    );
    return rows.length > 0;
  }

  async find(exclusionId: string): Promise<ExclusionRow | null> {
    return (await this.db<ExclusionRow>('exclusions').where({ exclusion_id: exclusionId }).first()) ?? null;
  }

  /** Changes one that is still in the state and version its caller saw; false when it is not. */
  async change(
    trx: Knex,
    seen: { exclusionId: string; version: number; state: ExclusionState },
    changes: Partial<ExclusionRow>,
  ): Promise<boolean> {
    const { exclusionId, version, state } = seen;
    const changed = await trx<ExclusionRow>('exclusions')
      .where({ exclusion_id: exclusionId, version, state })
      .update({ ...changes, version: version + 1 });
    return changed > 0;
  }

  /** Newest first. */
  list(
    filter: { state?: ExclusionState | undefined; ticketId?: string | undefined },
    before: { at: Date; id: string } | null,
    limit: number,
  ): Promise<ListedExclusion[]> {
    const query = this.db('exclusions as x')
      .join('tickets as t', 't.ticket_id', 'x.ticket_id')
      .orderBy([
        { column: 'x.proposed_at', order: 'desc' },
        { column: 'x.exclusion_id', order: 'desc' },
      ])
      .limit(limit)
      .select<ListedExclusion[]>('x.*', 't.number', 't.title', 't.lead_unit_name');
    if (filter.state) void query.where('x.state', filter.state);
    if (filter.ticketId) void query.where('x.ticket_id', filter.ticketId);
    if (before) void query.whereRaw('(x.proposed_at, x.exclusion_id) < (?, ?)', [before.at, before.id]);
    return query;
  }

  async demandOf(ticketId: string): Promise<DemandRow | null> {
    const found = await this.db<DemandRow>('unreasonable_demands')
      .where({ ticket_id: ticketId })
      .whereNull('lifted_at')
      .first();
    return found ?? null;
  }

  /** False when it is marked already. */
  async mark(trx: Knex, row: DemandRow): Promise<boolean> {
    const { rows } = await trx.raw<{ rows: unknown[] }>(
      '? on conflict (ticket_id) where lifted_at is null do nothing returning demand_id',
      [trx('unreasonable_demands').insert(row)],
    );
    return rows.length > 0;
  }

  /** False when it is not marked. */
  async lift(trx: Knex, ticketId: string, changes: Partial<DemandRow>): Promise<boolean> {
    const lifted = await trx<DemandRow>('unreasonable_demands')
      .where({ ticket_id: ticketId })
      .whereNull('lifted_at')
      .update(changes);
    return lifted > 0;
  }
}
