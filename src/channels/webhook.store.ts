import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { TicketHappening, Webhook, WebhookEvent } from './webhook';

interface Row {
  webhook_id: string;
  url: string;
  events: WebhookEvent[];
  secret: string;
  active: boolean;
  version: number;
  created_at: Date;
  created_by_name: string;
  failing_since: Date | null;
  disabled_why: string | null;
}

interface EventRow {
  event_id: string;
  what: string;
  at: Date;
  number: string;
  state: string;
  opened_at: Date;
  due_at: Date | null;
}

/** Tables `webhooks` and `webhook_events`. */
export class WebhookStore {
  constructor(private readonly db: Database) {}

  /** Runs one command: all of it or nothing. */
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  async all(trx: Knex = this.db): Promise<Webhook[]> {
    return (await trx<Row>('webhooks').orderBy('created_at')).map(webhookOf);
  }

  async find(webhookId: string): Promise<Webhook | null> {
    const row = await this.db<Row>('webhooks').where({ webhook_id: webhookId }).first();
    return row ? webhookOf(row) : null;
  }

  async insert(trx: Knex, webhook: Webhook, secret: string): Promise<void> {
    await trx<Row>('webhooks').insert({
      webhook_id: webhook.webhookId,
      url: webhook.url,
      events: webhook.events,
      secret,
      active: webhook.active,
      version: webhook.version,
      created_at: webhook.createdAt,
      created_by_name: webhook.createdByName,
      failing_since: null,
      disabled_why: null,
    });
  }

  /** Changes a subscription that is still of this version; null when it is not. Its failures are forgotten. */
  async change(
    trx: Knex,
    webhookId: string,
    version: number,
    changes: Partial<Pick<Row, 'url' | 'events' | 'active' | 'secret'>>,
  ): Promise<Webhook | null> {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const [row] = await trx<Row>('webhooks')
      .where({ webhook_id: webhookId, version })
      .update({ ...given, version: version + 1, failing_since: null, disabled_why: null })
      .returning('*');
    return row ? webhookOf(row) : null;
  }

  /** Deletes a subscription with everything that was or would be sent to it. */
  async remove(trx: Knex, webhookId: string): Promise<boolean> {
    return (await trx<Row>('webhooks').where({ webhook_id: webhookId }).delete()) > 0;
  }

  /** A delivery has come through. */
  async succeeded(trx: Knex, webhookId: string): Promise<void> {
    await trx<Row>('webhooks')
      .where({ webhook_id: webhookId })
      .whereNotNull('failing_since')
      .update({ failing_since: null });
  }

  /** A delivery has failed. Answers since when all have. */
  async failed(trx: Knex, webhookId: string, at: Date): Promise<Date> {
    const [row] = await trx<Row>('webhooks')
      .where({ webhook_id: webhookId })
      .update({ failing_since: trx.raw('coalesce(failing_since, ?)', [at]) })
      .returning('failing_since');
    return row?.failing_since ?? at;
  }

  /** Disables a subscription; false when it was already. */
  async disable(trx: Knex, webhookId: string, why: string): Promise<boolean> {
    const changed = await trx<Row>('webhooks')
      .where({ webhook_id: webhookId, active: true })
      .update({ active: false, disabled_why: why, version: trx.raw('version + 1') });
    return changed > 0;
  }

  /** Takes events that were not made into deliveries yet, out of their table; two services never take one. */
  async takeEvents(trx: Knex, limit: number): Promise<TicketHappening[]> {
    const { rows } = await trx.raw<{ rows: EventRow[] }>(
      `delete from webhook_events where event_id in
         (select event_id from webhook_events order by at limit ? for update skip locked) returning *`,
      [limit],
    );
    return rows
      .sort((one, other) => one.at.getTime() - other.at.getTime())
      .map(({ event_id: eventId, opened_at: openedAt, due_at: dueAt, ...rest }) => ({
        ...rest,
        ...{ eventId, openedAt, dueAt },
      }));
  }
}

function webhookOf(row: Row): Webhook {
  return {
    webhookId: row.webhook_id,
    url: row.url,
    events: row.events,
    active: row.active,
    version: row.version,
    createdAt: row.created_at,
    createdByName: row.created_by_name,
    failingSince: row.failing_since,
    disabledWhy: row.disabled_why,
  };
}
