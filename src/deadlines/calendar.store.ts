import type { Database } from '../platform/postgres';
import type { Knex } from 'knex';
import type { CalendarChange, CalendarRecord } from './calendar-change';
import type { WorkingHours } from './working-calendar';

export interface CalendarHistoryEntry {
  version: number;
  at: string;
  byName: string;
  reason: string;
  before: CalendarRecord;
  after: CalendarRecord;
}

/** The administrator's calendar rows, their version and history. */
export class CalendarStore {
  constructor(private readonly db: Database) {}

  async version(trx: Knex = this.db): Promise<number> {
    const row = await trx('calendar_state').first<{ version: number }>('version');
    return row?.version ?? 0;
  }

  /** One consistent reading of state, days and years. */
  async load(trx: Knex = this.db): Promise<CalendarRecord> {
    const { rows } = await trx.raw<{
      rows: { version: number; hours: WorkingHours[]; days: CalendarRecord['days']; years: number[] }[];
    }>(
      `select version, hours,
         coalesce((select jsonb_agg(jsonb_build_object('day', day, 'working', working, 'name', name) order by day)
                     from calendar_days), '[]'::jsonb) as days,
         coalesce((select jsonb_agg(year order by year) from calendar_years), '[]'::jsonb) as years
       from calendar_state`,
    );
    const row = rows[0];
    if (!row) throw new Error('calendar_state has no row: the migrations have not run');
    return { version: row.version, hours: row.hours, days: row.days, declaredYears: row.years };
  }

  /**
   * Writes a change as the next version with its history row, in one transaction. Answers null, and changes nothing,
   * when `expected` is no longer the version. `beside` (audit) joins the transaction.
   */
  async save(
    expected: number,
    after: CalendarRecord,
    change: CalendarChange,
    by: { id: string; name: string; at: Date },
    beside: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<CalendarRecord | null> {
    return this.db.transaction(async (trx) => {
      const locked = await trx('calendar_state').where({ version: expected }).forUpdate().first();
      if (!locked) return null;
      const before = await this.load(trx);
      await trx('calendar_state').update({ version: after.version, hours: JSON.stringify(after.hours) });
      await trx('calendar_days').delete();
      if (after.days.length) await trx('calendar_days').insert([...after.days]);
      await trx('calendar_years').delete();
      if (after.declaredYears.length)
        await trx('calendar_years').insert(after.declaredYears.map((year) => ({ year })));
      await trx('calendar_history').insert({
        version: after.version,
        at: by.at,
        by_id: by.id,
        by_name: by.name,
        reason: change.reason,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
      });
      await beside(trx);
      return after;
    });
  }

  async history(limit: number): Promise<CalendarHistoryEntry[]> {
    const rows = await this.db('calendar_history').orderBy('version', 'desc').limit(limit);
    return rows.map((row) => ({
      version: row.version,
      at: row.at.toISOString(),
      byName: row.by_name,
      reason: row.reason,
      before: row.before,
      after: row.after,
    }));
  }
}
