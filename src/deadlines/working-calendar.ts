import { HotlineError } from '../errors';
import { cityDay, cityInstant, shiftDay, weekday } from './city-time';
import { STATUTORY_DAYS, STATUTORY_YEARS, type CalendarDay } from './statutory-days';

/** One stretch of working time, `HH:mm` in the city's zone; it begins at `from` and is over at `to`. */
export interface WorkingHours {
  from: string;
  to: string;
}

export const USUAL_HOURS: readonly WorkingHours[] = [
  { from: '08:00', to: '12:00' },
  { from: '14:00', to: '18:00' },
];

/**
 * The city's working calendar: weekends, public holidays, 调休 make-up days, the administrator's own rows, and the
 * hours. It is data with a version, so that every due date can name the calendar it was counted on.
 */
export interface WorkingCalendar {
  version: number;
  hours: readonly WorkingHours[];
  /** Days that differ from their weekday, by `YYYY-MM-DD`. */
  days: ReadonlyMap<string, CalendarDay>;
  knownYears: ReadonlySet<number>;
}

export interface SkippedDay {
  day: string;
  name: string;
}

const WEEKDAYS = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];

/**
 * Puts a calendar together: the State Council's days, then the administrator's rows over them. A year is known when
 * its notice is in the data or the administrator has declared it.
 */
export function buildCalendar(own: {
  version: number;
  hours?: readonly WorkingHours[];
  days?: readonly Omit<CalendarDay, 'source'>[];
  declaredYears?: readonly number[];
}): WorkingCalendar {
  const days = new Map(STATUTORY_DAYS.map((day) => [day.day, day]));
  for (const day of own.days ?? []) days.set(day.day, { ...day, source: 'administrator' });
  return {
    version: own.version,
    hours: own.hours ?? USUAL_HOURS,
    days,
    knownYears: new Set([...STATUTORY_YEARS, ...(own.declaredYears ?? [])]),
  };
}

/**
 * What a day is and what it is called. Throws `calendar-unknown` for a year without a published or declared calendar:
 * its weekends are never used as a guess.
 */
export function dayInfo(calendar: WorkingCalendar, day: string): { working: boolean; name: string } {
  const year = Number(day.slice(0, 4));
  if (!calendar.knownYears.has(year))
    throw new HotlineError(
      'calendar-unknown',
      `工作日历没有 ${year} 年的放假与调休安排，无法计算期限；请管理员先录入该年安排。`,
      { year },
    );
  const special = calendar.days.get(day);
  if (special) return { working: special.working, name: special.name };
  const number = weekday(day);
  return { working: number <= 5, name: WEEKDAYS[number] ?? '' };
}

export const isWorkingDay = (calendar: WorkingCalendar, day: string): boolean =>
  dayInfo(calendar, day).working;

/** Whether an instant falls in working time. */
export function isWorkingTime(calendar: WorkingCalendar, at: Date): boolean {
  return spansOf(calendar, cityDay(at)).some((span) => at >= span.from && at < span.to);
}

/** The instant itself when it is in working time, otherwise the next opening. */
export function nextOpening(calendar: WorkingCalendar, at: Date): Date {
  for (let day = cityDay(at); ; day = shiftDay(day, 1))
    for (const span of spansOf(calendar, day)) if (at < span.to) return at > span.from ? at : span.from;
}

/**
 * The close of the n-th working day after an instant: how a limit of n working days (T1–T4) is counted.
 *
 * Rule: the day of dispatch is not counted, whatever its hour; counting begins with the first working day after it
 * (so work sent on a Saturday, a holiday or in the evening is first counted on the next working day), and the limit
 * ends when the offices close on the n-th. That is 《民法典》第二百零一条、第二百零三条 (the first day is not counted; the
 * last one ends with business hours).
 *
 * `skipped` are the days passed over, with their names. Throws `calendar-unknown`.
 */
export function addWorkingDays(
  calendar: WorkingCalendar,
  start: Date,
  workingDays: number,
): { at: Date; lastDay: string; skipped: SkippedDay[] } {
  if (!Number.isInteger(workingDays) || workingDays < 1)
    throw new HotlineError('invalid-input', '办理期限须为至少一个工作日。', { workingDays });
  const skipped: SkippedDay[] = [];
  let day = cityDay(start);
  dayInfo(calendar, day);
  for (let counted = 0; counted < workingDays;) {
    day = shiftDay(day, 1);
    const { working, name } = dayInfo(calendar, day);
    if (working) counted += 1;
    else skipped.push({ day, name });
  }
  return { at: closeOf(calendar, day), lastDay: day, skipped };
}

