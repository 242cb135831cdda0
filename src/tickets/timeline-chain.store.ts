import { createHash } from 'node:crypto';
import type { Database } from '../platform/postgres';
import { FIRST_HASH, brokenAt, chained } from '../platform/hash-chain';
import type { TimelineRow } from './ticket-row';
import { timelineRecord } from './timeline-record';

/** How far the timelines were walked. `head` is one hash over the heads of all tickets. */
export interface TimelineProgress {
  rows: number;
  tickets: number;
  head: string;
  /** The first row that does not fit, or is missing. */
  brokenAt: { ticketId: string; number: string; seq: number } | null;
}

/** A row with what its ticket says of its whole timeline, read by one statement. */
interface Walked extends TimelineRow {
  ticket_id: string;
  previous_hash: string | null;
  hash: string | null;
  number: string;
  last_seq: number;
  last_hash: string | null;
}

const BATCH = 2000;

/** The hash chain of each ticket's timeline, read for verification. */
export class TimelineChainStore {
  constructor(private readonly db: Database) {}

  /**
   * Walks every ticket's timeline, in batches, while the service goes on working: each chain from its first row to the
   * head that its ticket keeps. Stops at the first row that does not fit.
   */
  async verify(onProgress: (so: TimelineProgress) => void = () => undefined): Promise<TimelineProgress> {
    const so: TimelineProgress = { rows: 0, tickets: 0, head: FIRST_HASH, brokenAt: null };
    let last: Walked | null = null;
    for (let full = true; full && !so.brokenAt; onProgress(so)) {
      const batch: Walked[] = await this.batch(last);
      full = batch.length === BATCH;
      for (const row of batch) {
        step(so, last, row);
        if (so.brokenAt) break;
        last = row;
      }
      if (!full && last && !so.brokenAt) endOf(so, last);
    }
    so.brokenAt ??= await this.withoutTimeline();
    onProgress(so);
    return so;
  }

  /** One hash over the hashes of all rows with an instant in a span: the same for ever, once it is past. */
  async digest(from: Date, to: Date): Promise<{ rows: number; digest: string }> {
    const rows = await this.db('ticket_timeline')
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy(['ticket_id', 'seq'])
      .select<{ ticket_id: string; seq: number; hash: string | null }[]>('ticket_id', 'seq', 'hash');
    const hash = createHash('sha256');
    for (const row of rows) hash.update(`${row.ticket_id} ${row.seq} ${row.hash ?? ''}\n`);
    return { rows: rows.length, digest: hash.digest('hex') };
  }

  private batch(after: Walked | null): Promise<Walked[]> {
    const query = this.db('ticket_timeline as l')
      .join('tickets as t', 't.ticket_id', 'l.ticket_id')
      .orderBy(['l.ticket_id', 'l.seq'])
      .limit(BATCH)
      .select<Walked[]>('l.*', 't.number', { last_seq: 't.timeline_seq', last_hash: 't.timeline_hash' });
    if (after) query.whereRaw('(l.ticket_id, l.seq) > (?, ?)', [after.ticket_id, after.seq]);
    return query;
  }

  /** A ticket whose whole timeline is gone. */
  private async withoutTimeline(): Promise<TimelineProgress['brokenAt']> {
    const found = await this.db('tickets as t')
      .whereNotExists(this.db('ticket_timeline as l').whereRaw('l.ticket_id = t.ticket_id'))
      .where('t.timeline_seq', '>', 0)
      .first<{ ticket_id: string; number: string } | undefined>('t.ticket_id', 't.number');
    return found ? { ticketId: found.ticket_id, number: found.number, seq: 1 } : null;
  }
}

function step(so: TimelineProgress, last: Walked | null, row: Walked): void {
  const goesOn = last?.ticket_id === row.ticket_id;
  if (last && !goesOn) endOf(so, last);
  if (so.brokenAt) return;
  const expected = goesOn ? (last?.seq ?? 0) + 1 : 1;
  const link = { record: timelineRecord(row), previousHash: row.previous_hash, hash: row.hash };
  const fits = brokenAt([link], goesOn ? (last?.hash ?? FIRST_HASH) : FIRST_HASH) === null;
  if (row.seq !== expected || !fits) so.brokenAt = place(row, expected);
  else so.rows += 1;
}

/** The last row of a ticket must be the one the ticket names. */
function endOf(so: TimelineProgress, last: Walked): void {
  if (last.seq < last.last_seq) so.brokenAt = place(last, last.seq + 1);
  else if (last.seq > last.last_seq || last.hash !== last.last_hash) so.brokenAt = place(last, last.seq);
  so.tickets += 1;
  so.head = chained(so.head, { ticketId: last.ticket_id, hash: last.hash });
}

function place({ ticket_id, number }: Walked, seq: number): TimelineProgress['brokenAt'] {
  return { ticketId: ticket_id, number, seq };
}
