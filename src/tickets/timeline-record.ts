import type { TimelineRow } from './ticket-row';

/** What the hash of a timeline row covers (G1): everything but the hashes, in the form it is read back. */
export function timelineRecord(row: Omit<TimelineRow, 'previous_hash' | 'hash'>): object {
  const { ticket_id, seq, at, kind, words, by_id, by_name, facts } = row;
  return { ticket_id, seq, at: at.toISOString(), kind, words, by_id, by_name, facts };
}
