import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { Rung } from './escalation-ladder';

export interface LadderVersion {
  version: number;
  rungs: Rung[];
  at: Date;
  by_id: string;
  by_name: string;
  reason: string;
}

/** The city's own ladders, every version; none: the notice's holds. */
export class LadderStore {
  constructor(private readonly db: Database) {}

  async newest(trx: Knex = this.db): Promise<LadderVersion | null> {
    return (await trx<LadderVersion>('supervision_ladders').orderBy('version', 'desc').first()) ?? null;
  }

  /** Writes the version after `row.version - 1`; answers false when somebody has written it. `beside` joins in. */
  async add(row: LadderVersion, beside: (trx: Knex.Transaction) => Promise<void>): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const written = await trx('supervision_ladders')
        .insert({ ...row, rungs: JSON.stringify(row.rungs) })
        .onConflict('version')
        .ignore()
        .returning('version');
      if (written.length > 0) await beside(trx);
      return written.length > 0;
    });
  }

  history(limit: number): Promise<LadderVersion[]> {
    return this.db<LadderVersion>('supervision_ladders').orderBy('version', 'desc').limit(limit);
  }
}
