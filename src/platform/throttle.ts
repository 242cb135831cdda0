import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RedisClient } from './redis';

export interface ThrottleLimit {
  name: string;
  /** Attempts within the window. */
  points: number;
  windowSeconds: number;
}

/**
 * Counts attempts per key in Redis, shared by all services. While Redis is away each process counts in its own memory:
 * throttling gets looser by the number of services, never off.
 */
export class Throttle {
  private readonly limiter: RateLimiterRedis;

  constructor(redis: RedisClient, prefix: string, limit: ThrottleLimit) {
    const counted = {
      keyPrefix: `${prefix}:throttle:${limit.name}`,
      points: limit.points,
      duration: limit.windowSeconds,
    };
    this.limiter = new RateLimiterRedis({
      ...counted,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(counted),
    });
  }

  /** Counts an attempt. Answers null when it may go on, else the seconds to wait. */
  async take(key: string): Promise<number | null> {
    try {
      await this.limiter.consume(key);
      return null;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext / 1000);
      throw refused;
    }
  }

  /** Gives back an attempt that turned out to be a rightful one. */
  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(key);
  }

  async forget(key: string): Promise<void> {
    await this.limiter.delete(key);
  }
}
