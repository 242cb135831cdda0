import { z } from 'zod';
import type { Database } from '../platform/postgres';
import type { RedisClient } from '../platform/redis';
import { foldRecord, type CallRecord, type JournalEvent } from './call-record';

export interface JournalEntry {
  entryId: string;
  event: JournalEvent;
}

const storedEntry = z.object({
  entryId: z.string(),
  event: z.looseObject({ kind: z.string(), at: z.iso.datetime() }),
});

/** The journal's two homes: a Redis stream that survives the service, and the table it is written behind into. */
export class JournalStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly database: Database,
    private readonly prefix: string,
  ) {}

  /** Adds an entry to the stream; commands on one connection keep their order. Returns the stream's id for it. */
  async push(entry: JournalEntry): Promise<string> {
    return (await this.redis.xadd(this.streamKey, '*', 'entry', JSON.stringify(entry))) ?? '';
  }

  /** What an earlier run left unwritten, oldest first. An entry that cannot be read is left out and counted. */
  async leftovers(): Promise<{ entries: { streamId: string; entry: JournalEntry }[]; unreadable: number }> {
    const rows = await this.redis.xrange(this.streamKey, '-', '+');
    const entries = rows.flatMap(([streamId, [, text]]) => {
      const entry = readEntry(text ?? '');
      return entry ? [{ streamId, entry }] : [];
    });
    return { entries, unreadable: rows.length - entries.length };
  }

  async drop(streamIds: string[]): Promise<void> {
    if (streamIds.length) await this.redis.xdel(this.streamKey, ...streamIds);
  }

  /**
   * Writes entries and the records of the calls they touch in one transaction. An entry already there is not written
   * twice, so replaying a batch whose commit was not heard of is harmless.
   */
  async write(entries: JournalEntry[]): Promise<void> {
    const callIds = [...new Set(entries.map(({ event }) => event.callId).filter((id) => id !== null))];
    await this.database.transaction(async (trx) => {
      const rows = entries.map(({ entryId, event }) => ({
        entry_id: entryId,
        at: event.at,
        kind: event.kind,
        call_id: event.callId,
        seat_id: 'seatId' in event ? event.seatId : null,
        event: JSON.stringify(event),
      }));
      await trx('journal').insert(rows).onConflict('entry_id').ignore();
      const journaled = await trx('journal')
        .whereIn('call_id', callIds)
        .orderBy('position')
        .select('call_id', 'event');
      const byCall = new Map<string, JournalEvent[]>(callIds.map((callId) => [callId, []]));
      for (const row of journaled as { call_id: string; event: unknown }[])
        byCall.get(row.call_id)?.push(revive(row.event));
      const records = [...byCall.values()].map(foldRecord).filter((record) => record !== null);
      if (records.length)
        await trx('call_records').insert(records.map(recordRow)).onConflict('call_id').merge();
    });
  }

  /** The last change of each seat since a moment: where seats were when Redis lost them. */
  async lastSeatChanges(since: Date): Promise<Extract<JournalEvent, { kind: 'seatChanged' }>[]> {
    const rows = await this.database('journal')
      .distinctOn('seat_id')
      .where('kind', 'seatChanged')
      .where('at', '>=', since)
      .orderBy(['seat_id', { column: 'position', order: 'desc' }])
      .select('event');
    return rows
      .map((row: { event: unknown }) => revive(row.event))
      .filter((event) => event.kind === 'seatChanged');
  }

  private get streamKey(): string {
    return `${this.prefix}:journal`;
  }
}

function readEntry(text: string): JournalEntry | null {
  try {
    const { entryId, event } = storedEntry.parse(JSON.parse(text));
    return { entryId, event: revive(event) };
  } catch {
    return null;
  }
}

/** An event as it was before JSON: its instant is a Date again. */
export function revive(event: unknown): JournalEvent {
  const stored = event as JournalEvent & { at: string | Date };
  return { ...stored, at: new Date(stored.at) } as JournalEvent;
}

function recordRow(record: CallRecord): Record<string, unknown> {
  return {
    call_id: record.callId,
    line_id: record.line.lineId,
    caller_number: record.callerNumber,
    seat_id: record.seatId,
    seats: record.seats,
    arrived_at: new Date(record.arrivedAt),
    answered_at: record.answeredAt === null ? null : new Date(record.answeredAt),
    ended_at: record.endedAt === null ? null : new Date(record.endedAt),
    outcome: record.outcome,
    record: JSON.stringify(record),
  };
}
