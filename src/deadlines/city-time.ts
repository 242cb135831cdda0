import { DateTime } from 'luxon';
import { CITY_ZONE } from '../platform/clock';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Due dates are counted day by day, thousands at a time after an edit of the calendar: the zone is asked once an hour. */
const offsets = new Map<number, number>();
const MOST_KEPT = 50_000;

/** The day, `YYYY-MM-DD`, that the city's clocks show at an instant. */
export function cityDay(at: Date): string {
  return dayOf(shownAt(at));
}

/** The time, `HH:mm`, that the city's clocks show at an instant. */
export function cityClock(at: Date): string {
  return new Date(shownAt(at)).toISOString().slice(11, 16);
}

/** The instant at which the city's clocks show this day and time (`HH:mm`; `24:00` is the end of the day). */
export function cityInstant(day: string, time: string): Date {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const shown = Date.parse(day);
  // The offset is that of the day's beginning; where the zone changes between, the second look settles it.
  const begin = shown - offsetAt(shown - offsetAt(shown));
  return new Date(begin + hour * HOUR_MS + minute * 60_000);
}

/** The day before (-1) or after (1) a day. */
export function shiftDay(day: string, by: number): string {
  return dayOf(Date.parse(day) + by * DAY_MS);
}

/** 1 Monday … 7 Sunday. */
export function weekday(day: string): number {
  return new Date(day).getUTCDay() || 7;
}

/** An instant as people in the city read it: 2026年11月24日 18:00. */
export function cityWords(at: Date): string {
  const shown = new Date(shownAt(at));
  const day = `${shown.getUTCFullYear()}年${shown.getUTCMonth() + 1}月${shown.getUTCDate()}日`;
  return `${day} ${cityClock(at)}`;
}

const shownAt = (at: Date): number => at.getTime() + offsetAt(at.getTime());

/** What the city's clocks are ahead of UTC at an instant, ms. Zones change at whole hours of UTC. */
function offsetAt(at: number): number {
  const hour = Math.floor(at / HOUR_MS);
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const offset = DateTime.fromMillis(at, { zone: CITY_ZONE }).offset * 60_000;
  if (offsets.size >= MOST_KEPT) offsets.clear();
  offsets.set(hour, offset);
  return offset;
}

/** The day of an instant whose UTC fields are what the clocks show. */
function dayOf(shown: number): string {
  return new Date(shown).toISOString().slice(0, 10);
}
