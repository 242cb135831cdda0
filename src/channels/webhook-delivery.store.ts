import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { Attempt, WebhookDelivery, WebhookEvent } from './webhook';

interface Row {
  delivery_id: string;
  webhook_id: string;
  event_id: string;
  event: WebhookEvent;
  body: string;
  state: WebhookDelivery['state'];
  attempt: number;
  tries: number;
  created_at: Date;
  next_at: Date;
  ended_at: Date | null;
  log: Attempt[];
}

/** A delivery handed over: `attempt` tells whether it is still the newest hand-over. */
export interface DueDelivery {
  deliveryId: string;
  attempt: number;
}

/** What is needed to send one. */
export interface Sendable extends DueDelivery {
  webhookId: string;
  eventId: string;
  body: string;
  tries: number;
  url: string;
  secret: string;
}

/** A hand-over that has not ended after so long is done again: its worker was killed. Longer than any request lasts. */
const LEASE_SECONDS = 60;
/** Attempts that are remembered of each delivery. */
const LOGGED = 10;
/** What one subscription gets of a hand-over; one that fails gets a single try, so that it keeps nobody waiting. */
const SHARE = 20;

/** Table `webhook_deliveries`: the outbox of the webhooks, and its log. */
export class WebhookDeliveryStore {
  constructor(private readonly db: Database) {}

  async write(
    trx: Knex,
    rows: { deliveryId: string; webhookId: string; eventId: string; event: WebhookEvent; body: string }[],
    at: Date,
  ): Promise<void> {
    const due = { state: 'waiting', attempt: 0, tries: 0, created_at: at, next_at: at } as const;
    for (const { deliveryId, webhookId, eventId, ...rest } of rows)
      await trx<Row>('webhook_deliveries')
        .insert({ ...rest, ...due, delivery_id: deliveryId, webhook_id: webhookId, event_id: eventId })
        .onConflict(['webhook_id', 'event_id'])
        .ignore();
  }

  /** Takes what is due to hand over, marking when to do so again; two services never take one at once. */
  async claim(now: Date, limit: number): Promise<DueDelivery[]> {
    const { rows } = await this.db.raw<{ rows: DueDelivery[] }>(
      `with due as (
         select d.delivery_id, d.next_at, w.failing_since is null as healthy,
                row_number() over (partition by d.webhook_id order by d.next_at, d.created_at, d.delivery_id) as place
           from webhook_deliveries d join webhooks w on w.webhook_id = d.webhook_id and w.active
          where d.state = 'waiting' and d.next_at <= :now),
       taken as (
         select d.delivery_id from webhook_deliveries d join due on due.delivery_id = d.delivery_id
          where due.place <= case when due.healthy then :share::int else 1 end and d.state = 'waiting'
          order by due.next_at limit :limit for update of d skip locked)
       update webhook_deliveries d set attempt = d.attempt + 1,
              next_at = :now::timestamptz + make_interval(secs => :lease)
         from taken where d.delivery_id = taken.delivery_id and d.next_at <= :now
         returning d.delivery_id as "deliveryId", d.attempt`,
      { now, limit, share: SHARE, lease: LEASE_SECONDS },
    );
    return rows;
  }

  /** What a hand-over is to send; null when it was sent, handed over anew, or is no longer wanted. */
  async sendable({ deliveryId, attempt }: DueDelivery): Promise<Sendable | null> {
    const row = await this.db('webhook_deliveries as d')
      .join('webhooks as w', 'w.webhook_id', 'd.webhook_id')
      .where({ 'd.delivery_id': deliveryId, 'd.attempt': attempt, 'd.state': 'waiting', 'w.active': true })
      .first<Sendable | undefined>(
        { deliveryId: 'd.delivery_id', webhookId: 'd.webhook_id', eventId: 'd.event_id' },
        'd.attempt',
        'd.body',
        'd.tries',
        'w.url',
        'w.secret',
      );
    return row ?? null;
  }

  /** Notes an attempt, and what comes next: `ended`, or another try at an instant. False when it was handed over anew. */
  async note(
    trx: Knex,
    { deliveryId, attempt }: DueDelivery,
    tried: Attempt,
    next: { ended: 'delivered'; at: Date } | { tryAt: Date },
  ): Promise<boolean> {
    const changes =
      'ended' in next
        ? { state: next.ended, ended_at: next.at }
        : { next_at: next.tryAt, tries: trx.raw('tries + 1') };
    const changed = await trx('webhook_deliveries')
      .where({ delivery_id: deliveryId, attempt, state: 'waiting' })
      .update({ ...changes, log: trx.raw(LOG, [JSON.stringify(tried), LOGGED]) });
    return changed > 0;
  }

  /** Ends what waits for a subscription that was disabled: it can be sent again by hand. */
  async giveUp(trx: Knex, webhookId: string, at: Date): Promise<void> {
    await trx('webhook_deliveries')
      .where({ webhook_id: webhookId, state: 'waiting' })
      .update({ state: 'failed', ended_at: at });
  }

  /** Sends one again, under its old event id; false when there is none such, or it waits already. */
  async again(trx: Knex, webhookId: string, deliveryId: string, at: Date): Promise<boolean> {
    const changed = await trx('webhook_deliveries')
      .where({ webhook_id: webhookId, delivery_id: deliveryId })
      .whereNot({ state: 'waiting' })
      .update({ state: 'waiting', next_at: at, tries: 0, ended_at: null });
    return changed > 0;
  }

  /** What was and will be sent to one, newest first. */
  async list(
    webhookId: string,
    state: WebhookDelivery['state'] | undefined,
    limit: number,
  ): Promise<WebhookDelivery[]> {
    const query = this.db<Row>('webhook_deliveries')
      .where({ webhook_id: webhookId })
      .orderBy('created_at', 'desc')
      .limit(limit);
    if (state) query.where({ state });
    return (await query).map((row) => ({
      deliveryId: row.delivery_id,
      eventId: row.event_id,
      event: row.event,
      body: row.body,
      state: row.state,
      createdAt: row.created_at,
      nextAt: row.state === 'waiting' ? row.next_at : null,
      endedAt: row.ended_at,
      log: row.log,
    }));
  }

  /** Deletes what ended before an instant. */
  async forget(before: Date): Promise<void> {
    await this.db('webhook_deliveries')
      .whereNot({ state: 'waiting' })
      .where('ended_at', '<', before)
      .delete();
  }
}

/** The log with one attempt more, without those beyond the last ten. */
const LOG = `(select jsonb_agg(e order by n) from (
  select e, n, row_number() over (order by n desc) as back
    from jsonb_array_elements(log || ?::jsonb) with ordinality as t(e, n)) kept where back <= ?)`;
