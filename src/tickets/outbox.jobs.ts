import type { Clock } from '../platform/clock';
import { openQueue, openWorker, type JobQueue, type JobWorker } from '../platform/job-queue';
import { within } from '../platform/lifecycle';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import type { OutboxStore } from './outbox.store';

const QUEUE = 'outbox';
const BATCH = 100;

/**
 * Outbox → BullMQ → delivery. The rows are the truth: one that BullMQ lost, or could not be given because Redis was
 * away, is handed over again by the sweep under a new job id (an id already known would be ignored in silence).
 */
export class OutboxJobs {
  private queue: JobQueue<{ outboxId: string }> | null = null;
  private worker: JobWorker | null = null;
  private readonly relaying: RepeatedTask;

  constructor(
    private readonly parts: {
      outbox: OutboxStore;
      deliver(outboxId: string): Promise<unknown>;
      clock: Clock;
      log: Logger;
      redisUrl: string;
      prefix: string;
      sweepSeconds: number;
    },
  ) {
    this.relaying = new RepeatedTask(
      parts.sweepSeconds,
      () => this.relay(),
      (fault) => parts.log.warn({ err: fault }, 'outbox: not handed over, will be tried again'),
    );
  }

  start(): void {
    const { redisUrl, prefix, log, deliver } = this.parts;
    this.queue = openQueue(QUEUE, redisUrl, prefix, log);
    this.worker = openWorker<{ outboxId: string }>(QUEUE, redisUrl, prefix, log, async ({ outboxId }) => {
      await deliver(outboxId);
    });
    this.relaying.start();
  }

  /** A row was written: hand it over now instead of at the next sweep. */
  hurry(): void {
    this.relaying.hurry();
  }

  async stop(): Promise<void> {
    await this.relaying.stop();
    await this.worker?.close();
    await this.queue?.close();
  }

  /** Claims first and hands over after, so that no lock is held while Redis answers; a claim lapses by itself. */
  private async relay(): Promise<void> {
    for (;;) {
      const rows = await this.parts.outbox.claim(this.parts.clock.now(), BATCH);
      for (const { outbox_id, attempt } of rows)
        await within(3, 'hand an outbox row to BullMQ', () =>
          this.queue?.add(`${outbox_id}-${attempt}`, { outboxId: outbox_id }),
        );
      if (rows.length < BATCH) return;
    }
  }
}
