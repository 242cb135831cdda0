import { Queue, Worker, type Job } from 'bullmq';
import type { Logger } from './logger';
import { openRedis, type RedisClient } from './redis';

export interface JobQueue<T> {
  /** Adds a job to be done soon; one still waiting under the same id is not added again. */
  add(id: string, data: T): Promise<void>;
  /**
   * Sets the alarm clock `id` to an instant, replacing an earlier setting (BullMQ silently ignores a re-added id, so
   * the old job is removed first). Only an alarm: the row with its time is the authority, and its sweep catches a lost one.
   */
  alarm(id: string, data: T, at: Date, now: Date): Promise<void>;
  cancel(id: string): Promise<void>;
  close(): Promise<void>;
}

const KEEP_FAILED = { count: 1000, age: 7 * 86_400 };

/** Ids may hold anything; BullMQ forbids the colon, and an id of digits only. */
const safeId = (id: string) => `j-${encodeURIComponent(id).replace(/%3A/gi, '%')}`;

/** Opens a BullMQ queue. Commands fail after a few seconds while Redis is away, instead of waiting for ever. */
export function openQueue<T>(name: string, redisUrl: string, prefix: string, log: Logger): JobQueue<T> {
  const connection = connect(redisUrl, log, false);
  const queue = new Queue(name, { connection, prefix: `${prefix}:jobs`, skipVersionCheck: true });
  queue.on('error', (fault) => log.warn({ err: fault, queue: name }, 'job queue'));
  const options = {
    attempts: 5,
    backoff: { type: 'exponential', delay: 1000 },
    removeOnComplete: true,
    removeOnFail: KEEP_FAILED,
  };
  const add = async (id: string, data: T, delay: number) => {
    await queue.add(name, data, { ...options, jobId: safeId(id), delay });
  };
  const cancel = async (id: string) => {
    // A job that runs right now cannot be removed and does not need to be.
    await queue.remove(safeId(id)).catch(() => 0);
  };
  return {
    add: (id, data) => add(id, data, 0),
    cancel,
    async alarm(id, data, at, now) {
      await cancel(id);
      await add(id, data, Math.max(0, at.getTime() - now.getTime()));
    },
    async close() {
      await queue.close();
      connection.disconnect();
    },
  };
}

export interface JobWorker {
  close(): Promise<void>;
}

/**
 * Opens a worker. A job may run twice (a lapsed lock): `work` must be harmless when repeated. A fault is logged and the
 * job tried again with back-off.
 */
export function openWorker<T>(
  name: string,
  redisUrl: string,
  prefix: string,
  log: Logger,
  work: (data: T) => Promise<void>,
  concurrency = 4,
): JobWorker {
  const connection = connect(redisUrl, log, true);
  const worker = new Worker(name, (job: Job) => work(job.data as T), {
    connection,
    prefix: `${prefix}:jobs`,
    concurrency,
    skipVersionCheck: true,
  });
  worker.on('error', (fault) => log.warn({ err: fault, queue: name }, 'job worker'));
  worker.on('failed', (job, fault) =>
    log.error({ err: fault, queue: name, job: job?.id, attempt: job?.attemptsMade }, 'job failed'),
  );
  return {
    async close() {
      await worker.close();
      connection.disconnect();
    },
  };
}

function connect(redisUrl: string, log: Logger, forBlocking: boolean): RedisClient {
  const connection = openRedis(redisUrl, { forBlocking });
  connection.on('error', (fault) => log.debug({ err: fault }, 'job queue: Redis not reachable'));
  return connection;
}
