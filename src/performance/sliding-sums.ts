import { NO_SUMS, type Sums } from './definitions';

/** What one decided call adds, and to what. */
export interface Share {
  arrivedAt: number;
  queue: string;
  lineId: string;
  sums: Sums;
}

/** Sums over the calls that arrived since a moment that moves on: whole, by queue and by line. */
export class SlidingSums {
  total: Sums = { ...NO_SUMS };
  readonly byQueue = new Map<string, Sums>();
  readonly byLine = new Map<string, Sums>();
  /** By arrival, oldest first. */
  private readonly shares: Share[] = [];

  add(share: Share): void {
    let place = this.shares.length;
    while (place > 0 && (this.shares[place - 1]?.arrivedAt ?? 0) > share.arrivedAt) place -= 1;
    this.shares.splice(place, 0, share);
    this.count(share, 1);
  }

  /** Lets go of what arrived before a moment. Returns whether anything changed. */
  forgetBefore(moment: number): boolean {
    const firstKept = this.shares.findIndex(({ arrivedAt }) => arrivedAt >= moment);
    const gone = this.shares.splice(0, firstKept < 0 ? this.shares.length : firstKept);
    for (const share of gone) this.count(share, -1);
    return gone.length > 0;
  }

  private count({ queue, lineId, sums }: Share, sign: 1 | -1): void {
    this.total = plus(this.total, sums, sign);
    addTo(this.byQueue, queue, sums, sign);
    addTo(this.byLine, lineId, sums, sign);
  }
}

/** What has come to nothing is left out, as if it had never been. */
function addTo(map: Map<string, Sums>, key: string, sums: Sums, sign: 1 | -1): void {
  const sum = plus(map.get(key) ?? NO_SUMS, sums, sign);
  if (sum.answered + sum.abandoned + sum.diverted + sum.faults > 0) map.set(key, sum);
  else map.delete(key);
}

/** Two sums added, or the second taken off the first. */
export function plus(left: Readonly<Sums>, right: Readonly<Sums>, sign: 1 | -1 = 1): Sums {
  return Object.fromEntries(
    Object.entries(left).map(([key, value]) => [key, value + sign * right[key as keyof Sums]]),
  ) as unknown as Sums;
}
