import type { Database } from './postgres';

/** How long the reply to an idempotency key is kept. */
export const KEEP_HOURS = 24;
/** An operation that has not ended after this long died with its process; the same request may try again. */
const ABANDONED_SECONDS = 60;

export type Claim =
  | { kind: 'first' }
  | { kind: 'running' }
  | { kind: 'mismatch' }
  | { kind: 'done'; status: number; reply: unknown };

interface Stored {
  person_id: string;
  operation: string;
  key: string;
  request_hash: string;
  status: number | null;
  reply: { body: unknown } | null;
  at: Date;
}

/** Which request an idempotency key belongs to. Keys of different people or operations never meet. */
export interface KeyOf {
  personId: string;
  operation: string;
  key: string;
}

/** Table `idempotency_keys`. */
export class IdempotencyStore {
  constructor(private readonly db: Database) {}

  /** Takes a key for a request, or says what became of the request that took it before. One atomic statement. */
  async claim(of: KeyOf, requestHash: string, now: Date): Promise<Claim> {
    const taken = await this.db<Stored>('idempotency_keys')
      .insert({ ...columns(of), request_hash: requestHash, status: null, reply: null, at: now })
      .onConflict(['person_id', 'operation', 'key'])
      .merge()
      .where((old) =>
        old
          .where('idempotency_keys.at', '<', new Date(now.getTime() - KEEP_HOURS * 3_600_000))
          .orWhere((abandoned) =>
            abandoned
              .whereNull('idempotency_keys.status')
              .where('idempotency_keys.request_hash', requestHash)
              .where('idempotency_keys.at', '<', new Date(now.getTime() - ABANDONED_SECONDS * 1000)),
          ),
      )
      .returning('key');
    if (taken.length > 0) return { kind: 'first' };
    const row = await this.db<Stored>('idempotency_keys').where(columns(of)).first();
    if (!row) return { kind: 'running' };
    if (row.request_hash !== requestHash) return { kind: 'mismatch' };
    return row.status === null
      ? { kind: 'running' }
      : { kind: 'done', status: row.status, reply: row.reply?.body };
  }

  /** Keeps the reply for repeats. */
  async finish(of: KeyOf, status: number, reply: unknown): Promise<void> {
    await this.db<Stored>('idempotency_keys')
      .where(columns(of))
      .update({ status, reply: this.db.raw('?::jsonb', [JSON.stringify({ body: reply ?? null })]) });
  }

  /** Frees the key of a refused request, so that a corrected try may use it. */
  async release(of: KeyOf): Promise<void> {
    await this.db<Stored>('idempotency_keys').where(columns(of)).whereNull('status').delete();
  }

  async removeOlderThan(instant: Date): Promise<void> {
    await this.db<Stored>('idempotency_keys').where('at', '<', instant).delete();
  }
}

function columns(of: KeyOf) {
  return { person_id: of.personId, operation: of.operation, key: of.key };
}