/**
 * Walks back through working time only, so that a reminder set this way always falls inside it (never at midnight or
 * on a holiday). The answer is the latest working instant with at least so much working time left until `end`.
 */
export function subtractWorkingMinutes(calendar: WorkingCalendar, end: Date, minutes: number): Date {
  let left = Math.max(1, Math.round(minutes * 60_000));
  for (let day = cityDay(end); ; day = shiftDay(day, -1)) {
    for (const span of [...spansOf(calendar, day)].reverse()) {
      const until = Math.min(end.getTime(), span.to.getTime());
      const length = until - span.from.getTime();
      if (length <= 0) continue;
      if (length >= left) return new Date(until - left);
      left -= length;
    }
  }
}

/** Walks forward through working time only: the instant when so many working minutes have passed since `start`. */
export function addWorkingMinutes(calendar: WorkingCalendar, start: Date, minutes: number): Date {
  let left = Math.max(1, Math.round(minutes * 60_000));
  for (let day = cityDay(start); ; day = shiftDay(day, 1))
    for (const span of spansOf(calendar, day)) {
      const from = Math.max(start.getTime(), span.from.getTime());
      const length = span.to.getTime() - from;
      if (length <= 0) continue;
      if (length >= left) return new Date(from + left);
      left -= length;
    }
}

/** Working days after the day of `from` and up to the day of `to`. */
export function workingDaysBetween(calendar: WorkingCalendar, from: Date, to: Date): number {
  let days = 0;
  for (let day = shiftDay(cityDay(from), 1); day <= cityDay(to); day = shiftDay(day, 1))
    if (isWorkingDay(calendar, day)) days += 1;
  return days;
}

/** Working minutes between two instants; 0 when the second is not after the first. */
export function workingMinutesBetween(calendar: WorkingCalendar, from: Date, to: Date): number {
  let total = 0;
  for (let day = cityDay(from); day <= cityDay(to); day = shiftDay(day, 1))
    for (const span of spansOf(calendar, day)) {
      const length =
        Math.min(to.getTime(), span.to.getTime()) - Math.max(from.getTime(), span.from.getTime());
      if (length > 0) total += length;
    }
  return total / 60_000;
}

/** The days that are not worked after the day of `from` and up to the day of `to`, with their names. */
export function explain(calendar: WorkingCalendar, from: Date, to: Date): SkippedDay[] {
  const skipped: SkippedDay[] = [];
  for (let day = shiftDay(cityDay(from), 1); day <= cityDay(to); day = shiftDay(day, 1)) {
    const { working, name } = dayInfo(calendar, day);
    if (!working) skipped.push({ day, name });
  }
  return skipped;
}

/** Skipped days for people: 国庆节 10月1日至7日、周六 10月17日. */
export function skippedWords(skipped: readonly SkippedDay[]): string {
  const runs: { name: string; first: string; last: string }[] = [];
  for (const { day, name } of skipped) {
    const run = runs.at(-1);
    if (run && run.name === name && shiftDay(run.last, 1) === day) run.last = day;
    else runs.push({ name, first: day, last: day });
  }
  return runs.map((run) => `${run.name} ${spanWords(run.first, run.last)}`).join('、');
}

function spanWords(first: string, last: string): string {
  const month = (day: string) => `${Number(day.slice(5, 7))}月`;
  const date = (day: string) => `${Number(day.slice(8, 10))}日`;
  if (first === last) return month(first) + date(first);
  return `${month(first)}${date(first)}至${month(first) === month(last) ? '' : month(last)}${date(last)}`;
}

function spansOf(calendar: WorkingCalendar, day: string): { from: Date; to: Date }[] {
  if (!isWorkingDay(calendar, day)) return [];
  return calendar.hours.map(({ from, to }) => ({ from: cityInstant(day, from), to: cityInstant(day, to) }));
}

function closeOf(calendar: WorkingCalendar, day: string): Date {
  return cityInstant(day, calendar.hours.at(-1)?.to ?? '24:00');
}
