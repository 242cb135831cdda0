import type { Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import { isSilent } from './message';
import type { MessageStore } from './message.store';

interface Deps {
  store: MessageStore;
  /** A message whose sound did not come: the alarm is raised. */
  alarm(recordingId: string, callId: string, why: string): void;
  clock: Clock;
  log: { warn(facts: object, words: string): void };
}

const LOOK_SECONDS = 3;
/** Calls that ended longer ago have been looked at. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000;
/** A message whose sound has not come so long after it was listed has lost it. */
const LOST_AFTER_MS = 5 * 60_000;

/**
 * Makes tasks of the voice messages that the call records tell of. Every service may look: a message is listed once, by
 * its id, whatever dies meanwhile.
 */
export class Messages {
  private readonly task: RepeatedTask;

  constructor(private readonly deps: Deps) {
    this.task = new RepeatedTask(
      LOOK_SECONDS,
      () => this.look(),
      (fault) => deps.log.warn({ fault: String(fault) }, 'messages cannot be looked at now'),
    );
  }

  start(): void {
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task.stop();
  }

  hurry(): void {
    this.task.hurry();
  }

  async look(): Promise<void> {
    const { store, alarm, clock } = this.deps;
    const now = clock.now();
    await store.listNew(new Date(now.getTime() - LOOK_BACK_MS), now);
    for (const { messageId, left } of await store.unheard())
      if (isSilent(left)) await store.silent(messageId, now);
    for (const { messageId, callId } of await store.losses(new Date(now.getTime() - LOST_AFTER_MS)))
      alarm(messageId, callId, '语音留言没有录音');
  }
}
