import { cityClock, cityDay, cityInstant, shiftDay } from '../deadlines/city-time';
import type { InLine } from '../routing/waiting-line';
import type { CallRecord } from './call-record';
import type { CallbackState } from './callback-state';

/**
 * 漏接回拨. A citizen who was not served is owed a call. It waits as a virtual caller for a seat, which is offered it like
 * any call; only when the agent has picked up is the citizen dialled. This is what is owed, when, and who is placed.
 */

/** City times, `HH:mm`; `from` later than `to` goes over midnight. */
export interface QuietHours {
  from: string;
  to: string;
}

export interface CallbackPolicy {
  /** Whoever hung up sooner than this is owed nothing. */
  shortestMs: number;
  /** How long after the citizen hung up he is called at the earliest: many call again at once. */
  afterMs: number;
  quiet: QuietHours | null;
  attempts: number;
  /** Before the second attempt; three times as long before each further one. */
  retryMs: number;
  /** Owed longer than this, a callback is dialled although no seat is to spare. */
  patienceMs: number;
  expiryMs: number;
  /** Answered within this time since it is owed, it was done in time. */
  targetMs: number;
}

/** A callback that is still open, as placing sees it. Instants are ms since the epoch. */
export interface OpenCallback {
  callbackId: string;
  number: string;
  queue: string;
  state: CallbackState;
  owedAt: number;
  /** When the citizen last hung up unserved. */
  missedAt: number;
  waitingSince: number;
  /** When the citizen asked for it by key; null when he only hung up. */
  askedAt: number | null;
  dueAt: number;
  attempts: number;
  lastAttemptAt: number | null;
  /** A person wants it dialled at once, whatever the hour. */
  hurried: boolean;
}

export type NotOwed = 'notMissed' | 'short' | 'noNumber' | 'blacklisted';

/** Whether an ended call owes a callback, and if not, why. */
export function whyNotOwed(
  record: CallRecord,
  policy: Pick<CallbackPolicy, 'shortestMs'>,
  blacklisted: (number: string, lineId: string) => boolean,
): NotOwed | null {
  const { direction, outcome, callerNumber, arrivedAt, endedAt, line } = record;
  const missed = outcome === 'abandoned' || outcome === 'failed' || outcome === 'callback';
  if (direction !== 'inbound' || !missed || endedAt === null) return 'notMissed';
  if (callerNumber === null) return 'noNumber';
  if (blacklisted(callerNumber, line.lineId)) return 'blacklisted';
  return outcome === 'abandoned' && endedAt - arrivedAt < policy.shortestMs ? 'short' : null;
}

/** When a callback that is owed from this call on is due first. */
export function firstDue(record: CallRecord, policy: Pick<CallbackPolicy, 'afterMs'>): number {
  return (record.endedAt ?? record.arrivedAt) + (record.outcome === 'callback' ? 0 : policy.afterMs);
}

/** How long a citizen who asked by key may be called at night all the same: he is awake and waits for it. */
const AWAKE_MS = 3_600_000;

/** The promise made to whoever pressed the key: the place in the queue is kept, for the first attempt after it. */
export function keepsPlace({ askedAt, lastAttemptAt }: OpenCallback): boolean {
  return askedAt !== null && (lastAttemptAt === null || lastAttemptAt < askedAt);
}

/** Whether the citizen may be called now. */
export function mayDial(callback: OpenCallback, policy: CallbackPolicy, now: number): boolean {
  const { askedAt, dueAt, hurried } = callback;
  if (hurried) return true;
  if (now < dueAt) return false;
  const awake = keepsPlace(callback) && askedAt !== null && now - askedAt < AWAKE_MS;
  return awake || !isQuiet(now, policy.quiet);
}

/** Quiet hours as a setting writes them: `21:00-08:00`, or `none`. */
export function quietHours(setting: string): QuietHours | null {
  const [from = '', to = ''] = setting.split('-');
  return setting === 'none' ? null : { from, to };
}

export function isQuiet(at: number, quiet: QuietHours | null): boolean {
  if (!quiet) return false;
  const clock = cityClock(new Date(at));
  const { from, to } = quiet;
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
}

/** The first instant from this one on that is not in the quiet hours. */
export function afterQuiet(at: number, quiet: QuietHours | null): number {
  if (!quiet || !isQuiet(at, quiet)) return at;
  const moment = new Date(at);
  const day = cityDay(moment);
  const tomorrow = quiet.from > quiet.to && cityClock(moment) >= quiet.from;
  return cityInstant(tomorrow ? shiftDay(day, 1) : day, quiet.to).getTime();
}

