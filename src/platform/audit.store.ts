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

/** How far the chain was walked, and the first row that does not fit. */
export interface AuditChain {
  rows: number;
  head: string;
  brokenAt: number | null;
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

  /**
   * Walks the whole chain in batches. Answers the number of rows that fit, the hash of the last of them, and the number
   * of the first row that does not fit (null: all do).
   */
  async verify(onProgress: (so: AuditChain) => void = () => undefined): Promise<AuditChain> {
    const so: AuditChain = { rows: 0, head: FIRST_HASH, brokenAt: null };
    for (let full = true; full && so.brokenAt === null; onProgress(so)) {
      const batch = await this.db<Stored>('audit')
        .where('seq', '>', String(so.rows))
        .orderBy('seq')
        .limit(BATCH);
      const gap = batch.findIndex((row, index) => Number(row.seq) !== so.rows + index + 1);
      const broken = brokenAt(batch.map(linkOf), so.head) ?? batch.length;
      const fitting = gap < 0 ? broken : Math.min(gap, broken);
      so.head = batch[fitting - 1]?.hash ?? so.head;
      so.rows += fitting;
      if (fitting < batch.length) so.brokenAt = so.rows + 1;
      full = batch.length === BATCH;
    }
    return so;
  }

  /** The number of rows and the hash of the last: what may be noted elsewhere. */
  async head(): Promise<{ rows: number; head: string }> {
    const last = await this.db<Stored>('audit').orderBy('seq', 'desc').first('seq', 'hash');
    return { rows: Number(last?.seq ?? 0), head: last?.hash ?? FIRST_HASH };
  }

  /** The hash of a row, null when there is none. */
  async hashAt(seq: number): Promise<string | null> {
    return (
      (
        await this.db<Stored>('audit')
          .where({ seq: String(seq) })
          .first('hash')
      )?.hash ?? null
    );
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
