import type { CallStory } from '../desk/pop';
import type { Database } from '../platform/postgres';
import type { CallRecord, JournalEvent } from './call-record';
import { revive } from './journal.store';

/** Which records a list shows: newest first, after a cursor. */
export interface RecordFilter {
  seatId?: string | undefined;
  lineId?: string | undefined;
  outcome?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** `<arrived ms>_<call id>` of the last one seen. */
  after?: string | undefined;
  limit: number;
}

/** What is remembered of a call that has ended. */
export interface LateCall {
  number: string;
  endedAt: number;
  direction: CallRecord['direction'];
  abandoned: boolean;
  talks: { seatId: string; at: number }[];
}

/** No call lasts longer. */
const LONGEST_CALL_MS = 4 * 3_600_000;

/** Reads call records and their journal; they are written by the journal's store. */
export class CallRecordStore {
  constructor(private readonly database: Database) {}

  async list(filter: RecordFilter): Promise<CallRecord[]> {
    const query = this.database('call_records')
      .select('record')
      .orderBy([
        { column: 'arrived_at', order: 'desc' },
        { column: 'call_id', order: 'desc' },
      ]);
    if (filter.seatId) void query.whereRaw('seats @> array[?]::text[]', [filter.seatId]);
    if (filter.lineId) void query.where('line_id', filter.lineId);
    if (filter.outcome) void query.where('outcome', filter.outcome);
    if (filter.from) void query.where('arrived_at', '>=', filter.from);
    if (filter.to) void query.where('arrived_at', '<', filter.to);
    if (filter.after) {
      const [at = '', callId = ''] = filter.after.split('_');
      void query.whereRaw('(arrived_at, call_id) < (?, ?)', [new Date(Number(at)), callId]);
    }
    const rows = (await query.limit(filter.limit)) as { record: CallRecord }[];
    return rows.map(({ record }) => record);
  }

  /** The calls of these lines, and those passed on to their own seats, since a moment: newest first, after a cursor. */
  async ofLines(
    lineIds: readonly string[],
    { since, after, limit }: { since: Date; after?: string | undefined; limit: number },
  ): Promise<CallRecord[]> {
    const query = this.database('call_records')
      .select('record')
      .where('arrived_at', '>=', since)
      .where((any) => {
        void any.whereIn('line_id', lineIds);
        for (const lineId of lineIds)
          void any.orWhereRaw(`record -> 'parties' @> ?::jsonb`, [JSON.stringify([{ lineId }])]);
      })
      .orderBy([
        { column: 'arrived_at', order: 'desc' },
        { column: 'call_id', order: 'desc' },
      ]);
    if (after) {
      const [at = '', callId = ''] = after.split('_');
      void query.whereRaw('(arrived_at, call_id) < (?, ?)', [new Date(Number(at)), callId]);
    }
    const rows = (await query.limit(limit)) as { record: CallRecord }[];
    return rows.map(({ record }) => record);
  }

  /** The calls since a moment whose records have no end. */
  async openSince(since: Date): Promise<string[]> {
    const open = this.database('call_records').where({ outcome: 'open' }).where('arrived_at', '>=', since);
    return (await open.orderBy('arrived_at').pluck('call_id')) as string[];
  }

  /** The calls with a known number that ended at or after a moment, oldest first: who called lately, and who talked with him. */
  async endedSince(since: Date): Promise<LateCall[]> {
    const rows = (await this.database('call_records')
      .whereNotNull('caller_number')
      .where('ended_at', '>=', since)
      .where('arrived_at', '>=', new Date(since.getTime() - LONGEST_CALL_MS))
      .orderBy('ended_at')
      .select('record')) as { record: CallRecord }[];
    return rows.map(({ record }) => ({
      number: record.callerNumber ?? '',
      endedAt: record.endedAt ?? record.arrivedAt,
      direction: record.direction,
      abandoned: record.answeredAt === null,
      talks: record.talks.map(({ seatId, at }) => ({ seatId, at })),
    }));
  }

  async record(callId: string): Promise<{ record: CallRecord; events: JournalEvent[] } | null> {
    const row = (await this.database('call_records').where({ call_id: callId }).first('record')) as
      { record: CallRecord } | undefined;
    if (!row) return null;
    const events = (await this.database('journal')
      .where({ call_id: callId })
      .orderBy('position')
      .select('event')) as { event: unknown }[];
    return { record: row.record, events: events.map(({ event }) => revive(event)) };
  }

  /** The last calls of a normalised number, newest first, for the pop. `nameOf` tells an agent's name. */
  async recentCalls(
    number: string,
    limit: number,
    nameOf: (seatId: string) => string | null,
  ): Promise<CallStory['lastCalls']> {
    const rows = (await this.database('call_records')
      .where({ caller_number: number })
      .orderBy('arrived_at', 'desc')
      .limit(limit)
      .select('record')) as { record: CallRecord }[];
    return rows.map(({ record }) => ({
      callId: record.callId,
      at: record.arrivedAt,
      lineName: record.line.lineName,
      answered: record.answeredAt !== null,
      agentName: record.seatId === null ? null : nameOf(record.seatId),
      talkSeconds: Math.round(record.talkMs / 1000),
    }));
  }
}
