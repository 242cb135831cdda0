import { randomUUID } from 'node:crypto';
import type { WebhookDisabled } from '../events';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import { nextTry, webhookBody, webhookEventOf } from './webhook';
import type { DueDelivery, Sendable, WebhookDeliveryStore } from './webhook-delivery.store';
import type { Sent, WebhookSender } from './webhook-sender.adapter';
import type { WebhookStore } from './webhook.store';

const EVENTS = 500;
const DAY_MS = 86_400_000;

/** Brings what happened to work orders to the subscribers: at least once, always under the same id. */
export class WebhookDeliveries {
  constructor(
    private readonly parts: {
      store: WebhookStore;
      deliveries: WebhookDeliveryStore;
      sender: Pick<WebhookSender, 'send'>;
      audit: Pick<AuditStore, 'append'>;
      clock: Clock;
      /** A subscription that has failed for so long is disabled. */
      giveUpDays: number;
      announce(event: WebhookDisabled): void;
    },
  ) {}

  /** Makes deliveries of the events that were written with the timelines, for whoever wants them. */
  async fanOut(): Promise<void> {
    const { store, deliveries, clock } = this.parts;
    for (let full = true; full;)
      full = await store.command(async (trx) => {
        const events = await store.takeEvents(trx, EVENTS);
        const wanted = (await store.all(trx)).filter(({ active }) => active);
        const rows = events.flatMap((happening) => {
          const event = webhookEventOf(happening.what);
          const body = webhookBody(happening);
          return wanted
            .filter((webhook) => webhook.events.includes(event))
            .map(({ webhookId }) => ({
              deliveryId: randomUUID(),
              ...{ webhookId, eventId: happening.eventId, event, body },
            }));
        });
        await deliveries.write(trx, rows, clock.now());
        return events.length === EVENTS;
      });
  }

  /** Sends one hand-over, unless it was done or handed over anew meanwhile, and notes what came of it. */
  async deliver(due: DueDelivery): Promise<void> {
    const found = await this.parts.deliveries.sendable(due);
    if (!found) return;
    const began = this.parts.clock.now();
    const { url, secret, eventId, body } = found;
    const sent = await this.parts.sender.send({ url, secret, id: eventId, body }, began);
    const disabled = await this.note(found, sent, began);
    if (disabled) this.parts.announce({ kind: 'webhookDisabled', at: this.parts.clock.now(), ...disabled });
  }

  /** Forgets the log of what ended so many days ago. */
  forget(days: number): Promise<void> {
    return this.parts.deliveries.forget(new Date(this.parts.clock.now().getTime() - days * DAY_MS));
  }

  /** Answers the subscription when this failure was the one too many. */
  private note(found: Sendable, sent: Sent, began: Date): Promise<{ webhookId: string } | null> {
    const { store, deliveries, clock, giveUpDays } = this.parts;
    const { webhookId } = found;
    const now = clock.now();
    const tried = { at: began.toISOString(), ms: now.getTime() - began.getTime(), ...sent };
    const well = sent.status !== null && sent.status >= 200 && sent.status < 300;
    return store.command(async (trx) => {
      const next = well
        ? ({ ended: 'delivered', at: now } as const)
        : { tryAt: nextTry(found.tries + 1, now) };
      if (!(await deliveries.note(trx, found, tried, next))) return null;
      if (well) {
        await store.succeeded(trx, webhookId);
        return null;
      }
      const since = await store.failed(trx, webhookId, now);
      if (now.getTime() - since.getTime() < giveUpDays * DAY_MS) return null;
      const why = `连续 ${giveUpDays} 天投递失败：${sent.fault ?? `HTTP ${sent.status ?? ''}`}`;
      if (!(await store.disable(trx, webhookId, why))) return null;
      await deliveries.giveUp(trx, webhookId, now);
      await this.parts.audit.append(
        { who: 'system', action: 'webhook.disable', subject: webhookId, facts: { why } },
        trx,
      );
      return { webhookId };
    });
  }
}
