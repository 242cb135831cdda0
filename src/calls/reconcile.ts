import type { Seat } from '../seats/seat';
import type { LegSnapshot } from '../telephony/call-control';
import { anchorLeg, legsOf, readNote, seatsOf, type Call } from './call';
import { seatHeld, type Monitoring } from './monitoring';

/** A difference between the switch, the live calls and the seats, and what it asks for. */
export type Drift =
  /** A leg with the note of a call nobody here knows: this service has just started. */
  | { kind: 'unknownCall'; call: Call; found: LegSnapshot; seat: LegSnapshot | null }
  /** A leg whose call is over, or does not want it any more: it should have been hung up. */
  | { kind: 'leftoverLeg'; legId: string }
  /** A leg under our control that carries no note: its arrival was never heard. */
  | { kind: 'unheardLeg'; legId: string }
  /** A live call has a leg that is not on the switch any more. */
  | { kind: 'goneLeg'; callId: string; legId: string; ringing: boolean }
  /** The citizen's leg still rings: answering it has failed. */
  | { kind: 'unansweredCitizen'; callId: string; legId: string }
  /** Whoever belongs together is not, or is although the citizen is on hold. */
  | { kind: 'wrongTalk'; callId: string; legId: string }
  /** A leg we ring was picked up and we have not heard it. */
  | { kind: 'unheardAnswer'; callId: string; legId: string }
  /** A seat rings or talks for no live call. */
  | { kind: 'stuckSeat'; seatId: string; token: string; state: 'ringing' | 'talking' }
  /** A call rings or talks to a seat whose state says something else. */
  | { kind: 'wrongSeat'; seatId: string; callId: string; token: string; state: 'ringing' | 'talking' };

/** What differs between the switch's legs and the live calls, with the supervisors who listen to them. */
export function compareLegs(
  legs: readonly LegSnapshot[],
  calls: readonly Call[],
  hasEnded: (callId: string) => boolean,
  monitorings: readonly Monitoring[] = [],
): Drift[] {
  const drifts: Drift[] = [];
  const live = new Set(calls.map(({ callId }) => callId));
  const known = new Set(calls.flatMap((call) => legsOf(call).map(({ legId }) => legId)));
  for (const { legId } of monitorings) known.add(legId);
  const unknown = legs.filter((each) => !known.has(each.legId));
  const adopted = new Set<string>();
  for (const { call, leg } of newestNotes(unknown).values()) {
    if (call.ended || hasEnded(call.callId) || live.has(call.callId)) continue;
    const seat = seatLegOf(call, legs);
    for (const { legId } of [leg, ...legsOf(call), ...(seat ? [seat] : [])]) adopted.add(legId);
    drifts.push({ kind: 'unknownCall', call, found: leg, seat });
  }
  for (const { legId, data } of unknown.filter((each) => !adopted.has(each.legId)))
    drifts.push({ kind: readNote(data) ? 'leftoverLeg' : 'unheardLeg', legId });
  const byLeg = new Map(legs.map((leg) => [leg.legId, leg]));
  for (const call of calls) drifts.push(...compareCall(call, byLeg));
  for (const monitoring of monitorings) drifts.push(...compareMonitoring(monitoring, byLeg));
  return drifts;
}

/** A supervisor's leg that has gone or was picked up unheard; one in the call is the call's. */
function compareMonitoring(
  { stage, callId, legId }: Monitoring,
  byLeg: ReadonlyMap<string, LegSnapshot>,
): Drift[] {
  const found = byLeg.get(legId);
  if (stage === 'barged') return [];
  if (!found) return [{ kind: 'goneLeg', callId, legId, ringing: false }];
  return stage === 'ringing' && found.state === 'up' ? [{ kind: 'unheardAnswer', callId, legId }] : [];
}

/** Of each call the newest note, with the leg that carries it. */
function newestNotes(legs: readonly LegSnapshot[]): Map<string, { call: Call; leg: LegSnapshot }> {
  const newest = new Map<string, { call: Call; leg: LegSnapshot }>();
  for (const leg of legs) {
    const note = readNote(leg.data);
    if (note?.role !== 'call') continue;
    const known = newest.get(note.call.callId);
    if (!known || known.call.version < note.call.version)
      newest.set(note.call.callId, { call: note.call, leg });
  }
  return newest;
}

/** What differs between one call and the legs by their ids. */
export function compareCall(call: Call, byLeg: ReadonlyMap<string, LegSnapshot>): Drift[] {
  const { callId } = call;
  const drifts: Drift[] = [];
  for (const { legId, who, state, taken, place } of legsOf(call)) {
    const found = byLeg.get(legId);
    if (!found) {
      const gone: Drift = { kind: 'goneLeg', callId, legId, ringing: !taken };
      // Without the citizen nothing else of the call is worth repairing.
      if (who === 'citizen') return [gone];
      drifts.push(gone);
    } else if (state === 'ringing' && found.state === 'up')
      drifts.push({ kind: 'unheardAnswer', callId, legId });
    else if (who === 'citizen' && state === 'up' && found.state !== 'up')
      drifts.push({ kind: 'unansweredCitizen', callId, legId });
    else if (place !== 'either' && (place === 'talk') !== (found.talkId === callId))
      drifts.push({ kind: 'wrongTalk', callId, legId });
  }
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
  const noted = newestNotes(legs);
  const byAnchor = new Map(
    indexed.flatMap((call) => {
      const anchor = anchorLeg(call);
      return anchor === null ? [] : [[anchor, call] as const];
    }),
  );
  return legs.map((leg) => {
    const call = byAnchor.get(leg.legId);
    const newer = call && (noted.get(call.callId)?.call.version ?? -1) < call.version;
    return newer ? { ...leg, data: JSON.stringify({ role: 'call', call }) } : leg;
  });
}

/** What differs between the seats and the live calls, with the supervisors who listen to them. */
export function compareSeats(
  seats: readonly Seat[],
  calls: readonly Call[],
  monitorings: readonly Monitoring[] = [],
): Extract<Drift, { seatId: string }>[] {
  const inCalls = calls.flatMap((call) => seatsOf(call).map((seat) => ({ ...seat, callId: call.callId })));
  const held = new Map([...monitorings.flatMap(seatHeld), ...inCalls].map((seat) => [seat.token, seat]));
  const drifts: Extract<Drift, { seatId: string }>[] = [];
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
