import { DateTime } from 'luxon';
import { CITY_ZONE } from '../platform/clock';

const MINUTE_MS = 60_000;
let lastDay = { minute: NaN, day: '' };

/** The day, `YYYY-MM-DD`, that the city's clocks show at an instant. Every call asks; in one minute it is the same. */
export function cityDay(at: Date): string {
  const minute = Math.floor(at.getTime() / MINUTE_MS);
  if (minute !== lastDay.minute) lastDay = { minute, day: inCity(at).toFormat('yyyy-MM-dd') };
  return lastDay.day;
}

/** The time, `HH:mm`, that the city's clocks show at an instant. */
export function cityClock(at: Date): string {
  return inCity(at).toFormat('HH:mm');
}

/** The instant at which the city's clocks show this day and time (`HH:mm`; `24:00` is the end of the day). */
export function cityInstant(day: string, time: string): Date {
  const [hour, minute] = time.split(':').map(Number);
  return DateTime.fromISO(day, { zone: CITY_ZONE }).plus({ hours: hour, minutes: minute }).toJSDate();
}

/** The day before (-1) or after (1) a day. */
export function shiftDay(day: string, by: number): string {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days: by }).toFormat('yyyy-MM-dd');
}

/** 1 Monday … 7 Sunday. */
export function weekday(day: string): number {
  return DateTime.fromISO(day, { zone: 'utc' }).weekday;
}

/** An instant as people in the city read it: 2026年11月24日 18:00. */
export function cityWords(at: Date): string {
  return inCity(at).toFormat('yyyy年M月d日 HH:mm');
}

function inCity(at: Date): DateTime {
  return DateTime.fromJSDate(at, { zone: CITY_ZONE });
}
