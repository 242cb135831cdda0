import { z } from 'zod';
import { HotlineError } from '../errors';
import { STATUTORY_YEARS } from './statutory-days';
import type { WorkingHours } from './working-calendar';

/** What the administrator has added to the published calendar. */
export interface CalendarRecord {
  version: number;
  hours: readonly WorkingHours[];
  days: readonly { day: string; working: boolean; name: string }[];
  declaredYears: readonly number[];
}

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, '时间格式为 HH:mm');
const day = z.iso.date();

/** One edit of the calendar: any of days set, days given back to the published calendar, years declared, hours. */
export const calendarChange = z.strictObject({
  version: z.int().min(1),
  reason: z.string().trim().min(1).max(200),
  set: z
    .array(z.strictObject({ day, working: z.boolean(), name: z.string().trim().min(1).max(40) }))
    .max(400)
    .default([]),
  remove: z.array(day).max(400).default([]),
  /** Years whose days the administrator has entered completely: from then on their other days follow the weekday. */
  declareYears: z.array(z.int().min(2020).max(2100)).max(5).default([]),
  hours: z
    .array(z.strictObject({ from: time, to: time }))
    .min(1)
    .max(4)
    .optional(),
});
export type CalendarChange = z.output<typeof calendarChange>;

/** Applies a change to the record. Throws `invalid-input` when it would leave hours out of order or declare an empty year. */
export function applyChange(before: CalendarRecord, change: CalendarChange): CalendarRecord {
  const days = new Map(before.days.map((row) => [row.day, row]));
  for (const gone of change.remove) days.delete(gone);
  for (const row of change.set) days.set(row.day, row);
  const hours = change.hours ?? before.hours;
  checkHours(hours);
  for (const year of change.declareYears) {
    const holidays = [...days.values()].filter((row) => row.day.startsWith(`${year}-`) && !row.working);
    if (!STATUTORY_YEARS.has(year) && holidays.length === 0)
      throw new HotlineError('invalid-input', `请先录入 ${year} 年的放假与调休安排，再确认该年日历完整。`, {
        year,
      });
  }
  return {
    version: before.version + 1,
    hours,
    days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
    declaredYears: [...new Set([...before.declaredYears, ...change.declareYears])].sort((a, b) => a - b),
  };
}

function checkHours(hours: readonly WorkingHours[]): void {
  let last = '';
  for (const { from, to } of hours) {
    if (from >= to || from < last)
      throw new HotlineError('invalid-input', '工作时段须按先后排列，且不得重叠。', { from, to });
    last = to;
  }
}
