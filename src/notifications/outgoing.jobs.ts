import type { Clock } from '../platform/clock';
import { openQueue, openWorker, type JobQueue, type JobWorker } from '../platform/job-queue';
import { within } from '../platform/lifecycle';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';
import type { OutgoingStore } from './outgoing.store';

const QUEUE = 'outgoing';
const BATCH = 100;

/**
 * Messages → BullMQ → delivery. The rows are the truth: one that BullMQ lost, or could not be given because Redis was
 * away, is handed over again by the sweep under a new job id.
 */
export class OutgoingJobs {
  private queue: JobQueue<{ messageId: string }> | null = null;
  private worker: JobWorker | null = null;
  private readonly sweeping: RepeatedTask;

  constructor(
    private readonly parts: {
      store: OutgoingStore;
      deliver(messageId: string): Promise<void>;
      clock: Clock;
      log: Logger;
      redisUrl: string;
      prefix: string;
      sweepSeconds: number;
    },
  ) {
    this.sweeping = new RepeatedTask(
      parts.sweepSeconds,
      () => this.sweep(),
      (fault) => parts.log.warn({ err: fault }, 'messages: not handed over, will be tried again'),
    );
  }

  start(): void {
    const { redisUrl, prefix, log, deliver } = this.parts;
    this.queue = openQueue(QUEUE, redisUrl, prefix, log);
    this.worker = openWorker<{ messageId: string }>(QUEUE, redisUrl, prefix, log, ({ messageId }) =>
      deliver(messageId),
    );
    this.sweeping.start();
  }

  /** A message was written: hand it over now instead of at the next sweep. */
  hurry(): void {
    this.sweeping.hurry();
  }

  async stop(): Promise<void> {
    await this.sweeping.stop();
    await this.worker?.close();
    await this.queue?.close();
  }

  /** Marks first and hands over after, so that no lock is held while Redis answers; a mark lapses by itself. */
  private async sweep(): Promise<void> {
    for (;;) {
      const rows = await this.parts.store.handOver(this.parts.clock.now(), BATCH);
      for (const { message_id, hand_overs } of rows)
        await within(3, 'hand a message to BullMQ', () =>
          this.queue?.add(`${message_id}-${hand_overs}`, { messageId: message_id }),
        );
      if (rows.length < BATCH) return;
    }
  }
}
