import type { Logger } from './logger';

export interface Part {
  start?(): Promise<unknown> | unknown;
  stop?(): Promise<unknown> | unknown;
}

interface Entry {
  name: string;
  part: Part;
  startSeconds: number;
  stopSeconds: number;
}

/** Runs a task but gives up waiting after so many seconds, with an Error that names it. */
export async function within<T>(seconds: number, name: string, task: () => Promise<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: not done within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([Promise.resolve().then(task), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The service's parts in the order they start; they stop in the reverse order. Each start and stop has a time limit:
 * a part that does not stop in time is reported and left behind, so that stopping always ends.
 */
export class Lifecycle {
  private readonly entries: Entry[] = [];
  private started: Entry[] = [];

  constructor(private readonly log: Logger) {}

  /** Adds a part. Limits are in seconds (20 to start, 3 to stop unless told otherwise). */
  add(name: string, part: Part, limits: { startSeconds?: number; stopSeconds?: number } = {}): void {
    this.entries.push({
      name,
      part,
      startSeconds: limits.startSeconds ?? 20,
      stopSeconds: limits.stopSeconds ?? 3,
    });
  }

  /** Starts everything in order. If one part fails, those already started are stopped and its fault is thrown. */
  async start(): Promise<void> {
    for (const entry of this.entries) {
      try {
        await within(entry.startSeconds, `start ${entry.name}`, () => entry.part.start?.());
      } catch (fault) {
        await this.stop();
        throw new Error(
          `${entry.name} could not start: ${fault instanceof Error ? fault.message : String(fault)}`,
          {
            cause: fault,
          },
        );
      }
      this.started.push(entry);
      this.log.debug({ part: entry.name }, 'part started');
    }
  }

  /** Stops what was started, last first. Never throws; a second call does nothing. */
  async stop(): Promise<void> {
    const stopping = this.started.reverse();
    this.started = [];
    for (const entry of stopping) {
      try {
        await within(entry.stopSeconds, `stop ${entry.name}`, () => entry.part.stop?.());
      } catch (fault) {
        this.log.warn({ part: entry.name, err: fault }, 'part did not stop cleanly');
      }
    }
  }
}