/** What became of a callback, by the calls that were placed for it. */
export type Settled =
  | { state: 'done'; callId: string; seatId: string | null; at: number }
  | { state: 'owed'; attempts: number; lastAttemptAt: number; dueAt: number }
  | { state: 'givenUp'; attempts: number; lastAttemptAt: number };

/**
 * Folds the ended calls of a callback; null while they tell nothing new. A call whose citizen was never dialled (no seat
 * took it, the service died) is no attempt.
 */
export function settle(
  callback: Pick<OpenCallback, 'attempts'>,
  placed: readonly CallRecord[],
  policy: Pick<CallbackPolicy, 'attempts' | 'retryMs' | 'quiet'>,
): Settled | null {
  const answered = placed.find(({ answeredAt }) => answeredAt !== null);
  if (answered) {
    const { callId, seatId, answeredAt } = answered;
    return { state: 'done', callId, seatId, at: answeredAt ?? 0 };
  }
  const ends = placed.flatMap(({ dialledAt, endedAt }) =>
    dialledAt === null || endedAt === null ? [] : [endedAt],
  );
  const attempts = ends.length;
  if (attempts <= callback.attempts) return null;
  const lastAttemptAt = Math.max(...ends);
  if (attempts >= policy.attempts) return { state: 'givenUp', attempts, lastAttemptAt };
  const dueAt = afterQuiet(lastAttemptAt + policy.retryMs * 3 ** (attempts - 1), policy.quiet);
  return { state: 'owed', attempts, lastAttemptAt, dueAt };
}

/** A waiting call as placing sees it. */
export interface Rival extends InLine {
  callback: boolean;
}

export interface PlacingPicture {
  /** Everybody in the queues: citizens and virtual callers. */
  waiting: readonly Rival[];
  /** The queues of callbacks that have a seat already. */
  served: readonly string[];
  /** The skills of each seat that is ready now. */
  ready: readonly (readonly string[])[];
  skillOf(queue: string): string;
}

/**
 * Which of the callbacks that may be dialled take their place in the queue now, and since when they count as waiting.
 *
 *   1. One that a citizen asked for by key has the place he had: he left the line on that promise. A person's wish too.
 *   2. Any other takes a seat only that no waiting citizen wants: never more of them than ready seats less waiting calls.
 *   3. Where seats are never to spare, one that is owed for long joins at the end of the line, one at a time in a queue,
 *      so that callbacks are neither starved nor starve live callers (FreePBX #621).
 */
export function planCallbacks(
  due: readonly OpenCallback[],
  picture: PlacingPicture,
  policy: CallbackPolicy,
  now: number,
): { callbackId: string; waitingSince: number }[] {
  const rivals = [...picture.waiting];
  const busy = new Set([
    ...picture.served,
    ...rivals.filter(({ callback }) => callback).map(({ queue }) => queue),
  ]);
  const planned: { callbackId: string; waitingSince: number }[] = [];
  for (const callback of [...due].sort((a, b) => rank(a) - rank(b) || a.waitingSince - b.waitingSince)) {
    const { callbackId, queue, waitingSince } = callback;
    const spare = spareSeats(queue, rivals, picture);
    const overdue = now - callback.owedAt >= policy.patienceMs && !busy.has(queue);
    if (rank(callback) === 1 && spare <= 0 && !overdue) continue;
    const since = rank(callback) === 1 && spare <= 0 ? now : waitingSince;
    planned.push({ callbackId, waitingSince: since });
    rivals.push({ callId: callbackId, queue, priority: 0, waitingSince: since, callback: true });
    busy.add(queue);
  }
  return planned;
}

const rank = (callback: OpenCallback): number => (callback.hurried || keepsPlace(callback) ? 0 : 1);

/** Ready seats that could serve a queue, less the waiting calls that those seats could serve. */
function spareSeats(queue: string, rivals: readonly Rival[], { ready, skillOf }: PlacingPicture): number {
  const skill = skillOf(queue);
  const able = ready.filter((skills) => skills.includes(skill));
  const wanting = rivals.filter((call) => able.some((skills) => skills.includes(skillOf(call.queue))));
  return able.length - wanting.length;
}
