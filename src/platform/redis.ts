import Redis from 'ioredis';

export type RedisClient = Redis;

/** Opens a Redis connection that reconnects for ever and keeps commands in order while it is away. */
export function openRedis(url: string, options: { forBlocking?: boolean } = {}): RedisClient {
  return new Redis(url, {
    maxRetriesPerRequest: options.forBlocking ? null : 20,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    enableReadyCheck: true,
  });
}
