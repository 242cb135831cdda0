import type { SeatChange } from './seat-history';

/** Of so many last calls of a queue, and not older than this, the mean is taken. */
const LAST = 30;
const RECENT_MS = 4 * 3_600_000;

/** How long seats lately needed for a call of each queue: talk and wrap-up together. */
export class HandlingTimes {
  private readonly begun = new Map<string, { queue: string; at: number }>();
  private readonly recent = new Map<string, { at: number; ms: number }[]>();

  /** Hears a seat's change; `queue` is its call's, null when that is unknown or no call of a queue. */
  hear(change: SeatChange, queue: string | null): void {
    const { seatId, at, to } = change;
    if (to === 'wrapUp') return;
    if (to === 'talking') {
      if (queue !== null) this.begun.set(seatId, { queue, at });
      return;
    }
    const begun = this.begun.get(seatId);
    this.begun.delete(seatId);
    if (!begun || to === 'ringing') return;
    const known = this.recent.get(begun.queue) ?? [];
    known.push({ at, ms: Math.max(0, at - begun.at) });
    this.recent.set(begun.queue, known.slice(-LAST));
  }

  /** The mean of a queue's last calls and how many they are; null when there are none of late. */
  mean(queue: string, now: number): { ms: number; calls: number } | null {
    const recent = (this.recent.get(queue) ?? []).filter(({ at }) => now - at <= RECENT_MS);
    if (recent.length === 0) return null;
    return { ms: recent.reduce((sum, { ms }) => sum + ms, 0) / recent.length, calls: recent.length };
  }
}
