import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { LetterRow, LetterState } from './letter';

export interface LetterFilter {
  state?: LetterState;
  unitId?: string;
  ticketId?: string;
  /** Issued, past its deadline and not answered at this instant. */
  overdueAt?: Date;
}

const OPEN: readonly LetterState[] = ['drafted', 'issued', 'received'];

/** Official letters and the counter of their numbers. */
export class LetterStore {
  constructor(private readonly db: Database) {}

  async insert(trx: Knex, row: Omit<LetterRow, 'letter_seq'>): Promise<void> {
    await trx('supervision_letters').insert(row);
  }

  async find(letterId: string, trx: Knex = this.db): Promise<LetterRow | null> {
    return (await trx<LetterRow>('supervision_letters').where({ letter_id: letterId }).first()) ?? null;
  }

  /** The part's letter that is neither answered nor withdrawn: at most one. */
  async open(trx: Knex, partId: string): Promise<LetterRow | null> {
    const row = await trx<LetterRow>('supervision_letters')
      .where({ part_id: partId })
      .whereIn('state', [...OPEN])
      .first();
    return row ?? null;
  }

  /** Changes a letter that is still what the caller saw; answers null otherwise. */
  async move(
    trx: Knex,
    expected: { letterId: string; version: number; from: readonly LetterState[] },
    changes: Partial<LetterRow>,
  ): Promise<LetterRow | null> {
    const [row] = await trx<LetterRow>('supervision_letters')
      .where({ letter_id: expected.letterId, version: expected.version })
      .whereIn('state', [...expected.from])
      .update({ ...changes, version: expected.version + 1 })
      .returning('*');
    return row ?? null;
  }

  /** The next serial of a year: the counter is locked until the transaction ends, so a number is never lost or twice. */
  async nextSerial(trx: Knex, year: number): Promise<number> {
    const { rows } = await trx.raw<{ rows: { last: number }[] }>(
      `insert into letter_counters as c (year, last) values (?, 1)
       on conflict (year) do update set last = c.last + 1 returning last`,
      [year],
    );
    return rows[0]?.last ?? 1;
  }

  /** Newest first, below `before`; for a unit what was issued to it. */
  list(
    filter: LetterFilter,
    unitId: string | null,
    before: string | null,
    limit: number,
  ): Promise<LetterRow[]> {
    const query = this.db<LetterRow>('supervision_letters').orderBy('letter_seq', 'desc').limit(limit);
    if (unitId !== null) query.where({ unit_id: unitId }).whereNotNull('issued_at');
    if (filter.unitId !== undefined) query.where({ unit_id: filter.unitId });
    if (filter.state !== undefined) query.where({ state: filter.state });
    if (filter.ticketId !== undefined) query.where({ ticket_id: filter.ticketId });
    if (filter.overdueAt)
      query.whereIn('state', ['issued', 'received']).where('reply_by', '<', filter.overdueAt);
    if (before) query.where('letter_seq', '<', before);
    return query;
  }
}
