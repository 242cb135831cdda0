/** Fewer handled calls than this say nothing about the next one. */
const ENOUGH_CALLS = 5;

export interface WaitFacts {
  /** How many callers of the same queue are before this one. */
  before: number;
  /** Seats on duty with the queue's skill: ready, ringing, talking or in wrap-up. */
  staffed: number;
  /** Of these, how many are free now. */
  free: number;
  /** How long a call of this queue lately took a seat (talk and wrap-up), and from how many calls that is known. */
  handling: { ms: number; calls: number } | null;
}

/**
 * The wait to tell a caller, in whole seconds; null when it cannot be known: nobody is on duty, or too few calls were
 * handled lately. With n seats at work one becomes free about every (handling time ÷ n): the caller needs as many of
 * these as there are callers before, and one more.
 */
export function estimatedWaitSeconds({ before, staffed, free, handling }: WaitFacts): number | null {
  if (!Number.isInteger(before) || before < 0) return null;
  if (!Number.isInteger(staffed) || staffed <= 0) return null;
  if (before < free) return 0;
  if (handling === null || handling.calls < ENOUGH_CALLS) return null;
  if (!Number.isFinite(handling.ms) || handling.ms <= 0) return null;
  return Math.ceil(((before - Math.max(0, free) + 1) * handling.ms) / staffed / 1000);
}
