import { randomBytes } from 'node:crypto';
import type { RedisClient } from '../../platform/redis';

/** So long an opened player may ask for sound. */
const OPEN_SECONDS = 4 * 3600;

/** Opened players in Redis: each was written to the audit trail when it was opened, its many requests for sound are not. */
export class PlaybackStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly prefix: string,
  ) {}

  async open(recordingId: string, personId: string): Promise<string> {
    const playId = randomBytes(16).toString('hex');
    await this.redis.set(this.key(playId), `${personId} ${recordingId}`, 'EX', OPEN_SECONDS);
    return playId;
  }

  /** Whether this person has opened this recording with this player. */
  async isOpen(playId: string, recordingId: string, personId: string): Promise<boolean> {
    return (await this.redis.get(this.key(playId))) === `${personId} ${recordingId}`;
  }

  private key(playId: string): string {
    return `${this.prefix}:play:${playId}`;
  }
}
