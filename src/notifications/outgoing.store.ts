import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/postgres';
import { OUTGOING_ACTIONS, type MessageChannel, type OutgoingAction, type OutgoingState } from './outgoing';
import type { TemplateCode } from './message-template';

export interface OutgoingRow {
  message_id: string;
  seq: string;
  source_id: string;
  channel: MessageChannel;
  address: string;
  unit_id: string | null;
  template: TemplateCode;
  text: string;
  params: Record<string, string>;
  ticket_id: string | null;
  state: OutgoingState;
  /** Attempts in all; the number of the running one is what its service holds the message by. */
  attempts: number;
  attempts_before: number;
  next_at: Date;
  handed_at: Date | null;
  hand_overs: number;
  unsure: boolean;
  provider_id: string | null;
  why: string;
  created_at: Date;
  sent_at: Date | null;
  ended_at: Date | null;
}

export type NewRow = Pick<
  OutgoingRow,
  | 'source_id'
  | 'channel'
  | 'address'
  | 'unit_id'
  | 'template'
  | 'text'
  | 'params'
  | 'ticket_id'
  | 'state'
  | 'next_at'
  | 'why'
  | 'created_at'
>;

/** What the provider says became of a message. */
export interface Receipt {
  messageId: string;
  providerId: string;
  /** Null: it has arrived. Otherwise why not, in Chinese. */
  fault: string | null;
}

const OPEN: OutgoingState[] = ['waiting', 'sending'];
/** A row given to BullMQ is given again when nothing has come of it for so long. */
const HAND_AGAIN_SECONDS = 30;

/** Table `outgoing_messages`, written: what each message is waiting for, and who holds it. */
export class OutgoingStore {
  constructor(private readonly db: Database) {}

  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** Adds a message in its cause's transaction; answers null when this cause has told this addressee before. */
  async insert(trx: Knex, row: NewRow): Promise<string | null> {
    const done = row.state === 'delivered' || row.state === 'skipped';
    const [added] = await trx('outgoing_messages')
      .insert({
        ...row,
        message_id: randomUUID(),
        params: JSON.stringify(row.params),
        ended_at: done ? row.created_at : null,
      })
      .onConflict(['source_id', 'channel', 'address'])
      .ignore()
      .returning<{ message_id: string }[]>('message_id');
    return added?.message_id ?? null;
  }

  /** Rows whose time has come, to be given to BullMQ under a new job id; two services never get the same. */
  async handOver(now: Date, limit: number): Promise<{ message_id: string; hand_overs: number }[]> {
    const { rows } = await this.db.raw<{ rows: { message_id: string; hand_overs: number }[] }>(
      `update outgoing_messages m set handed_at = ?, hand_overs = m.hand_overs + 1
         from (select message_id from outgoing_messages
                where state in ('waiting', 'sending') and next_at <= ?
                  and (handed_at is null or handed_at <= ?::timestamptz - make_interval(secs => ?))
                order by next_at limit ? for update skip locked) due
        where m.message_id = due.message_id returning m.message_id, m.hand_overs`,
      [now, now, now, HAND_AGAIN_SECONDS, limit],
    );
    return rows;
  }

  async find(messageId: string): Promise<OutgoingRow | null> {
    return (await this.db<OutgoingRow>('outgoing_messages').where({ message_id: messageId }).first()) ?? null;
  }

  /** A message whose time has come waits on. */
  async postpone(messageId: string, now: Date, until: Date): Promise<void> {
    await this.due(messageId, now).update({ next_at: until, handed_at: null });
  }

  /**
   * Takes a message for one attempt, until `until`: one statement decides between services. One whose holder has not
   * come back in time is taken too, marked unsure. Null: it is not to be sent now.
   */
  async take(messageId: string, now: Date, until: Date): Promise<OutgoingRow | null> {
    const [row] = await this.due(messageId, now)
      .update({
        attempts: this.db.raw('attempts + 1'),
        unsure: this.db.raw(`unsure or state = 'sending'`),
        state: 'sending',
        next_at: until,
        handed_at: null,
      })
      .returning<OutgoingRow[]>('*');
    return row ?? null;
  }

  /** The provider has it, whoever sent it. A receipt that was faster stays. */
  async taken(messageId: string, providerId: string | null, at: Date): Promise<void> {
    await this.db('outgoing_messages')
      .where({ message_id: messageId })
      .whereNotIn('state', ['sent', 'delivered'])
      .update({
        state: 'sent',
        sent_at: at,
        ended_at: null,
        why: '',
        unsure: false,
        provider_id: this.db.raw('coalesce(?, provider_id)', [providerId]),
      });
  }

  /** An attempt was in vain, if nobody has taken the message since: it waits until `again`, or has failed (null). */
  async missed(
    { message_id, attempts }: Pick<OutgoingRow, 'message_id' | 'attempts'>,
    result: { again: Date | null; why: string; unsure: boolean; at: Date },
  ): Promise<void> {
    const { again, why, unsure, at } = result;
    const change = again
      ? { state: 'waiting', next_at: again, handed_at: null }
      : { state: 'failed', ended_at: at };
    await this.db('outgoing_messages')
      .where({ message_id, attempts, state: 'sending' })
      .update({ ...change, why, unsure });
  }

  /** Does by hand what the table of actions allows; false when the message is in another state. */
  async act(trx: Knex, messageId: string, action: OutgoingAction, at: Date, why: string): Promise<boolean> {
    const change =
      action === 'cancel'
        ? { state: 'cancelled', ended_at: at, why }
        : {
            state: 'waiting',
            next_at: at,
            handed_at: null,
            ended_at: null,
            attempts_before: this.db.raw('attempts'),
          };
    const changed = await trx('outgoing_messages')
      .where({ message_id: messageId })
      .whereIn('state', [...OUTGOING_ACTIONS[action].from])
      .update(change);
    return changed > 0;
  }

  /** What a receipt says; that of an earlier sending (another provider id) does not undo a later one. */
  async receive({ messageId, providerId, fault }: Receipt, at: Date): Promise<boolean> {
    const row = this.db('outgoing_messages').where({ message_id: messageId, channel: 'sms' });
    const changed =
      fault === null
        ? await row
            .whereNot({ state: 'delivered' })
            .update({ state: 'delivered', ended_at: at, why: '', unsure: false, provider_id: providerId })
        : await row
            .whereNotIn('state', ['delivered', 'failed'])
            .where((same) => same.whereNull('provider_id').orWhere('provider_id', providerId))
            .update({ state: 'failed', ended_at: at, why: fault, unsure: false, provider_id: providerId });
    return changed > 0;
  }

  /** How many messages wait although their time has come, for how many seconds the first, and how many have failed. */
  async backlog(now: Date): Promise<{ waiting: number; oldestSeconds: number; failed: number }> {
    const { rows } = await this.db.raw<{ rows: { waiting: string; failed: string; oldest: Date | null }[] }>(
      `select (select count(*) from outgoing_messages where state = 'failed') as failed, count(*) as waiting, min(next_at) as oldest
         from outgoing_messages where state in ('waiting', 'sending') and next_at <= ?`,
      [now],
    );
    const [row] = rows;
    return {
      waiting: Number(row?.waiting ?? 0),
      failed: Number(row?.failed ?? 0),
      oldestSeconds: row?.oldest ? (now.getTime() - row.oldest.getTime()) / 1000 : 0,
    };
  }

  private due(messageId: string, now: Date) {
    return this.db('outgoing_messages')
      .where({ message_id: messageId })
      .whereIn('state', OPEN)
      .where('next_at', '<=', now);
  }
}
