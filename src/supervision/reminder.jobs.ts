import type { DueTimer } from '../deadlines/timer.store';
import type { Clock } from '../platform/clock';
import { openQueue, openWorker, type JobQueue, type JobWorker } from '../platform/job-queue';
import { within } from '../platform/lifecycle';
import type { Logger } from '../platform/logger';
import { RepeatedTask } from '../platform/repeated-task';

const QUEUE = 'due-alarms';

/**
 * The alarm clock of the timers and the sweep that is their authority (S1, DESIGN §3): the alarm only makes the sweep
 * come to the second. An alarm that Redis lost costs at most one sweep period; one that rings twice finds nothing.
 */
export class ReminderJobs {
  private queue: JobQueue<{ timerId: string }> | null = null;
  private worker: JobWorker | null = null;
  private readonly sweeping: RepeatedTask;

  constructor(
    private readonly parts: {
      /** Fires what is due. */
      sweep(): Promise<unknown>;
      /** Recounts due dates left on an older calendar. */
      recount(): Promise<unknown>;
      clock: Clock;
      log: Logger;
      redisUrl: string;
      prefix: string;
      sweepSeconds: number;
    },
  ) {
    const task = async () => {
      await parts.recount();
      await parts.sweep();
    };
    const onFault = (fault: unknown) =>
      parts.log.warn({ err: fault }, 'due timers: sweep failed, will be tried again');
    this.sweeping = new RepeatedTask(parts.sweepSeconds, task, onFault);
  }

  start(): void {
    const { redisUrl, prefix, log, sweep } = this.parts;
    this.queue = openQueue(QUEUE, redisUrl, prefix, log);
    this.worker = openWorker(QUEUE, redisUrl, prefix, log, async () => void (await sweep()), 1);
    this.sweeping.start();
  }

  /** Sets the alarm of a timer whose row is committed. Failing is no harm: the sweep sees the row. */
  setAlarm(timer: DueTimer): void {
    const { clock, log } = this.parts;
    within(3, 'set a due alarm', () =>
      this.queue?.alarm(timer.timer_id, { timerId: timer.timer_id }, timer.at, clock.now()),
    ).catch((fault: unknown) => log.debug({ err: fault, timer: timer.timer_id }, 'due alarm not set'));
  }

  async stop(): Promise<void> {
    await this.sweeping.stop();
    await this.worker?.close();
    await this.queue?.close();
  }
}
