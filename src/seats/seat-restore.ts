import type { SeatEvent } from '../events';
import type { Seat } from './seat';

export interface KnownPerson {
  personId: string;
  name: string;
  account: string | null;
  skills: string[];
  active: boolean;
}

/**
 * Seats as the journal last told of them, for a Redis that was emptied while no service ran. Seats signed out, and
 * people who left or have no phone account, are left out. Whether a talking seat still talks is for the reconciler.
 */
export function seatsFromJournal(
  changes: readonly SeatEvent[],
  personOf: (personId: string) => KnownPerson | null,
): Seat[] {
  return changes.flatMap((change) => {
    const person = personOf(change.seatId);
    if (change.to === 'signedOut' || !person?.active || person.account === null) return [];
    const since = change.at.getTime();
    const kept: Seat = {
      seatId: change.seatId,
      name: person.name,
      account: person.account,
      telephone: null,
      skills: person.skills,
      state: change.to,
      since,
      notReadyReason: change.reason,
      callId: change.callId,
      token: null,
      leaseUntil: null,
      idleSince: since,
      wrapUpUntil: change.to === 'wrapUp' ? since : null,
      notReadyNext: null,
      phoneReachable: false,
    };
    return [kept];
  });
}
