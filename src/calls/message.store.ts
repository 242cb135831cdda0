import type { LineFacts } from '../events';
import type { Database } from '../platform/postgres';
import type { Message, MessageFinish, MessageResult, MessageState } from './message';

interface MessageRow {
  message_id: string;
  call_id: string;
  number: string | null;
  line: LineFacts;
  queue: string;
  left_at: Date;
  duration_ms: number;
  state: MessageState;
  taken_by: string | null;
  taken_at: Date | null;
  done_by: string | null;
  done_at: Date | null;
  result: MessageResult | null;
  ticket_id: string | null;
  ticket_number: string | null;
  note: string;
  listed_at: Date;
  lost: boolean;
  sha256: string | null;
}

export interface MessageFilter {
  states?: readonly MessageState[] | undefined;
  /** Only of these queues. */
  queues?: readonly string[] | undefined;
  takenBy?: string | undefined;
  /** `<left ms>_<message id>` of the last one seen. */
  after?: string | undefined;
  limit: number;
}

/** Table `messages`; reads the call records it follows from and the recordings that hold the sound. */
export class MessageStore {
  constructor(private readonly database: Database) {}

  /** Lists each message that was left in a call ended since a moment, once for all. Returns how many are new. */
  async listNew(since: Date, now: Date): Promise<number> {
    const { rowCount } = await this.database.raw<{ rowCount: number }>(
      `insert into messages (message_id, call_id, number, line, queue, left_at, duration_ms, listed_at)
       select r.record->'message'->>'recordingId', r.call_id, r.caller_number, r.record->'line',
         coalesce((select j.event->>'queue' from journal j
           where j.call_id = r.call_id and j.kind = 'callWaiting' order by j.position desc limit 1),
           r.record->'line'->>'queue'),
         r.ended_at, round((r.record->'message'->>'durationMs')::numeric), ?
       from call_records r
       where r.outcome = 'message' and r.ended_at > ?
         and not exists (select 1 from messages m where m.call_id = r.call_id)
       on conflict do nothing`,
      [now, since],
    );
    return rowCount;
  }

  /** New ones whose sound is there, with the loudness of the citizen's side. */
  async unheard(): Promise<{ messageId: string; left: number[] }[]> {
    const { rows } = await this.database.raw<{ rows: { messageId: string; left: number[] }[] }>(
      `select m.message_id as "messageId", r.waveform->'left' as "left"
       from messages m join recordings r on r.recording_id = m.message_id
       where m.state = 'new' and m.result is null`,
    );
    return rows;
  }

  /** Nobody spoke in it: it is no task. */
  async silent(messageId: string, now: Date): Promise<void> {
    await this.database('messages')
      .where({ message_id: messageId, state: 'new' })
      .update({ state: 'done', result: 'silent', done_at: now });
  }

  /** Those listed before a moment whose sound has not come; each is given once. */
  async losses(before: Date): Promise<{ messageId: string; callId: string }[]> {
    const { rows } = await this.database.raw<{ rows: { messageId: string; callId: string }[] }>(
      `update messages m set lost = true
       where not lost and listed_at < ? and state <> 'done'
         and not exists (select 1 from recordings r where r.recording_id = m.message_id)
       returning m.message_id as "messageId", m.call_id as "callId"`,
      [before],
    );
    return rows;
  }

  /** Newest first. */
  async list({ states, queues, takenBy, after, limit }: MessageFilter): Promise<Message[]> {
    const query = this.rows().orderBy([
      { column: 'left_at', order: 'desc' },
      { column: 'message_id', order: 'desc' },
    ]);
    if (states) void query.whereIn('state', states);
    if (queues) void query.whereIn('queue', queues);
    if (takenBy) void query.where('taken_by', takenBy);
    if (after) {
      const [at = '', ...id] = after.split('_');
      void query.whereRaw('(left_at, message_id) < (?, ?)', [new Date(Number(at)), id.join('_')]);
    }
    return (await query.limit(limit)).map(read);
  }

  async one(messageId: string): Promise<Message | null> {
    const row = await this.rows().where({ message_id: messageId }).first();
    return row ? read(row) : null;
  }

  /** How many wait for somebody, and how many this person has taken. */
  async counts(
    queues: readonly string[] | undefined,
    personId: string,
  ): Promise<{ new: number; mine: number }> {
    const query = this.database('messages').where('state', '<>', 'done');
    if (queues) void query.whereIn('queue', queues);
    const row = (await query.first(
      this.database.raw(`count(*) filter (where state = 'new')::int as "new"`),
      this.database.raw(`count(*) filter (where state = 'taken' and taken_by = ?)::int as mine`, [personId]),
    )) as { new: number; mine: number } | undefined;
    return row ?? { new: 0, mine: 0 };
  }

  /** Whether this person works on the message that was left in this call. */
  async isTakenBy(callId: string, personId: string): Promise<boolean> {
    const taken = { call_id: callId, state: 'taken', taken_by: personId };
    return (await this.database('messages').where(taken).first('call_id')) !== undefined;
  }

  /** False when somebody else was quicker; `from` names whose it may be taken from. */
  take(messageId: string, personId: string, from: string | null, now: Date): Promise<boolean> {
    const expected = from === null ? { state: 'new' } : { state: 'taken', taken_by: from };
    return this.move(messageId, expected, { state: 'taken', taken_by: personId, taken_at: now });
  }

  /** Back to all; false when it is not this person's. */
  release(messageId: string, personId: string): Promise<boolean> {
    const mine = { state: 'taken', taken_by: personId } as const;
    return this.move(messageId, mine, { state: 'new', taken_by: null, taken_at: null });
  }

  /** False when it is not this person's to close. */
  finish(
    messageId: string,
    personId: string,
    { result, ticketNumber, note }: MessageFinish,
    ticketId: string | null,
    now: Date,
  ): Promise<boolean> {
    const done = { state: 'done', result, note, done_by: personId, done_at: now } as const;
    const ticket = { ticket_id: ticketId, ticket_number: ticketNumber };
    return this.move(messageId, { state: 'taken', taken_by: personId }, { ...done, ...ticket });
  }

  private rows() {
    return this.database<MessageRow>('messages')
      .leftJoin('recordings', 'recordings.recording_id', 'messages.message_id')
      .select<MessageRow[]>('messages.*', 'recordings.sha256');
  }

  private async move(
    messageId: string,
    expected: Partial<Record<keyof MessageRow, string>>,
    change: Partial<MessageRow>,
  ): Promise<boolean> {
    const changed = await this.database('messages')
      .where({ message_id: messageId, ...expected })
      .update(change);
    return changed > 0;
  }
}

function read(row: MessageRow): Message {
  const { sha256 } = row;
  return {
    messageId: row.message_id,
    callId: row.call_id,
    number: row.number,
    line: row.line,
    queue: row.queue,
    leftAt: row.left_at.getTime(),
    durationMs: row.duration_ms,
    state: row.state,
    takenBy: row.taken_by,
    takenAt: row.taken_at?.getTime() ?? null,
    doneBy: row.done_by,
    doneAt: row.done_at?.getTime() ?? null,
    result: row.result,
    ticketId: row.ticket_id,
    ticketNumber: row.ticket_number,
    note: row.note,
    audio: sha256 === null ? (row.lost ? 'lost' : 'awaited') : 'kept',
    sha256,
  };
}
