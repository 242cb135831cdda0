import { randomUUID } from 'node:crypto';
import type { RedisClient } from './redis';

/** Renews or releases only what is still ours. */
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end`;

const LEASE_MS = 3000;
const RENEW_MS = 1000;

type RedisWithLease = RedisClient & {
  hotlineLeaseRenew(key: string, token: string, ms: string): Promise<number>;
  hotlineLeaseRelease(key: string, token: string): Promise<number>;
};

/**
 * Which of several services commands the switch: a lease in Redis that its holder renews every second and that lapses
 * three seconds after its death. A second service waits for it, ready to take over; an emptied Redis does not end it.
 */
export class Lease {
  private readonly token = randomUUID();
  private readonly redis: RedisWithLease;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    redis: RedisClient,
    private readonly key: string,
    private readonly onLost: () => void,
  ) {
    redis.defineCommand('hotlineLeaseRenew', { numberOfKeys: 1, lua: RENEW });
    redis.defineCommand('hotlineLeaseRelease', { numberOfKeys: 1, lua: RELEASE });
    this.redis = redis as RedisWithLease;
  }

  get held(): boolean {
    return this.timer !== null;
  }

  /** Resolves when the lease is ours; false when `stop` was called before. */
  async acquire(): Promise<boolean> {
    while (!this.stopped) {
      const taken = await this.take().catch(() => false);
      if (taken) {
        this.timer = setInterval(() => void this.renew(), RENEW_MS);
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return false;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.redis.hotlineLeaseRelease(this.key, this.token).catch(() => 0);
  }

  private async take(): Promise<boolean> {
    return (await this.redis.set(this.key, this.token, 'PX', LEASE_MS, 'NX')) === 'OK';
  }

  /** Redis away is no loss: nobody else can take the lease then either. Another holder is. */
  private async renew(): Promise<void> {
    try {
      const renewed =
        (await this.redis.hotlineLeaseRenew(this.key, this.token, String(LEASE_MS))) === 1 ||
        (await this.take());
      if (!renewed && this.timer) {
        clearInterval(this.timer);
        this.timer = null;
        this.onLost();
      }
    } catch {
      // Tried again at the next beat.
    }
  }
}
