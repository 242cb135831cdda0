import { ANSWER_STANDARD_MS, NO_SUMS, type Sums } from './definitions';

/** How a call came out, as the figures see it. */
export type Ending = 'open' | 'answered' | 'abandoned' | 'diverted' | 'blocked' | 'fault';

/** What the figures need to know of a citizen's call. Instants are ms since the epoch. */
export interface CountedCall {
  callId: string;
  lineId: string;
  lineName: string;
  /** The first queue it joined; its line's until then. */
  queue: string;
  arrivedAt: number;
  waitingSince: number | null;
  answeredAt: number | null;
  /** When the last talk ended and no other has begun: an answered call may wait again. */
  talkEndedAt: number | null;
  endedAt: number | null;
  /** Whether a seat was ever rung for it. */
  rung: boolean;
  handedBack: boolean;
  /** Left a message, or asked to be called back. */
  diverted: boolean;
  /** Turned away by the nuisance list. */
  blocked: boolean;
  endedBy: 'citizen' | 'seat' | 'system' | null;
}

/**
 * Whoever talked was answered, whatever happened later; who left a message or wants a callback did not give up; who hung
 * up before a talk abandoned; who was turned away does not count; all else is our fault.
 */
export function endingOf(call: CountedCall): Ending {
  if (call.answeredAt !== null) return 'answered';
  if (call.handedBack) return 'fault';
  if (call.diverted) return 'diverted';
  if (call.endedAt === null) return 'open';
  if (call.blocked) return 'blocked';
  return call.endedBy === 'citizen' ? 'abandoned' : 'fault';
}

/**
 * What a call adds to the sums; null while it is open.
 *
 * @param aboveCapacity whether the seats were all at work while it waited (asked of abandoned calls only)
 * @param shortMs who hangs up this soon after arriving counts as short; 0: nobody does
 */
export function sumsOf(call: CountedCall, aboveCapacity: boolean, shortMs: number): Sums | null {
  switch (endingOf(call)) {
    case 'open':
      return null;
    case 'blocked':
      return NO_SUMS;
    case 'fault':
      return { ...NO_SUMS, faults: 1 };
    case 'diverted':
      return { ...NO_SUMS, diverted: 1 };
    case 'answered': {
      const waitMs = Math.max(0, (call.answeredAt ?? 0) - (call.waitingSince ?? call.arrivedAt));
      return { ...NO_SUMS, answered: 1, waitMs, answeredInTime: waitMs <= ANSWER_STANDARD_MS ? 1 : 0 };
    }
    case 'abandoned': {
      const short = shortMs > 0 && (call.endedAt ?? 0) - call.arrivedAt <= shortMs;
      return {
        ...NO_SUMS,
        abandoned: 1,
        shortAbandoned: short ? 1 : 0,
        aboveCapacity: aboveCapacity ? 1 : 0,
      };
    }
  }
}
