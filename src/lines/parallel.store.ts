import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Source } from '../platform/kept';
import type { Database } from '../platform/postgres';
import type { ParallelInput, ParallelSettings } from './parallel';

/** What is written in the same transaction as the change: the audit trail. */
type Beside = (transaction: Knex.Transaction) => Promise<void>;

/** Table `parallel_lines`: one row a line that has settings of its own. */
export class ParallelStore implements Source<ParallelSettings[]> {
  constructor(private readonly db: Database) {}

  async revision(): Promise<string> {
    const { rows } = await this.db.raw<{ rows: { revision: string }[] }>(
      `select concat_ws('.', count(*), sum(version)) as revision from parallel_lines`,
    );
    return rows[0]?.revision ?? '';
  }

  async read(): Promise<ParallelSettings[]> {
    const rows = await this.db('parallel_lines')
      .orderBy('line_id')
      .select<{ line_id: string; version: number; settings: ParallelInput }[]>();
    return rows.map(({ line_id: lineId, version, settings }) => ({ ...settings, lineId, version }));
  }

  /** Writes a line's settings if they still have this version (0: none written yet). */
  async put(lineId: string, version: number, input: ParallelInput, beside: Beside): Promise<void> {
    const settings = JSON.stringify(input);
    await this.db.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: unknown[] }>(
        `insert into parallel_lines (line_id, version, settings) select :lineId, 1, :settings where :version = 0
           on conflict (line_id) do nothing returning 1`,
        { lineId, settings, version },
      );
      const written =
        rows.length ||
        (await trx('parallel_lines')
          .where({ line_id: lineId, version })
          .update({ settings, version: version + 1 }));
      if (!written)
        throw new HotlineError('stale-version', '该热线的并行设置已被他人修改，请刷新后再试', { lineId });
      await beside(trx);
    });
  }
}
