import { WebhookDeliveries } from '../channels/webhook-delivery.service';
import { WebhookDeliveryStore } from '../channels/webhook-delivery.store';
import { WebhookSender } from '../channels/webhook-sender.adapter';
import { WebhookJobs } from '../channels/webhook.jobs';
import { webhookRoutes } from '../channels/webhook.routes';
import { Webhooks } from '../channels/webhook.service';
import { WebhookStore } from '../channels/webhook.store';
import { WEBHOOK_EVENTS } from '../channels/webhook';
import { clock, type Ground } from './ground';

/** What happens to work orders, told to other systems. */
export function buildWebhooks({ config, log, bus, database, audit, lifecycle, http }: Ground): void {
  const store = new WebhookStore(database);
  const rows = new WebhookDeliveryStore(database);
  const sender = new WebhookSender({ allowPrivate: config.WEBHOOK_PRIVATE });
  const deliveries = new WebhookDeliveries({
    ...{ store, deliveries: rows, sender, audit, clock },
    giveUpDays: config.WEBHOOK_GIVE_UP_DAYS,
    announce: (event) => {
      log.error({ webhookId: event.webhookId }, 'a webhook has failed for days and is disabled');
      bus.announce(event);
    },
  });
  const jobs = new WebhookJobs({
    ...{ rows, deliveries, clock, log },
    redisUrl: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    sweepSeconds: config.SWEEP_SECONDS,
    keepDays: config.WEBHOOK_KEEP_DAYS,
  });
  lifecycle.add('webhooks', jobs);
  bus.onAny(({ kind }) => {
    if ((WEBHOOK_EVENTS as readonly string[]).includes(kind)) jobs.hurry();
  });
  const webhooks = new Webhooks({
    ...{ store, deliveries: rows, sender, audit, clock },
    hurry: () => jobs.hurry(),
  });
  http.mount(webhookRoutes({ webhooks }));
}
