import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { TicketRow } from '../tickets/ticket-row';
import type { AppealRow, AppealState, EvaluationRow } from './evaluation-row';

/** A result with what a list shows of its work order and its appeal. */
export type ListedEvaluation = EvaluationRow &
  Pick<TicketRow, 'number' | 'title' | 'type' | 'confidential'> & { appeal_state: AppealState | null };

export type ListedAppeal = AppealRow & Pick<TicketRow, 'number' | 'title'> & { unit_name: string | null };

export interface EvaluationFilter {
  unitId?: string | undefined;
  /** Waits for a supervisor's look. */
  review?: boolean | undefined;
  /** The ones that count only. */
  final?: boolean | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Tables `evaluations` and `appeals` (E1). */
export class EvaluationStore {
  constructor(private readonly db: Database) {}

  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /**
   * Adds a result. What a citizen said counts instead of everything before (a matter once per matter); that he could not
   * be reached counts only where nothing was ever said: it must not hide a bad rating.
   */
  async insert(trx: Knex, row: Omit<EvaluationRow, 'final'>): Promise<void> {
    const said = await trx<EvaluationRow>('evaluations')
      .where({ ticket_id: row.ticket_id, outcome: 'evaluated', final: true })
      .first('evaluation_id');
    const final = row.outcome === 'evaluated' || said === undefined;
    if (final)
      await trx<EvaluationRow>('evaluations')
        .where({ ticket_id: row.ticket_id, final: true })
        .update({ final: false });
    await trx('evaluations').insert({ ...row, final });
  }

  async find(evaluationId: string, trx: Knex = this.db): Promise<EvaluationRow | null> {
    return (await trx<EvaluationRow>('evaluations').where({ evaluation_id: evaluationId }).first()) ?? null;
  }

  async saidByCitizen(ticketId: string, round: number): Promise<boolean> {
    const found = await this.db<EvaluationRow>('evaluations')
      .where({ ticket_id: ticketId, round })
      .whereNull('by_id')
      .first('evaluation_id');
    return found !== undefined;
  }

  /** Changes a result that is still the version its caller saw; false when it is not. */
  async change(
    trx: Knex,
    evaluationId: string,
    version: number,
    changes: Partial<EvaluationRow>,
  ): Promise<boolean> {
    const changed = await trx<EvaluationRow>('evaluations')
      .where({ evaluation_id: evaluationId, version })
      .update({ ...changes, version: version + 1 });
    return changed > 0;
  }

  /** Newest first, before the last one of the page before. */
  list(
    filter: EvaluationFilter & { ticketId?: string },
    before: { at: Date; id: string } | null,
    limit: number,
  ): Promise<ListedEvaluation[]> {
    const query = this.db('evaluations as e')
      .join('tickets as t', 't.ticket_id', 'e.ticket_id')
      .leftJoin('appeals as a', 'a.evaluation_id', 'e.evaluation_id')
      .orderBy([
        { column: 'e.at', order: 'desc' },
        { column: 'e.evaluation_id', order: 'desc' },
      ])
      .limit(limit)
      .select<ListedEvaluation[]>(
        'e.*',
        't.number',
        't.title',
        't.type',
        't.confidential',
        'a.state as appeal_state',
      );
    if (filter.ticketId) void query.where('e.ticket_id', filter.ticketId);
    if (filter.unitId) void query.where('e.unit_id', filter.unitId);
    if (filter.review) void query.where('e.review', 'waiting');
    if (filter.final !== undefined) void query.where('e.final', filter.final);
    if (filter.from) void query.where('e.at', '>=', filter.from);
    if (filter.to) void query.where('e.at', '<', filter.to);
    if (before) void query.whereRaw('(e.at, e.evaluation_id) < (?, ?)', [before.at, before.id]);
    return query;
  }

  /** False when this result has an appeal already. */
  async insertAppeal(trx: Knex, row: AppealRow): Promise<boolean> {
    const made = await trx('appeals').insert(row).onConflict('evaluation_id').ignore().returning('appeal_id');
    return made.length > 0;
  }

  async findAppeal(appealId: string): Promise<AppealRow | null> {
    return (await this.db<AppealRow>('appeals').where({ appeal_id: appealId }).first()) ?? null;
  }

  async decideAppeal(
    trx: Knex,
    appealId: string,
    version: number,
    changes: Partial<AppealRow>,
  ): Promise<boolean> {
    const changed = await trx<AppealRow>('appeals')
      .where({ appeal_id: appealId, version, state: 'pending' })
      .update({ ...changes, version: version + 1 });
    return changed > 0;
  }

  /** Newest first. */
  listAppeals(
    filter: { unitId?: string | undefined; state?: AppealState | undefined },
    before: { at: Date; id: string } | null,
    limit: number,
  ): Promise<ListedAppeal[]> {
    const query = this.db('appeals as a')
      .join('tickets as t', 't.ticket_id', 'a.ticket_id')
      .join('evaluations as e', 'e.evaluation_id', 'a.evaluation_id')
      .orderBy([
        { column: 'a.asked_at', order: 'desc' },
        { column: 'a.appeal_id', order: 'desc' },
      ])
      .limit(limit)
      .select<ListedAppeal[]>('a.*', 't.number', 't.title', 'e.unit_name');
    if (filter.unitId) void query.where('a.unit_id', filter.unitId);
    if (filter.state) void query.where('a.state', filter.state);
    if (before) void query.whereRaw('(a.asked_at, a.appeal_id) < (?, ?)', [before.at, before.id]);
    return query;
  }
}
