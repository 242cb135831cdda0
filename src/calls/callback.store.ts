import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { LineFacts } from '../events';
import type { Database } from '../platform/postgres';
import type { NotOwed, OpenCallback, Settled } from './callback';
import { OPEN_STATES, type CallbackState } from './callback-state';
import type { CallRecord } from './call-record';

interface CallbackRow {
  callback_id: string;
  number: string;
  line: LineFacts;
  queue: string;
  state: CallbackState;
  owed_at: Date;
  missed_at: Date;
  missed: number;
  waiting_since: Date;
  asked_at: Date | null;
  due_at: Date;
  hurried: boolean;
  attempts: number;
  last_attempt_at: Date | null;
  settled_at: Date | null;
  seat_id: string | null;
  done_call_id: string | null;
  why: string;
  who: string | null;
}

/** A callback as people look at it. Instants are ms since the epoch. */
export interface Callback extends OpenCallback {
  line: LineFacts;
  /** How many missed calls it answers for. */
  missed: number;
  settledAt: number | null;
  seatId: string | null;
  doneCallId: string | null;
  /** Why it was cancelled or given up. */
  why: string;
  who: string | null;
}

export interface CallbackFilter {
  states?: readonly CallbackState[] | undefined;
  lineId?: string | undefined;
  /** Only of these queues. */
  queues?: readonly string[] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** `<owed ms>_<callback id>` of the last one seen. */
  after?: string | undefined;
  limit: number;
}

/** A missed call that nobody has decided on yet, and the queue it waited in last. */
export interface MissedCall {
  record: CallRecord;
  queue: string | null;
}

/** How many missed calls are decided on in one go. */
const BATCH = 200;

/** Tables `callbacks` and `callback_causes`; reads the call records they follow from. */
export class CallbackStore {
  constructor(private readonly database: Database) {}

  /** Missed calls that ended since a moment and are not decided on, the first first. */
  async undecided(since: Date): Promise<MissedCall[]> {
    const { rows } = await this.database.raw<{ rows: MissedCall[] }>(
      `select r.record, (
         select j.event->>'queue' from journal j
         where j.call_id = r.call_id and j.kind = 'callWaiting' order by j.position desc limit 1
       ) as queue
       from call_records r
       where r.outcome in ('abandoned', 'failed', 'callback') and r.ended_at > ?
         and not exists (select 1 from callback_causes c where c.call_id = r.call_id)
       order by r.ended_at limit ?`,
      [since, BATCH],
    );
    return rows;
  }

  /**
   * Decides on one missed call, once for all: owing nothing (`whyNot`), owing a callback, or joining the open one of its
   * number. Another service that decides at the same moment changes nothing.
   */
  async decide({ record, queue }: MissedCall, whyNot: NotOwed | null, dueAt: number): Promise<void> {
    const endedAt = new Date(record.endedAt ?? record.arrivedAt);
    await this.database.transaction(async (trx) => {
      const cause = { call_id: record.callId, ended_at: endedAt, why_not: whyNot };
      const mine = await trx('callback_causes')
        .insert(cause)
        .onConflict('call_id')
        .ignore()
        .returning('call_id');
      if (!mine.length || whyNot !== null) return;
      const asked = record.outcome === 'callback';
      const { rows } = await trx.raw<{ rows: { callback_id: string }[] }>(
        `insert into callbacks (callback_id, number, line, queue, state, owed_at, missed_at, waiting_since, asked_at, due_at)
         values (?, ?, ?, ?, 'owed', ?, ?, ?, ?, ?)
         on conflict (number) where state in ('owed', 'queued', 'dialling') do update set
           missed = callbacks.missed + 1,
           missed_at = excluded.missed_at,
           asked_at = coalesce(excluded.asked_at, callbacks.asked_at),
           waiting_since = case when excluded.asked_at is null then callbacks.waiting_since else excluded.waiting_since end,
           due_at = case when excluded.asked_at is null then greatest(callbacks.due_at, excluded.due_at) else excluded.due_at end
         returning callback_id`,
        [
          randomUUID(),
          record.callerNumber,
          JSON.stringify(record.line),
          queue ?? record.line.queue,
          endedAt,
          endedAt,
          new Date(record.waitingSince ?? record.arrivedAt),
          asked ? endedAt : null,
          new Date(dueAt),
        ],
      );
      await trx('callback_causes')
        .where({ call_id: record.callId })
        .update({ callback_id: rows[0]?.callback_id });
    });
  }

