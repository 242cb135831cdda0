import type { OfferOutcome } from '../events';
import type { Queue } from '../routing/queue';
import type { NotReadyReason, Seat, SeatState } from '../seats/seat';
import { countSeats, figuresOf, NO_SUMS, type Figures, type Sums, type WindowName } from './definitions';
import type { SlidingSums } from './sliding-sums';

/** A call that waits now; `since`: for so long it has had nobody to talk with. */
export interface WaitingNow {
  queue: string;
  lineId: string;
  lineName: string;
  since: number;
}

/** The figures of everything, of one queue or of one line. `longestSince`: when the longest waiting call joined. */
export interface BoardGroup extends Record<WindowName, Figures> {
  waiting: number;
  longestSince: number | null;
}

export interface BoardSeat {
  seatId: string;
  name: string;
  state: SeatState;
  /** When the state began, ms since the epoch. */
  since: number;
  notReadyReason: NotReadyReason | null;
  /** Why the seat is in RONA: how its last offer ended. */
  missed: OfferOutcome | null;
  phoneReachable: boolean;
}

/** Half an hour of the trend; `from` is ms since the epoch. */
export interface TrendPoint {
  from: number;
  offered: number;
  answered: number;
  abandoned: number;
  diverted: number;
  connectedRate: number | null;
  inTimeRate: number | null;
}

/** Everything the wall shows, as of `at` (ms since the epoch). */
export interface Board {
  at: number;
  /** False while the last 24 hours could not yet be read back after a start: the figures are those since then. */
  complete: boolean;
  total: BoardGroup;
  queues: ({ queue: string; name: string } & BoardGroup)[];
  lines: ({ lineId: string; name: string } & BoardGroup)[];
  seats: BoardSeat[];
  seatsByState: Record<SeatState, number>;
  /** Calls still to be called back; null while nobody counts them. */
  callbacksOwed: number | null;
  trend: TrendPoint[];
}

export const DAY_MS = 24 * 3_600_000;
export const TREND_MS = 30 * 60_000;
const TREND_POINTS = DAY_MS / TREND_MS;

/** What the board is put together from. */
export interface BoardFacts {
  now: number;
  complete: boolean;
  windows: Record<WindowName, SlidingSums>;
  /** Sums by the half hour that begins then. */
  halfHours: ReadonlyMap<number, Sums>;
  lineNames: ReadonlyMap<string, string>;
  waiting: readonly WaitingNow[];
  seats: readonly Seat[];
  missed: ReadonlyMap<string, OfferOutcome>;
  queues: ReadonlyMap<string, Queue>;
  callbacksOwed: number | null;
}

/** Puts the board together: queues as configured and any other that has calls; lines that have calls. */
export function buildBoard(facts: BoardFacts): Board {
  const { windows, waiting, queues, lineNames } = facts;
  const group = (ofSums: (sums: SlidingSums) => Sums, mine: (call: WaitingNow) => boolean): BoardGroup => {
    const since = waiting.filter(mine).map((call) => call.since);
    return {
      waiting: since.length,
      longestSince: since.length ? Math.min(...since) : null,
      last24h: figuresOf(ofSums(windows.last24h)),
      today: figuresOf(ofSums(windows.today)),
    };
  };
  const queueIds = new Set([
    ...queues.keys(),
    ...windows.last24h.byQueue.keys(),
    ...waiting.map(({ queue }) => queue),
  ]);
  const names = new Map([
    ...lineNames,
    ...waiting.map(({ lineId, lineName }) => [lineId, lineName] as const),
  ]);
  const lineIds = new Set([...windows.last24h.byLine.keys(), ...waiting.map(({ lineId }) => lineId)]);
  return {
    at: facts.now,
    complete: facts.complete,
    total: group(
      ({ total }) => total,
      () => true,
    ),
    queues: [...queueIds].sort().map((queue) => ({
      queue,
      name: queues.get(queue)?.name ?? queue,
      ...group(
        ({ byQueue }) => byQueue.get(queue) ?? NO_SUMS,
        (call) => call.queue === queue,
      ),
    })),
    lines: [...lineIds].sort().map((lineId) => ({
      lineId,
      name: names.get(lineId) ?? lineId,
      ...group(
        ({ byLine }) => byLine.get(lineId) ?? NO_SUMS,
        (call) => call.lineId === lineId,
      ),
    })),
    seats: boardSeats(facts.seats, facts.missed),
    seatsByState: countSeats(facts.seats),
    callbacksOwed: facts.callbacksOwed,
    trend: trendOf(facts.halfHours, facts.now),
  };
}

function boardSeats(seats: readonly Seat[], missed: ReadonlyMap<string, OfferOutcome>): BoardSeat[] {
  return [...seats]
    .sort((a, b) => (a.seatId < b.seatId ? -1 : 1))
    .map(({ seatId, name, state, since, notReadyReason, phoneReachable }) => ({
      seatId,
      name,
      state,
      since,
      notReadyReason,
      missed: state === 'rona' ? (missed.get(seatId) ?? null) : null,
      phoneReachable,
    }));
}

/** The half hour an instant is in. The city's zone is whole half hours from UTC. */
export function halfHourOf(instant: number): number {
  return Math.floor(instant / TREND_MS) * TREND_MS;
}

/** The last 48 half hours, the present one last; those without calls too. */
function trendOf(halfHours: ReadonlyMap<number, Sums>, now: number): TrendPoint[] {
  const last = halfHourOf(now);
  return Array.from({ length: TREND_POINTS }, (_, index) => {
    const from = last - (TREND_POINTS - 1 - index) * TREND_MS;
    const { offered, answered, abandoned, diverted, connectedRate, inTimeRate } = figuresOf(
      halfHours.get(from) ?? NO_SUMS,
    );
    return {
      from,
      offered: offered ?? 0,
      answered: answered ?? 0,
      abandoned: abandoned ?? 0,
      diverted: diverted ?? 0,
      connectedRate,
      inTimeRate,
    };
  });
}

/** Whether two boards show the same, apart from when they were put together. */
export function sameBoard(left: Board | null, right: Board): boolean {
  return left !== null && JSON.stringify({ ...left, at: 0 }) === JSON.stringify({ ...right, at: 0 });
}
