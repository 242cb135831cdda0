import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { Source } from '../platform/kept';
import type { Database } from '../platform/postgres';
import {
  nuisanceBook,
  type Act,
  type NuisanceBook,
  type NuisanceEntry,
  type NuisanceState,
} from './nuisance';

interface Row {
  entry_id: string;
  version: number;
  number: string;
  match: NuisanceEntry['match'];
  treatment: NuisanceEntry['treatment'];
  reason: string;
  call_id: string | null;
  last_day: string;
  state: NuisanceEntry['state'];
  proposed_by: string;
  proposed_by_name: string;
  proposed_at: Date;
  decided_by: string | null;
  decided_by_name: string | null;
  decided_at: Date | null;
  decision: string | null;
  lifted_by: string | null;
  lifted_by_name: string | null;
  lifted_at: Date | null;
  lift_reason: string | null;
}

/** What is written in the same transaction as the change: the audit trail. */
type Beside = (transaction: Knex.Transaction) => Promise<void>;

export interface NuisanceFilter {
  state?: NuisanceState | undefined;
  /** A number as it is kept. */
  number?: string | undefined;
  proposedBy?: string | undefined;
  limit: number;
}

/** Tables `nuisance_entries` and `nuisance_open_lines`. */
export class NuisanceStore implements Source<NuisanceBook> {
  constructor(private readonly db: Database) {}

  async revision(): Promise<string> {
    const { rows } = await this.db.raw<{ rows: { revision: string }[] }>(
      `select concat_ws('.', (select concat_ws('-', count(*), sum(version)) from nuisance_entries),
                             (select md5(string_agg(line_id, ' ' order by line_id)) from nuisance_open_lines)) as revision`,
    );
    return rows[0]?.revision ?? '';
  }

  /** What the call path needs: the approved entries (which of them have ended is said by the city's day), and the lines that block nobody. */
  async read(): Promise<NuisanceBook> {
    const rows = await this.rows().where('state', 'approved');
    return nuisanceBook(rows.map(toEntry), await this.openLines());
  }

  /** Newest first; `day` is today in the city. */
  async list(filter: NuisanceFilter, day: string): Promise<NuisanceEntry[]> {
    const query = this.rows().orderBy([
      { column: 'proposed_at', order: 'desc' },
      { column: 'entry_id', order: 'desc' },
    ]);
    const { state } = filter;
    if (state === 'active') void query.where('state', 'approved').where('last_day', '>=', day);
    else if (state === 'expired') void query.where('state', 'approved').where('last_day', '<', day);
    else if (state) void query.where('state', state);
    if (filter.number !== undefined) void query.where('number', filter.number);
    if (filter.proposedBy !== undefined) void query.where('proposed_by', filter.proposedBy);
    return (await query.limit(filter.limit)).map(toEntry);
  }

  async entry(entryId: string): Promise<NuisanceEntry | null> {
    const row = await this.rows().where('entry_id', entryId).first();
    return row ? toEntry(row) : null;
  }

  /** Stores a proposal; throws `already-exists` while one for the number waits or an approved one blocks it already. */
  async insert(entry: NuisanceEntry, day: string, beside: Beside): Promise<void> {
    await this.changing(async (trx) => {
      const same = await this.rows(trx)
        .where({ number: entry.number, match: entry.match })
        .where((open) =>
          open
            .where('state', 'proposed')
            .orWhere((q) => q.where('state', 'approved').where('last_day', '>=', day)),
        )
        .first();
      if (same)
        throw new HotlineError(
          'already-exists',
          same.state === 'proposed' ? '该号码已有待审批的申请' : '该号码已在骚扰名单中',
          {
            entryId: same.entry_id,
          },
        );
      await trx('nuisance_entries').insert(toColumns(entry));
      await beside(trx);
    });
  }

  /** Writes an entry over the version before it. Throws `stale-version` when somebody was faster. */
  async replace(entry: NuisanceEntry, beside: Beside): Promise<void> {
    await this.changing(async (trx) => {
      const changed = await trx('nuisance_entries')
        .where({ entry_id: entry.entryId, version: entry.version - 1 })
        .update(toColumns(entry));
      if (changed === 0) throw new HotlineError('stale-version', '该条目已被他人处理，请刷新后再试', {});
      await beside(trx);
    });
  }

  async openLines(): Promise<string[]> {
    return (await this.db('nuisance_open_lines').orderBy('line_id').pluck('line_id')) as string[];
  }

  async replaceOpenLines(
    lineIds: readonly string[],
    beside: (transaction: Knex.Transaction, before: string[]) => Promise<void>,
  ): Promise<void> {
    await this.changing(async (trx) => {
      const before = (await trx('nuisance_open_lines').orderBy('line_id').pluck('line_id')) as string[];
      await trx('nuisance_open_lines').delete();
      if (lineIds.length) await trx('nuisance_open_lines').insert(lineIds.map((line_id) => ({ line_id })));
      await beside(trx, before);
    });
  }

  /** One change at a time: two proposals for one number would otherwise not see each other. */
  private changing(work: (transaction: Knex.Transaction) => Promise<void>): Promise<void> {
    return this.db.transaction(async (trx) => {
      await trx.raw(`select pg_advisory_xact_lock(hashtext('nuisance'))`);
      await work(trx);
    });
  }

  private rows(within: Database | Knex.Transaction = this.db) {
    return within<Row>('nuisance_entries').select<Row[]>(
      '*',
      this.db.raw(`to_char(last_day, 'YYYY-MM-DD') as last_day`),
    );
  }
}

function toEntry(row: Row): NuisanceEntry {
  const { entry_id: entryId, version, number, match, treatment, reason, state } = row;
  return {
    entryId,
    version,
    number,
    match,
    treatment,
    reason,
    callId: row.call_id,
    lastDay: row.last_day,
    state,
    proposed: {
      personId: row.proposed_by,
      name: row.proposed_by_name,
      at: row.proposed_at.toISOString(),
      words: reason,
    },
    decided: act(row.decided_by, row.decided_by_name, row.decided_at, row.decision),
    lifted: act(row.lifted_by, row.lifted_by_name, row.lifted_at, row.lift_reason),
  };
}

function act(
  personId: string | null,
  name: string | null,
  at: Date | null,
  words: string | null,
): Act | null {
  return personId === null || at === null
    ? null
    : { personId, name: name ?? '', at: at.toISOString(), words: words ?? '' };
}

function toColumns(
  entry: NuisanceEntry,
): Omit<Row, 'proposed_at' | 'decided_at' | 'lifted_at'> & Record<string, unknown> {
  const { entryId, version, number, match, treatment, reason, callId, lastDay, state } = entry;
  const { proposed, decided, lifted } = entry;
  return {
    entry_id: entryId,
    version,
    number,
    match,
    treatment,
    reason,
    call_id: callId,
    last_day: lastDay,
    state,
    proposed_by: proposed.personId,
    proposed_by_name: proposed.name,
    proposed_at: proposed.at,
    decided_by: decided?.personId ?? null,
    decided_by_name: decided?.name ?? null,
    decided_at: decided?.at ?? null,
    decision: decided?.words ?? null,
    lifted_by: lifted?.personId ?? null,
    lifted_by_name: lifted?.name ?? null,
    lifted_at: lifted?.at ?? null,
    lift_reason: lifted?.words ?? null,
  };
}
