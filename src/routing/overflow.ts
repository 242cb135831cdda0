import { answersAt } from '../directory/contact';
import type { ParallelInput } from '../lines/parallel';
import type { InLine } from './waiting-line';

/** A waiting call that could go on to its parallel line's own seats. */
export interface OverflowCall extends InLine {
  lineId: string;
  /** Tried once already, or still hearing the greeting. */
  stays: boolean;
  /** Nobody who could answer it is signed in. */
  noSeat: boolean;
}

/** A parallel line with a destination that may be dialled. */
export interface OverflowLine {
  lineId: string;
  name: string;
  settings: Pick<ParallelInput, 'overflow' | 'hours'>;
  /** How many calls ring or talk there now. */
  underWay: number;
}

export interface PlannedOverflow {
  callId: string;
  lineId: string;
  words: string;
}

/**
 * Which waiting calls try their parallel line's own seats now (M3). `ordered` are all waiting calls in the order they
 * will be served; `time` is the city's, `HH:mm`. For each call of a parallel line:
 *
 *   stays         it was tried before, or the citizen still hears the greeting;
 *   stays         outside the line's hours, or as many as allowed ring or talk there already;
 *   no-seat       nobody who could answer is signed in;
 *   longest-wait  it has waited `waitSeconds`;
 *   queue-length  at least `waiting` calls wait in its queue, those leaving now not counted.
 */
export function planOverflow(
  ordered: readonly OverflowCall[],
  lines: readonly OverflowLine[],
  now: number,
  time: string,
): PlannedOverflow[] {
  const byLine = new Map(lines.map((line) => [line.lineId, { ...line }]));
  const waiting = new Map<string, number>();
  for (const { queue } of ordered) waiting.set(queue, (waiting.get(queue) ?? 0) + 1);
  return ordered.flatMap((call) => {
    const line = byLine.get(call.lineId);
    if (!line || call.stays) return [];
    if (!answersAt(line.settings.hours, time)) return [];
    if (line.underWay >= line.settings.overflow.atOnce) return [];
    const why = reason(call, line, waiting.get(call.queue) ?? 0, now);
    if (why === null) return [];
    line.underWay += 1;
    waiting.set(call.queue, (waiting.get(call.queue) ?? 1) - 1);
    return [{ callId: call.callId, lineId: line.lineId, words: `溢出到“${line.name}”：${why}` }];
  });
}

function reason(call: OverflowCall, { settings }: OverflowLine, inQueue: number, now: number): string | null {
  const { waiting, waitSeconds, noSeat } = settings.overflow;
  const waitedSeconds = Math.floor((now - call.waitingSince) / 1000);
  if (noSeat && call.noSeat) return '没有可接听的坐席签入';
  if (waitSeconds !== null && waitedSeconds >= waitSeconds)
    return `已等待${waitedSeconds}秒，满${waitSeconds}秒`;
  if (waiting !== null && inQueue >= waiting) return `队列中有${inQueue}个来电等待，满${waiting}个`;
  return null;
}
