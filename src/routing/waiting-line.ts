/** What a place in the line is made of. Instants are ms since the epoch. */
export interface InLine {
  callId: string;
  queue: string;
  priority: number;
  waitingSince: number;
}

/** A call in the queue, as routing sees it. */
export interface WaitingCall extends InLine {
  /** Why it has this priority, in words; empty for an ordinary call. */
  priorityWhy: string;
  lineId: string;
  /** The seat that talked with this citizen last and is tried first; null: nobody in particular. */
  lastAgent: string | null;
}

/** Priority grows by one for each full `ageingMs` waited, so that nobody waits for ever behind others. */
export function effectivePriority(call: InLine, now: number, ageingMs: number): number {
  return call.priority + Math.floor(Math.max(0, now - call.waitingSince) / ageingMs);
}

/** The order in which waiting calls are served: effective priority, then who came first, then the id. */
export function inOrder<T extends InLine>(waiting: readonly T[], now: number, ageingMs: number): T[] {
  return [...waiting].sort(
    (a, b) =>
      effectivePriority(b, now, ageingMs) - effectivePriority(a, now, ageingMs) ||
      a.waitingSince - b.waitingSince ||
      (a.callId < b.callId ? -1 : 1),
  );
}

/** How many callers of the same queue are before each waiting call: what the position announcement says. */
export function callersBefore(ordered: readonly InLine[]): Map<string, number> {
  const seen = new Map<string, number>();
  const before = new Map<string, number>();
  for (const call of ordered) {
    const count = seen.get(call.queue) ?? 0;
    before.set(call.callId, count);
    seen.set(call.queue, count + 1);
  }
  return before;
}
