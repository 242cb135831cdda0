import type { PartyRecord, CallRecord } from '../calls/call-record';
import type { OfferOutcome } from '../events';
import { maskNumbersIn } from '../lines/phone-number';

/** Somebody who was called into a work order's call, or whom it was passed on to; told by the call's record alone. */
export interface CalledIn {
  /** ISO 8601. */
  at: string;
  purpose: Exclude<PartyRecord['purpose'], 'barge'>;
  name: string;
  emergency: boolean;
  /** Null while it is being rung. */
  outcome: OfferOutcome | null;
  /** How long it was in the call; null when it never was, or still is. */
  seconds: number | null;
}

/** Who the record says was called in, in order. A supervisor who came in by himself is the hotline's own matter. */
export function calledIn(
  { parties, transfers }: Pick<CallRecord, 'parties' | 'transfers'>,
  nameOf: { seat(seatId: string): string | null; queue(queue: string): string | null },
): CalledIn[] {
  const rung = parties.flatMap(({ purpose, at, name, emergency, outcome, joinedAt, endedAt }) => {
    if (purpose === 'barge') return [];
    const seconds = joinedAt === null || endedAt === null ? null : Math.round((endedAt - joinedAt) / 1000);
    return [{ at, purpose, name: maskNumbersIn(name), emergency, outcome, seconds }];
  });
  // A transfer to somebody who was rung for it is told by the ring.
  const passedOn = transfers
    .filter(
      ({ to }) =>
        !rung.some(({ purpose, name }) => name === to && purpose !== 'consult' && purpose !== 'threeWay'),
    )
    .map(({ at, to, seatId, queue }) => ({
      at,
      purpose: 'transfer' as const,
      name: maskNumbersIn((seatId && nameOf.seat(seatId)) ?? (queue && nameOf.queue(queue)) ?? to),
      emergency: false,
      outcome: 'answered' as const,
      seconds: null,
    }));
  return [...rung, ...passedOn]
    .sort((one, other) => one.at - other.at)
    .map((each) => ({ ...each, at: new Date(each.at).toISOString() }));
}
