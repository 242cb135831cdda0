import { z } from 'zod';

/** When calls of a parallel line (M3) may go on to its own seats; each condition alone is enough, none: never. */
const overflowInput = z.strictObject({
  /** So many calls wait in the queue. */
  waiting: z.int().min(1).max(500).nullable(),
  /** The call has waited so long, in seconds. */
  waitSeconds: z.int().min(5).max(3600).nullable(),
  /** Nobody who could answer is signed in. */
  noSeat: z.boolean(),
  /** So many at the same time, ringing there or talking. */
  atOnce: z.int().min(1).max(100),
});

/** How the hotline and a parallel line's own exchange work together. */
export const parallelInput = z.strictObject({
  overflow: overflowInput,
  /** When the line's own seats answer, every day in the city's zone, `08:00-18:00`; null: always. */
  hours: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, '时段写作08:00-18:00')
    .nullable(),
  /** Numbers its exchange calls from, by their first digits (with area code): calls from there carry the line's context. */
  exchange: z.array(z.string().regex(/^\d{4,20}$/, '号段为4到20位数字，含区号')).max(10),
  /** The line's seats see the citizen's number instead of the hotline's, where the carrier permits that. */
  showCitizen: z.boolean(),
});
export type ParallelInput = z.infer<typeof parallelInput>;

export interface ParallelSettings extends ParallelInput {
  lineId: string;
  version: number;
}

/** What holds for a parallel line nobody has written anything about: no overflow, known by its destination only. */
export const NO_OVERFLOW: ParallelInput = {
  overflow: { waiting: null, waitSeconds: null, noSeat: false, atOnce: 5 },
  hours: null,
  exchange: [],
  showCitizen: false,
};

/** Whether calls of the line ever go on to its own seats. */
export function overflows({ overflow }: Pick<ParallelInput, 'overflow'>): boolean {
  return overflow.waiting !== null || overflow.waitSeconds !== null || overflow.noSeat;
}

/** A parallel line as its exchange is recognised: its destination normalised. */
export interface ParallelLine {
  lineId: string;
  destination: string | null;
  exchange: readonly string[];
}

/** The line whose exchange a call comes from, and the number that told. */
export interface FromExchange<T extends ParallelLine> {
  line: T;
  number: string;
  /** The caller's number is the exchange's own, not the citizen's. */
  ownNumber: boolean;
}

/**
 * Whose exchange passed a call on to the hotline; null: nobody's. All numbers are normalised.
 *
 *   1. it was diverted from the line's own destination (its switchboard keeps the citizen's number as the caller's);
 *   2. the caller is the destination itself, or one of the exchange's numbers (it calls as itself).
 */
export function fromExchange<T extends ParallelLine>(
  lines: readonly T[],
  callerNumber: string | null,
  diversions: readonly string[],
): FromExchange<T> | null {
  const isOf = ({ destination, exchange }: T, number: string | null): number is string =>
    number !== null && (number === destination || exchange.some((prefix) => number.startsWith(prefix)));
  for (const line of lines) {
    const number = diversions.find((each) => each === line.destination);
    if (number !== undefined) return { line, number, ownNumber: isOf(line, callerNumber) };
  }
  const line = lines.find((each) => isOf(each, callerNumber));
  return line && callerNumber !== null ? { line, number: callerNumber, ownNumber: true } : null;
}
