import { createHash } from 'node:crypto';

/** Chance that is the same for the same seed and place: what was loaded once can be loaded again. */
export class Dice {
  private state: number;
  private ids = 0;

  constructor(
    private readonly seed: number,
    private readonly place: number,
  ) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b)) >>> 0;
    this.next();
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(of: number): boolean {
    return this.next() < of;
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }

  /** The first ones much oftener than the last ones, as calls are: `bent` 2 or 3. */
  pickEarly<T>(from: readonly T[], bent: number): T {
    return from[Math.floor(this.next() ** bent * from.length)]!;
  }

  /** An id in the form of a UUID. */
  id(): string {
    return uuidOf(`${this.seed}:${this.place}:${this.ids++}`);
  }
}

/** The id, in the form of a UUID, of a name. */
export function uuidOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
