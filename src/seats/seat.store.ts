import { z } from 'zod';
import type { RedisClient } from '../platform/redis';
import { SEAT_STATES, type Seat, type SeatState } from './seat';

/**
 * Seats in Redis: one hash each, changed only by a script that checks state and token and writes in one step. Whoever
 * loses a race is told so and changes nothing.
 */
const MOVE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 0 end
if not string.find(ARGV[1], ',' .. state .. ',', 1, true) then return 0 end
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return 1`;

const text = z.string();
const nullable = text.transform((value) => (value === '' ? null : value));
const instant = z.coerce.number();
const optionalInstant = text.transform((value) => (value === '' ? null : Number(value)));
const stored = z.object({
  seatId: text,
  name: text,
  account: text,
  telephone: nullable,
  skills: text.transform((value) => JSON.parse(value) as string[]),
  state: z.enum(SEAT_STATES),
  since: instant,
  notReadyReason: nullable,
  callId: nullable,
  token: nullable,
  leaseUntil: optionalInstant,
  idleSince: instant,
  wrapUpUntil: optionalInstant,
  notReadyNext: nullable,
  phoneReachable: text.transform((value) => value === 'true'),
});

type RedisWithMove = RedisClient & { hotlineSeatMove(key: string, ...args: string[]): Promise<number> };

export class SeatStore {
  private readonly redis: RedisWithMove;

  constructor(
    redis: RedisClient,
    private readonly prefix: string,
  ) {
    redis.defineCommand('hotlineSeatMove', { numberOfKeys: 1, lua: MOVE });
    this.redis = redis as RedisWithMove;
  }

  /** Writes a whole seat, whatever was there. */
  async put(seat: Seat): Promise<void> {
    await this.redis.multi().hset(this.key(seat.seatId), fields(seat)).sadd(this.listKey, seat.seatId).exec();
  }

  async remove(seatId: string): Promise<void> {
    await this.redis.multi().del(this.key(seatId)).srem(this.listKey, seatId).exec();
  }

  /**
   * Changes a seat if it is in one of `from` and, where a token is given, still holds it.
   * Returns whether it was changed; false leaves everything as it was.
   */
  async change(
    seatId: string,
    from: readonly SeatState[],
    token: string | null,
    patch: Partial<Seat>,
  ): Promise<boolean> {
    const pairs = Object.entries(fields(patch)).flat();
    return (
      (await this.redis.hotlineSeatMove(this.key(seatId), `,${from.join(',')},`, token ?? '', ...pairs)) === 1
    );
  }

  async get(seatId: string): Promise<Seat | null> {
    return parse(await this.redis.hgetall(this.key(seatId)));
  }

  async all(): Promise<Seat[]> {
    const ids = await this.redis.smembers(this.listKey);
    const seats = await Promise.all(ids.map((id) => this.get(id)));
    return seats.filter((seat) => seat !== null);
  }

  /** The phone secret of a signed-in seat, for a page that was refreshed. */
  async keepSecret(seatId: string, secret: string | null): Promise<void> {
    if (secret === null) await this.redis.hdel(this.secretsKey, seatId);
    else await this.redis.hset(this.secretsKey, seatId, secret);
  }

  async secret(seatId: string): Promise<string | null> {
    return this.redis.hget(this.secretsKey, seatId);
  }

  private get listKey(): string {
    return `${this.prefix}:seats`;
  }

  private get secretsKey(): string {
    return `${this.prefix}:phone-secrets`;
  }

  private key(seatId: string): string {
    return `${this.prefix}:seat:${seatId}`;
  }
}

function fields(seat: Partial<Seat>): Record<string, string> {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(seat)) {
    if (value === undefined) continue;
    written[name] = value === null ? '' : Array.isArray(value) ? JSON.stringify(value) : String(value);
  }
  return written;
}

function parse(hash: Record<string, string>): Seat | null {
  const result = stored.safeParse(hash);
  return result.success ? (result.data as Seat) : null;
}
