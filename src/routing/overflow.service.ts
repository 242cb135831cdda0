import type { Outside } from '../calls/call';
import { planOverflow, type OverflowCall, type OverflowLine } from './overflow';

interface Deps {
  /** The waiting calls in the order they will be served. */
  ordered(): OverflowCall[];
  lines(): OverflowLine[];
  /** The line's destination as it is dialled; null when it may not be. */
  destination(lineId: string): Outside | null;
  overflow(callId: string, outside: Outside, words: string): void;
  now(): Date;
  /** The city's time of day, `HH:mm`. */
  clockOf(at: Date): string;
  log: { warn(facts: object, words: string): void; info(facts: object, words: string): void };
}

/** Sends waiting calls of parallel lines on to the lines' own seats; looked at every second, before messages are taken. */
export class Overflow {
  private readonly warned = new Set<string>();

  constructor(private readonly deps: Deps) {}

  look(): void {
    const lines = this.deps.lines();
    if (lines.length === 0) return;
    const now = this.deps.now();
    const planned = planOverflow(this.deps.ordered(), lines, now.getTime(), this.deps.clockOf(now));
    for (const { callId, lineId, words } of planned) {
      const outside = this.deps.destination(lineId);
      if (outside) {
        this.deps.overflow(callId, outside, words);
        this.deps.log.info({ callId, lineId, words }, 'call overflows');
      } else if (!this.warned.has(lineId)) {
        this.warned.add(lineId);
        this.deps.log.warn({ lineId }, 'parallel line: the dial rules refuse its destination');
      }
    }
  }
}
