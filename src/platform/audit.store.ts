import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Clock } from './clock';
import type { Database } from './postgres';

export interface AuditEntry {
  /** Person id, or `system`. */
  who: string;
  /** What was done, as `module.verb`. */
  action: string;
  /** Id of what it was done to. */
  subject: string;
  facts?: Record<string, unknown>;
  /** Remote address, empty for the system's own acts. */
  address?: string;
}

export interface AuditRow extends Required<AuditEntry> {
  seq: number;
  at: Date;
  hash: string;
}

interface Stored {
  seq: string;
  at: Date;
  who: string;
  action: string;
  subject: string;
  facts: string;
  address: string;
  previous_hash: string;
  hash: string;
}

type Chained = Omit<Stored, 'hash' | 'seq'> & { seq: number };

/** All services append one after another under this advisory lock. */
const LOCK = 12_345_002;
const FIRST = '0'.repeat(64);
const BATCH = 1000;

/**
 * Table `audit`: each row's hash covers its own canonical JSON and the hash before it, so a changed, removed or inserted
 * row breaks the chain. (Rows cut off at the very end only show against a head hash noted elsewhere: `verify` gives it.)
 */
export class AuditStore {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Appends an entry; give `within` to make it part of the transaction of the act itself. */
  async append(entry: AuditEntry, within?: Knex.Transaction): Promise<void> {
    if (within) await this.appendIn(within, entry);
    else await this.db.transaction((transaction) => this.appendIn(transaction, entry));
  }

  /** Newest first, optionally of one subject, person or action. */
  async list(
    filter: { subject?: string; who?: string; action?: string },
    limit: number,
    before?: number,
  ): Promise<AuditRow[]> {
    const query = this.db<Stored>('audit').orderBy('seq', 'desc').limit(limit);
    for (const [column, value] of Object.entries(filter)) if (value !== undefined) query.where(column, value);
    if (before !== undefined) query.where('seq', '<', String(before));
    return (await query).map(({ seq, at, who, action, subject, facts, address, hash }) => ({
      seq: Number(seq),
      at,
      who,
      action,
      subject,
      facts: JSON.parse(facts) as Record<string, unknown>,
      address,
      hash,
    }));
  }

  /** Walks the whole chain. Answers the number of rows and the head hash, or the first row that does not fit. */
  async verify(): Promise<{ whole: true; rows: number; head: string } | { whole: false; brokenAt: number }> {
    let previous = FIRST;
    let expected = 1;
    for (;;) {
      const rows = await this.db<Stored>('audit')
        .where('seq', '>=', String(expected))
        .orderBy('seq')
        .limit(BATCH);
      for (const { hash, ...rest } of rows) {
        const row = { ...rest, seq: Number(rest.seq) };
        if (row.seq !== expected || row.previous_hash !== previous || hashOf(row) !== hash)
          return { whole: false, brokenAt: expected };
        previous = hash;
        expected += 1;
      }
      if (rows.length < BATCH) return { whole: true, rows: expected - 1, head: previous };
    }
  }

  private async appendIn(transaction: Knex.Transaction, entry: AuditEntry): Promise<void> {
    await transaction.raw('select pg_advisory_xact_lock(?)', [LOCK]);
    const last = await transaction<Stored>('audit').orderBy('seq', 'desc').first('seq', 'hash');
    const row: Chained = {
      seq: Number(last?.seq ?? 0) + 1,
      at: this.clock.now(),
      who: storable(entry.who),
      action: storable(entry.action),
      subject: storable(entry.subject),
      facts: canonicalJson(entry.facts ?? {}),
      address: storable(entry.address ?? ''),
      previous_hash: last?.hash ?? FIRST,
    };
    await transaction<Stored>('audit').insert({ ...row, seq: String(row.seq), hash: hashOf(row) });
  }
}

/** PostgreSQL text holds neither NUL nor half a surrogate pair; facts are JSON, where both are escaped. */
function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', ''), 'utf8').toString('utf8').slice(0, 400);
}

/** JSON with sorted keys: the same facts always give the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

function hashOf(row: Chained): string {
  const { previous_hash, seq, at, who, action, subject, facts, address } = row;
  const text = canonicalJson({
    previous_hash,
    seq,
    at: at.toISOString(),
    who,
    action,
    subject,
    facts,
    address,
  });
  return createHash('sha256').update(text).digest('hex');
}
