import { cityDay, cityInstant, shiftDay } from '../deadlines/city-time';
import { subtractWorkingMinutes, type WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { MatterDate } from './matter';

export interface SetDate {
  code: string;
  words: string;
  dueAt: string;
}

/** Working hours before a date at which it is reminded of. */
const REMIND_HOURS = 4;

/** The dates of a matter registered at an instant: each ends when the offices close on its day of the calendar (S5). */
export function setDates(
  registeredAt: Date,
  dates: readonly MatterDate[],
  calendar: Pick<WorkingCalendar, 'hours'>,
): SetDate[] {
  const close = calendar.hours.at(-1)?.to ?? '24:00';
  return dates.map(({ code, words, days }) => ({
    ...{ code, words },
    dueAt: cityInstant(shiftDay(cityDay(registeredAt), days), close).toISOString(),
  }));
}

/** When to remind of a date: some working hours before it, never before `now`; without a calendar at the date itself. */
export function remindOfDateAt(dueAt: Date, now: Date, calendar: WorkingCalendar): Date {
  try {
    const at = subtractWorkingMinutes(calendar, dueAt, REMIND_HOURS * 60);
    return at > now ? at : now;
  } catch (fault) {
    if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return dueAt;
    throw fault;
  }
}
