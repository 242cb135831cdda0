import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';

export interface OutboxRow {
  outbox_id: string;
  kind: 'ticketDispatched';
  ticket_id: string;
  facts: { number: string; unitId: string; dueAt: string; words: string };
  attempt: number;
}

/** How long a row handed to BullMQ may take before it is handed over again under another job id. */
const RETRY_SECONDS = [15, 30, 60, 300];

/** What must leave the database after a command: written in the command's own transaction. */
export class OutboxStore {
  constructor(private readonly db: Database) {}

  async write(trx: Knex, row: Omit<OutboxRow, 'attempt'>, at: Date): Promise<void> {
    await trx('outbox').insert({
      ...row,
      facts: JSON.stringify(row.facts),
      created_at: at,
      state: 'waiting',
      next_at: at,
    });
  }

  /** Takes rows to hand over, marking when to try again; two services never take one row at once. */
  async claim(now: Date, limit: number): Promise<OutboxRow[]> {
    const { rows } = await this.db.raw<{ rows: OutboxRow[] }>(
      `update outbox o set state = 'queued', attempt = attempt + 1,
              next_at = ?::timestamptz + make_interval(secs => (?::int[])[least(attempt + 1, ?)])
         from (select outbox_id from outbox where state <> 'delivered' and next_at <= ?
                order by next_at limit ? for update skip locked) due
        where o.outbox_id = due.outbox_id
        returning o.outbox_id, o.kind, o.ticket_id, o.facts, o.attempt`,
      [now, RETRY_SECONDS, RETRY_SECONDS.length, now, limit],
    );
    return rows;
  }

  /** Marks a row delivered, once: answers it the first time and null ever after. */
  async deliver(trx: Knex, outboxId: string, now: Date): Promise<OutboxRow | null> {
    const [row] = await trx('outbox')
      .where({ outbox_id: outboxId })
      .whereNot({ state: 'delivered' })
      .update({ state: 'delivered', delivered_at: now })
      .returning<OutboxRow[]>(['outbox_id', 'kind', 'ticket_id', 'facts', 'attempt']);
    return row ?? null;
  }

  /** Rows not delivered and how old the oldest is, in seconds: the metric of a stuck outbox. */
  async backlog(now: Date): Promise<{ rows: number; oldestSeconds: number }> {
    const row = await this.db('outbox')
      .whereNot({ state: 'delivered' })
      .count('* as rows')
      .min('created_at as oldest')
      .first();
    const oldest = row?.['oldest'] as Date | null | undefined;
    return {
      rows: Number(row?.['rows'] ?? 0),
      oldestSeconds: oldest ? (now.getTime() - oldest.getTime()) / 1000 : 0,
    };
  }
}
