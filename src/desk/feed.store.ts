import type { RedisClient } from '../platform/redis';
import type { CallStory, DeskCall, FeedEntry } from './pop';

/** A feed entry before it has its number. */
type Unnumbered<E> = E extends FeedEntry ? Omit<E, 'seq' | 'at'> : never;
export type FeedNews = Unnumbered<FeedEntry>;

/** Numbers and appends in one step, so that numbers and order agree; old entries fall off. */
const APPEND = `
local seq = redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], seq .. '-1', 'entry', ARGV[1])
return seq`;

const KEPT = 500;

type RedisWithAppend = RedisClient & {
  hotlineFeedAppend(seqKey: string, feedKey: string, entry: string, kept: string): Promise<number>;
};

/** Each seat's feed in Redis: what the seat was shown, numbered, and the call and story it shows now. */
export class FeedStore {
  private readonly redis: RedisWithAppend;

  constructor(
    redis: RedisClient,
    private readonly prefix: string,
  ) {
    redis.defineCommand('hotlineFeedAppend', { numberOfKeys: 2, lua: APPEND });
    this.redis = redis as RedisWithAppend;
  }

  async append(seatId: string, news: FeedNews, at: number): Promise<FeedEntry> {
    const seq = await this.redis.hotlineFeedAppend(
      this.key(seatId, 'seq'),
      this.key(seatId, 'feed'),
      JSON.stringify({ ...news, at }),
      String(KEPT),
    );
    return { ...news, at, seq } as FeedEntry;
  }

  /** The entries after `lastSeq`, oldest first, and the newest number. */
  async since(seatId: string, lastSeq: number): Promise<{ seq: number; entries: FeedEntry[] }> {
    const [seq, rows] = await Promise.all([
      this.redis.get(this.key(seatId, 'seq')),
      this.redis.xrange(this.key(seatId, 'feed'), `(${lastSeq}-1`, '+'),
    ]);
    const entries = rows.map(([id, [, text]]) => ({
      ...(JSON.parse(text ?? '{}') as FeedEntry),
      seq: Number(id.split('-')[0]),
    }));
    return { seq: Number(seq ?? 0), entries };
  }

  /** What the seat's screen shows now; null clears it. */
  async show(seatId: string, shown: { call: DeskCall | null; story: CallStory | null }): Promise<void> {
    await this.redis.set(this.key(seatId, 'shown'), JSON.stringify(shown));
  }

  async shown(seatId: string): Promise<{ call: DeskCall | null; story: CallStory | null }> {
    const text = await this.redis.get(this.key(seatId, 'shown'));
    return text
      ? (JSON.parse(text) as { call: DeskCall | null; story: CallStory | null })
      : { call: null, story: null };
  }

  private key(seatId: string, part: string): string {
    return `${this.prefix}:desk:${seatId}:${part}`;
  }
}
