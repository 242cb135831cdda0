import type { Clock } from '../platform/clock';
import { openQueue, openWorker, type JobQueue, type JobWorker } from '../platform/job-queue';
import { within } from '../platform/lifecycle';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import type { WebhookDeliveries } from './webhook-delivery.service';
import type { DueDelivery, WebhookDeliveryStore } from './webhook-delivery.store';

const QUEUE = 'webhooks';
const BATCH = 100;
const CONCURRENCY = 8;
const FORGET_SECONDS = 3600;

/**
 * Rows → BullMQ → receivers. The rows are the truth: what BullMQ lost, or a killed worker left, is handed over again by
 * the sweep under a new job id. A BullMQ job never fails: the next try is in the row.
 */
export class WebhookJobs {
  private queue: JobQueue<DueDelivery> | null = null;
  private worker: JobWorker | null = null;
  private readonly relaying: RepeatedTask;
  private readonly forgetting: RepeatedTask;

  constructor(
    private readonly parts: {
      rows: Pick<WebhookDeliveryStore, 'claim'>;
      deliveries: WebhookDeliveries;
      clock: Clock;
      log: Logger;
      redisUrl: string;
      prefix: string;
      sweepSeconds: number;
      keepDays: number;
    },
  ) {
    const { deliveries, keepDays, log, sweepSeconds } = parts;
    const warn = (words: string) => (fault: unknown) => log.warn({ err: fault }, words);
    this.relaying = new RepeatedTask(
      sweepSeconds,
      () => this.relay(),
      warn('webhooks: not handed over, will be tried again'),
    );
    this.forgetting = new RepeatedTask(
      FORGET_SECONDS,
      () => deliveries.forget(keepDays),
      warn('webhooks: old deliveries not deleted now'),
    );
  }

  start(): void {
    const { redisUrl, prefix, log, deliveries } = this.parts;
    this.queue = openQueue(QUEUE, redisUrl, prefix, log);
    const work = async (due: DueDelivery) => {
      await deliveries.deliver(due);
      // One that was shared out has left room for the next.
      this.hurry();
    };
    this.worker = openWorker(QUEUE, redisUrl, prefix, log, work, CONCURRENCY);
    this.relaying.start();
    this.forgetting.start();
  }

  /** Something was written: hand it over now instead of at the next sweep. */
  hurry(): void {
    this.relaying.hurry();
  }

  async stop(): Promise<void> {
    await Promise.all([this.relaying.stop(), this.forgetting.stop()]);
    await this.worker?.close();
    await this.queue?.close();
  }

  /** One claim a run: more of the same subscription waits until these have been sent. */
  private async relay(): Promise<void> {
    await this.parts.deliveries.fanOut();
    for (const due of await this.parts.rows.claim(this.parts.clock.now(), BATCH))
      await within(3, 'hand a webhook to BullMQ', () =>
        this.queue?.add(`${due.deliveryId}-${due.attempt}`, due),
      );
  }
}
