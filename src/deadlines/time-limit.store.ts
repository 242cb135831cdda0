import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { NOTICE_LIMITS, type TimeLimits } from './time-limit';

export interface LimitVersion {
  version: number;
  at: Date;
  by_id: string;
  by_name: string;
  reason: string;
  limits: TimeLimits;
}

/** The versions of the time limits; before the first edit the notice's own, as version 0. */
export class TimeLimitStore {
  constructor(private readonly db: Database) {}

  async current(): Promise<{ version: number; limits: TimeLimits }> {
    const row = await this.db<LimitVersion>('time_limit_versions').orderBy('version', 'desc').first();
    return row ? { version: row.version, limits: row.limits } : { version: 0, limits: NOTICE_LIMITS };
  }

  /** Adds the version after `before`; answers false when somebody was faster. `within` belongs to the same transaction. */
  save(
    before: number,
    row: Omit<LimitVersion, 'version'>,
    within: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const last = await trx('time_limit_versions').max('version as version').first();
      if (Number((last as { version: number | null } | undefined)?.version ?? 0) !== before) return false;
      const added = await trx('time_limit_versions')
        .insert({ ...row, version: before + 1, limits: JSON.stringify(row.limits) })
        .onConflict('version')
        .ignore()
        .returning('version');
      if (added.length === 0) return false;
      await within(trx);
      return true;
    });
  }

  history(limit: number): Promise<LimitVersion[]> {
    return this.db<LimitVersion>('time_limit_versions').orderBy('version', 'desc').limit(limit);
  }
}