  async open(): Promise<Callback[]> {
    const rows = await this.database<CallbackRow>('callbacks').whereIn('state', OPEN_STATES);
    return rows.map(read);
  }

  /** The ended calls that were placed for open callbacks, by callback. */
  async placedFor(callbackIds: readonly string[]): Promise<Map<string, CallRecord[]>> {
    const rows = await this.records(callbackIds).whereNotNull('ended_at');
    const byId = new Map<string, CallRecord[]>();
    for (const { callback_id, record } of rows)
      byId.set(callback_id, [...(byId.get(callback_id) ?? []), record]);
    return byId;
  }

  /** Every call placed for one callback, the first first. */
  async attempts(callbackId: string): Promise<CallRecord[]> {
    return (await this.records([callbackId]).orderBy('arrived_at')).map(({ record }) => record);
  }

  /** The missed calls a callback answers for, the first first. */
  async causes(callbackId: string): Promise<CallRecord[]> {
    const rows = (await this.database('callback_causes')
      .join('call_records', 'call_records.call_id', 'callback_causes.call_id')
      .where({ callback_id: callbackId })
      .orderBy('callback_causes.ended_at')
      .select('record')) as { record: CallRecord }[];
    return rows.map(({ record }) => record);
  }

  /** Writes what became of an open callback; one that was settled meanwhile stays as it is. */
  async settle(callbackId: string, settled: Settled, now: Date): Promise<void> {
    const { state } = settled;
    if (state === 'done') {
      const { callId, seatId, at } = settled;
      const done = { seat_id: seatId, done_call_id: callId, settled_at: new Date(at) };
      return this.change(callbackId, { state, ...done });
    }
    const counted = { attempts: settled.attempts, last_attempt_at: new Date(settled.lastAttemptAt) };
    if (state === 'owed')
      return this.change(callbackId, { state, ...counted, hurried: false, due_at: new Date(settled.dueAt) });
    return this.change(callbackId, { state, ...counted, settled_at: now, why: '多次未接通' });
  }

  /** Open callbacks whose citizen was served otherwise: called in again, or was called by an agent. */
  async settleServed(): Promise<void> {
    await this.database.raw(
      `update callbacks c set
         state = case when s.direction = 'inbound' then 'cancelled' else 'done' end,
         why = case when s.direction = 'inbound' then '诉求人再次来电，已接听' else '' end,
         settled_at = s.answered_at, seat_id = s.seat_id, done_call_id = s.call_id
       from (
         select distinct on (o.callback_id) o.callback_id, r.call_id, r.seat_id, r.answered_at,
           r.record->>'direction' as direction
         from callbacks o
         join call_records r on r.caller_number = o.number and r.arrived_at >= o.missed_at
         where o.state in ('owed', 'queued', 'dialling') and r.answered_at is not null
           and r.record->>'direction' in ('inbound', 'outbound')
         order by o.callback_id, r.arrived_at
       ) s
       where c.callback_id = s.callback_id and c.state in ('owed', 'queued', 'dialling')`,
    );
  }

  /** Those owed since before a moment are not called any more. */
  async expire(before: Date, now: Date): Promise<void> {
    await this.database('callbacks')
      .whereIn('state', ['owed', 'queued'])
      .where('owed_at', '<', before)
      .update({ state: 'expired', settled_at: now });
  }

  /** Where an open callback stands on its way to the citizen. */
  move(callbackId: string, state: (typeof OPEN_STATES)[number]): Promise<void> {
    return this.change(callbackId, { state });
  }

  giveUp(callbackId: string, why: string, now: Date): Promise<void> {
    return this.change(callbackId, { state: 'givenUp', why, settled_at: now });
  }

  /** A person cancels it; false when it is settled, or its citizen is being dialled. */
  async cancel(
    callbackId: string,
    { who, why, now }: { who: string; why: string; now: Date },
    beside: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.byPerson(
      callbackId,
      ['owed', 'queued'],
      { state: 'cancelled', why, who, settled_at: now },
      beside,
    );
  }

  /** A person wants it dialled at once; false when it is not owed. */
  async hurry(
    callbackId: string,
    now: Date,
    beside: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.byPerson(callbackId, ['owed'], { hurried: true, due_at: now }, beside);
  }

