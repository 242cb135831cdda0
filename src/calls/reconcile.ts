import type { Seat } from '../seats/seat';
import type { LegSnapshot } from '../telephony/call-control';
import { readNote, type Call } from './call';

/** A difference between the switch, the live calls and the seats, and what it asks for. */
export type Drift =
  /** A citizen's leg of a call nobody here knows: this service has just started. */
  | { kind: 'unknownCall'; call: Call; citizen: LegSnapshot; seat: LegSnapshot | null }
  /** A citizen's leg whose call is over: it should have been hung up. */
  | { kind: 'leftoverCitizen'; legId: string }
  /** A seat's leg of no live call. */
  | { kind: 'leftoverSeatLeg'; legId: string }
  /** A leg under our control that carries no note: its arrival was never heard. */
  | { kind: 'unheardLeg'; legId: string }
  /** A live call whose citizen is not on the switch any more. */
  | { kind: 'goneCitizen'; callId: string; legId: string }
  /** A live call whose seat's leg is not on the switch any more. */
  | { kind: 'goneSeatLeg'; callId: string; legId: string }
  /** The citizen's leg still rings: answering it has failed. */
  | { kind: 'unansweredCitizen'; callId: string; legId: string }
  /** Citizen and agent are not together, or are although the citizen is on hold. */
  | { kind: 'wrongTalk'; callId: string; legId: string }
  /** The seat has picked up and we have not heard it. */
  | { kind: 'unheardAnswer'; callId: string; legId: string }
  /** A seat rings or talks for no live call. */
  | { kind: 'stuckSeat'; seatId: string; token: string; state: 'ringing' | 'talking' }
  /** A call rings or talks to a seat whose state says something else. */
  | { kind: 'wrongSeat'; seatId: string; callId: string; token: string; state: 'ringing' | 'talking' };

/** What differs between the switch's legs and the live calls. */
export function compareLegs(
  legs: readonly LegSnapshot[],
  calls: readonly Call[],
  hasEnded: (callId: string) => boolean,
): Drift[] {
  const drifts: Drift[] = [];
  const known = new Set(calls.flatMap((call) => [call.citizenLeg, call.offer?.legId, call.talk?.legId]));
  const adopted = new Set<string>();
  for (const leg of legs.filter((each) => !known.has(each.legId))) {
    const note = readNote(leg.data);
    if (note?.role !== 'citizen') continue;
    if (note.call.ended || hasEnded(note.call.callId))
      drifts.push({ kind: 'leftoverCitizen', legId: leg.legId });
    else {
      const seat = seatLegOf(note.call, legs);
      if (seat) adopted.add(seat.legId);
      drifts.push({ kind: 'unknownCall', call: note.call, citizen: leg, seat });
    }
  }
  for (const leg of legs.filter((each) => !known.has(each.legId) && !adopted.has(each.legId))) {
    const note = readNote(leg.data);
    if (!note) drifts.push({ kind: 'unheardLeg', legId: leg.legId });
    else if (note.role === 'seat') drifts.push({ kind: 'leftoverSeatLeg', legId: leg.legId });
  }
  const byLeg = new Map(legs.map((leg) => [leg.legId, leg]));
  for (const call of calls) drifts.push(...compareCall(call, byLeg));
  return drifts;
}

/** What differs between one call and the legs by their ids. */
export function compareCall(call: Call, byLeg: ReadonlyMap<string, LegSnapshot>): Drift[] {
  const { callId, citizenLeg, offer, talk } = call;
  const citizen = byLeg.get(citizenLeg);
  if (!citizen) return [{ kind: 'goneCitizen', callId, legId: citizenLeg }];
  const drifts: Drift[] = [];
  if (citizen.state !== 'up') drifts.push({ kind: 'unansweredCitizen', callId, legId: citizenLeg });
  const legId = talk?.legId ?? offer?.legId;
  if (!legId) return drifts;
  const seat = byLeg.get(legId);
  if (!seat) return [...drifts, { kind: 'goneSeatLeg', callId, legId }];
  if (offer && !offer.answeredAt && seat.state === 'up')
    drifts.push({ kind: 'unheardAnswer', callId, legId });
  const citizenIn = citizen.talkId === callId;
  if (talk && (talk.held ? citizenIn : !citizenIn || seat.talkId !== callId))
    drifts.push({ kind: 'wrongTalk', callId, legId: citizenLeg });
  return drifts;
}

/**
 * The seat's leg that belongs to a call: the newest that its note names or does not know yet. One that the note knows
 * and does not name belongs to an offer that has ended.
 */
function seatLegOf(call: Call, legs: readonly LegSnapshot[]): LegSnapshot | null {
  const named = call.talk?.legId ?? call.offer?.legId;
  const mine = legs.flatMap((leg) => {
    const note = readNote(leg.data);
    if (note?.role !== 'seat' || note.callId !== call.callId) return [];
    const { attempt } = note.offer;
    return leg.legId === named || (!call.talk && attempt > call.attempts) ? [{ leg, attempt }] : [];
  });
  return mine.toSorted((a, b) => b.attempt - a.attempt)[0]?.leg ?? null;
}

/**
 * The legs with the newest note there is of each call: the switch's own may be missing or a moment old, when the service
 * died before it was written; then the index has the call.
 */
export function withNewestNotes(legs: readonly LegSnapshot[], indexed: readonly Call[]): LegSnapshot[] {
  const byLeg = new Map(indexed.map((call) => [call.citizenLeg, call]));
  return legs.map((leg) => {
    const call = byLeg.get(leg.legId);
    const note = readNote(leg.data);
    const newer = call && (!note || (note.role === 'citizen' && note.call.version < call.version));
    return newer ? { ...leg, data: JSON.stringify({ role: 'citizen', call }) } : leg;
  });
}

/** What differs between the seats and the live calls. */
export function compareSeats(seats: readonly Seat[], calls: readonly Call[]): Drift[] {
  const held = new Map<string, { callId: string; seatId: string; state: 'ringing' | 'talking' }>();
  for (const { callId, offer, talk } of calls) {
    if (talk) held.set(talk.token, { callId, seatId: talk.seatId, state: 'talking' });
    else if (offer)
      held.set(offer.token, {
        callId,
        seatId: offer.seatId,
        state: offer.answeredAt ? 'talking' : 'ringing',
      });
  }
  const drifts: Drift[] = [];
  const bySeat = new Map(seats.map((seat) => [seat.seatId, seat]));
  // A seat that a live call holds under another token is not stuck, it is wrong: set right below, in one step.
  const wanted = new Set([...held.values()].map(({ seatId }) => seatId));
  for (const { seatId, state, token } of seats)
    if ((state === 'ringing' || state === 'talking') && !held.has(token ?? '') && !wanted.has(seatId))
      drifts.push({ kind: 'stuckSeat', seatId, token: token ?? '', state });
  for (const [token, { callId, seatId, state }] of held) {
    const seat = bySeat.get(seatId);
    if (seat && (seat.state !== state || seat.token !== token))
      drifts.push({ kind: 'wrongSeat', seatId, callId, token, state });
  }
  return drifts;
}

/** The same drift seen again is told apart from one that was only a change under way. */
export function driftKey(drift: Drift): string {
  const subject = 'seatId' in drift ? drift.seatId : 'legId' in drift ? drift.legId : drift.call.callId;
  return `${drift.kind}:${subject}:${'token' in drift ? `${drift.state}:${drift.token}` : ''}`;
}
