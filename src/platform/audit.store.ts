import type { Knex } from 'knex';
import type { Clock } from './clock';
import { type Link, FIRST_HASH, brokenAt, canonicalJson, chained } from './hash-chain';
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

/** All services append one after another under this advisory lock. */
const LOCK = 12_345_002;
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
    let head = FIRST_HASH;
    for (let rows = 0; ;) {
      const batch = await this.db<Stored>('audit')
        .where('seq', '>', String(rows))
        .orderBy('seq')
        .limit(BATCH);
      const gap = batch.findIndex((row, index) => Number(row.seq) !== rows + index + 1);
      const broken = brokenAt(batch.map(linkOf), head) ?? batch.length;
      const fitting = gap < 0 ? broken : Math.min(gap, broken);
      if (fitting < batch.length) return { whole: false, brokenAt: rows + fitting + 1 };
      head = batch.at(-1)?.hash ?? head;
      rows += batch.length;
      if (batch.length < BATCH) return { whole: true, rows, head };
    }
  }

  private async appendIn(transaction: Knex.Transaction, entry: AuditEntry): Promise<void> {
    await transaction.raw('select pg_advisory_xact_lock(?)', [LOCK]);
    const last = await transaction<Stored>('audit').orderBy('seq', 'desc').first('seq', 'hash');
    const previous = last?.hash ?? FIRST_HASH;
    const row = {
      seq: Number(last?.seq ?? 0) + 1,
      at: this.clock.now(),
      who: storable(entry.who),
      action: storable(entry.action),
      subject: storable(entry.subject),
      facts: canonicalJson(entry.facts ?? {}),
      address: storable(entry.address ?? ''),
    };
    const link = { previous_hash: previous, hash: chained(previous, row) };
    await transaction<Stored>('audit').insert({ ...row, seq: String(row.seq), ...link });
  }
}

/** PostgreSQL text holds neither NUL nor half a surrogate pair; facts are JSON, where both are escaped. */
function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', ''), 'utf8').toString('utf8').slice(0, 400);
}

/** `facts` is hashed as the very text that is stored. */
function linkOf({ hash, previous_hash, ...row }: Stored): Link {
  return { record: { ...row, seq: Number(row.seq) }, previousHash: previous_hash, hash };
}
