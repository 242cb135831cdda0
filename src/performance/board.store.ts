import type { OfferOutcome } from '../events';
import type { Database } from '../platform/postgres';
import type { RedisClient } from '../platform/redis';
import type { SeatState } from '../seats/seat';
import type { Board } from './board';
import type { CountedCall } from './counted-call';
import type { SeatChange } from './seat-history';

/** How long the board of a service that says nothing more is believed. */
const KEEP_SECONDS = 30;
/** A seat that did not change for this long before the window is taken as it is known now. */
const SEATS_BEFORE_MS = 16 * 3_600_000;

interface RecordRow {
  call_id: string;
  line_id: string;
  line_name: string;
  line_queue: string;
  joined_queue: string | null;
  arrived_at: Date;
  waiting_since: string | null;
  answered_at: Date | null;
  talk_ended_at: string | null;
  ended_at: Date | null;
  rings: number;
  outcome: string;
  ended_by: CountedCall['endedBy'];
}

/** Reads what was written down of calls and seats (their own tables are others'), and keeps the newest board in Redis. */
export class BoardStore {
  constructor(
    private readonly database: Database,
    private readonly redis: RedisClient,
    private readonly prefix: string,
  ) {}

  /** The citizens' calls that arrived since a moment, in their order. */
  async callsSince(since: Date): Promise<CountedCall[]> {
    const rows = await this.calls().where('arrived_at', '>=', since).orderBy('arrived_at');
    return (rows as RecordRow[]).map(countedRow);
  }

  async callsOf(callIds: string[]): Promise<CountedCall[]> {
    return ((await this.calls().whereIn('call_records.call_id', callIds)) as RecordRow[]).map(countedRow);
  }

  /** Every change of every seat since a while before a moment, in their order. */
  async seatChangesSince(since: Date): Promise<SeatChange[]> {
    const rows = (await this.database('journal')
      .where('kind', 'seatChanged')
      .where('at', '>=', new Date(since.getTime() - SEATS_BEFORE_MS))
      .orderBy('position')
      .select('seat_id', 'at', 'call_id', this.database.raw(`event->>'to' as "to"`))) as {
      seat_id: string;
      at: Date;
      call_id: string | null;
      to: SeatState;
    }[];
    return rows.map((row) => ({
      seatId: row.seat_id,
      at: row.at.getTime(),
      to: row.to,
      callId: row.call_id,
    }));
  }

  /** How the last offer of each of these seats ended. */
  async lastOutcomes(seatIds: string[]): Promise<Map<string, OfferOutcome>> {
    const rows = (await this.database('journal')
      .distinctOn('seat_id')
      .where('kind', 'offerEnded')
      .whereIn('seat_id', seatIds)
      .orderBy(['seat_id', { column: 'position', order: 'desc' }])
      .select('seat_id', this.database.raw(`event->>'outcome' as outcome`))) as {
      seat_id: string;
      outcome: OfferOutcome;
    }[];
    return new Map(rows.map(({ seat_id, outcome }) => [seat_id, outcome]));
  }

  /** Leaves the board for the services that do not count. */
  async leave(board: Board): Promise<void> {
    await this.redis.set(this.key, JSON.stringify(board), 'EX', KEEP_SECONDS);
  }

  /** The board of the service that counts; null when there is none. */
  async found(): Promise<Board | null> {
    const text = await this.redis.get(this.key);
    return text === null ? null : (JSON.parse(text) as Board);
  }

  private get key(): string {
    return `${this.prefix}:board`;
  }

  private calls() {
    const raw = (text: string) => this.database.raw(text);
    const joined = this.database('journal')
      .whereRaw('journal.call_id = call_records.call_id')
      .where('kind', 'callWaiting')
      .orderBy('position')
      .limit(1)
      .select(raw(`event->>'queue'`))
      .as('joined_queue');
    const inbound = this.database('call_records').whereRaw(`record->>'direction' = 'inbound'`);
    return inbound.select(
      'call_records.call_id',
      'line_id',
      'arrived_at',
      'answered_at',
      'ended_at',
      'outcome',
      raw(`record->'line'->>'lineName' as line_name`),
      raw(`record->'line'->>'queue' as line_queue`),
      raw(`record->>'waitingSince' as waiting_since`),
      raw(`record->>'talkEndedAt' as talk_ended_at`),
      raw(`record->>'endedBy' as ended_by`),
      raw(`jsonb_array_length(record->'rings') as rings`),
      joined,
    );
  }
}

function countedRow(row: RecordRow): CountedCall {
  return {
    callId: row.call_id,
    lineId: row.line_id,
    lineName: row.line_name,
    queue: row.joined_queue ?? row.line_queue,
    arrivedAt: row.arrived_at.getTime(),
    waitingSince: row.waiting_since === null ? null : Number(row.waiting_since),
    answeredAt: row.answered_at?.getTime() ?? null,
    talkEndedAt: row.talk_ended_at === null ? null : Number(row.talk_ended_at),
    endedAt: row.ended_at?.getTime() ?? null,
    rung: row.rings > 0,
    handedBack: row.outcome === 'handed-back',
    diverted: row.outcome === 'message' || row.outcome === 'callback',
    blocked: row.outcome === 'blocked',
    endedBy: row.ended_by,
  };
}
