import { randomUUID } from 'node:crypto';
import type { RedisClient } from '../platform/redis';
import type { Call } from './call';

/**
 * The Redis index of live calls: tells a new run which calls there were, also those that ended while nobody watched.
 * The epoch key exists as long as Redis has not been emptied.
 */
export class CallIndexStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly prefix: string,
  ) {}

  async put(call: Call): Promise<void> {
    await this.redis.hset(this.callsKey, call.callId, JSON.stringify(call));
  }

  async remove(callId: string): Promise<void> {
    await this.redis.hdel(this.callsKey, callId);
  }

  async all(): Promise<Call[]> {
    return Object.values(await this.redis.hgetall(this.callsKey)).map((text) => JSON.parse(text) as Call);
  }

  /** The epoch, and whether it had to be made anew because Redis was emptied (or is fresh). */
  async epoch(): Promise<{ epoch: string; fresh: boolean }> {
    const fresh = randomUUID();
    const made = await this.redis.set(this.epochKey, fresh, 'NX');
    if (made) return { epoch: fresh, fresh: true };
    return { epoch: (await this.redis.get(this.epochKey)) ?? fresh, fresh: false };
  }

  private get callsKey(): string {
    return `${this.prefix}:calls`;
  }

  private get epochKey(): string {
    return `${this.prefix}:epoch`;
  }
}
