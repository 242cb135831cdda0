import { CONNECTED_STANDARD, IN_TIME_CUSTOM } from '../../performance/definitions';
import type { SeatState } from '../../seats/seat';

export type Tone = 'quiet' | 'good' | 'late' | 'bad';

/** Waiting longer than the standard's 15 s is late; longer than a minute is bad. */
const LATE_SECONDS = 15;
const BAD_SECONDS = 60;
/** A rate this little below its mark is still only late. */
const NEAR = 0.05;

/** How a wait looks; seconds, null when nobody waits. */
export function waitTone(seconds: number | null): Tone {
  if (seconds === null) return 'quiet';
  if (seconds <= LATE_SECONDS) return 'good';
  return seconds <= BAD_SECONDS ? 'late' : 'bad';
}

/** How a rate looks against its mark; null (no calls) is no fault. */
export function rateTone(rate: number | null, mark: number): Tone {
  if (rate === null) return 'quiet';
  if (rate >= mark) return 'good';
  return rate >= mark - NEAR ? 'late' : 'bad';
}

export const MARKS = { connected: CONNECTED_STANDARD, inTime: IN_TIME_CUSTOM };

/** What needs a look first: who did not answer, then who is away; then those at work. */
export const SEAT_ORDER: readonly SeatState[] = [
  'rona',
  'ringing',
  'talking',
  'wrapUp',
  'ready',
  'notReady',
  'signedOut',
];