  /** By when they were owed, newest first. */
  async list({ states, lineId, queues, from, to, after, limit }: CallbackFilter): Promise<Callback[]> {
    const query = this.database<CallbackRow>('callbacks').orderBy([
      { column: 'owed_at', order: 'desc' },
      { column: 'callback_id', order: 'desc' },
    ]);
    if (states) void query.whereIn('state', states);
    if (lineId) void query.whereRaw(`line->>'lineId' = ?`, [lineId]);
    if (queues) void query.whereIn('queue', queues);
    if (from) void query.where('owed_at', '>=', from);
    if (to) void query.where('owed_at', '<', to);
    if (after) {
      const [at = '', id = ''] = after.split('_');
      void query.whereRaw('(owed_at, callback_id) < (?, ?)', [new Date(Number(at)), id]);
    }
    return (await query.limit(limit)).map(read);
  }

  async one(callbackId: string): Promise<Callback | null> {
    const row = await this.database<CallbackRow>('callbacks').where({ callback_id: callbackId }).first();
    return row ? read(row) : null;
  }

  /** How many are open, how many of these have been tried, and what was settled since a moment. */
  async figures(since: Date, targetMs: number): Promise<CallbackFigures> {
    const { rows } = await this.database.raw<{ rows: [CallbackFigures] }>(
      `select
         count(*) filter (where state = 'owed')::int as owed,
         count(*) filter (where state = 'owed' and attempts > 0)::int as retrying,
         count(*) filter (where state in ('queued', 'dialling'))::int as "underWay",
         min(due_at) filter (where state = 'owed') as "nextAt",
         count(*) filter (where state = 'done' and settled_at >= :since)::int as done,
         count(*) filter (where state = 'done' and settled_at >= :since
           and settled_at - owed_at <= make_interval(secs => :seconds))::int as "inTime",
         count(*) filter (where state in ('givenUp', 'expired') and settled_at >= :since)::int as unreached,
         count(*) filter (where state = 'cancelled' and settled_at >= :since)::int as cancelled
       from callbacks where state in ('owed', 'queued', 'dialling') or settled_at >= :since`,
      { since, seconds: targetMs / 1000 },
    );
    return rows[0];
  }

  private records(
    callbackIds: readonly string[],
  ): Knex.QueryBuilder<object, { callback_id: string; record: CallRecord }[]> {
    const about = `record->'about'->>'callbackId'`;
    return this.database('call_records')
      .whereIn(this.database.raw(about) as unknown as string, callbackIds)
      .select(this.database.raw(`${about} as callback_id`), 'record');
  }

  private async change(callbackId: string, change: Partial<CallbackRow>): Promise<void> {
    await this.database('callbacks')
      .where({ callback_id: callbackId })
      .whereIn('state', OPEN_STATES)
      .update(change);
  }

  private byPerson(
    callbackId: string,
    from: CallbackState[],
    change: Partial<CallbackRow>,
    beside: (transaction: Knex.Transaction) => Promise<void>,
  ): Promise<boolean> {
    return this.database.transaction(async (trx) => {
      const changed = await trx('callbacks')
        .where({ callback_id: callbackId })
        .whereIn('state', from)
        .update(change);
      if (changed) await beside(trx);
      return changed > 0;
    });
  }
}

export interface CallbackFigures {
  owed: number;
  retrying: number;
  underWay: number;
  nextAt: Date | null;
  done: number;
  inTime: number;
  unreached: number;
  cancelled: number;
}

function read(row: CallbackRow): Callback {
  const ms = (at: Date | null): number | null => at?.getTime() ?? null;
  return {
    callbackId: row.callback_id,
    number: row.number,
    line: row.line,
    queue: row.queue,
    state: row.state,
    owedAt: row.owed_at.getTime(),
    missedAt: row.missed_at.getTime(),
    missed: row.missed,
    waitingSince: row.waiting_since.getTime(),
    askedAt: ms(row.asked_at),
    dueAt: row.due_at.getTime(),
    hurried: row.hurried,
    attempts: row.attempts,
    lastAttemptAt: ms(row.last_attempt_at),
    settledAt: ms(row.settled_at),
    seatId: row.seat_id,
    doneCallId: row.done_call_id,
    why: row.why,
    who: row.who,
  };
}
