import { createHash } from 'node:crypto';

/** The hash before the first record of every chain. */
export const FIRST_HASH = '0'.repeat(64);

/** A stored record with the hashes stored beside it. */
export interface Link {
  record: object;
  previousHash: string | null;
  hash: string | null;
}

/**
 * The hash of a record that follows `previousHash` (the head of the chain, `FIRST_HASH` for its first record): SHA-256, in
 * hex, over the canonical JSON of the record with `previous_hash`. Give the record as it will be read back: instants as
 * Date or ISO text of milliseconds, no `undefined` that is stored as null. (G1: what happened cannot be rewritten.)
 */
export function chained(previousHash: string, record: object): string {
  return createHash('sha256')
    .update(canonicalJson({ ...record, previous_hash: previousHash }))
    .digest('hex');
}

/**
 * Index of the first link that does not fit what is before it, null when all do. A chain is looked at in batches by
 * giving the last hash of the batch before as `previousHash`. Links cut off at the end only show against a head noted
 * elsewhere.
 */
export function brokenAt(links: readonly Link[], previousHash = FIRST_HASH): number | null {
  let previous = previousHash;
  for (const [index, link] of links.entries()) {
    if (link.previousHash !== previous || link.hash !== chained(previous, link.record)) return index;
    previous = link.hash;
  }
  return null;
}

/** JSON with sorted keys: the same facts always give the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
