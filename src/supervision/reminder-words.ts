import { cityWords } from '../deadlines/city-time';
import { workingMinutesBetween, type WorkingCalendar } from '../deadlines/working-calendar';

/** What a unit is reminded of: how long it has left, in working hours, or that the time is over (S1). */
export function reminderWords(number: string, dueAt: Date, now: Date, calendar: WorkingCalendar): string {
  if (dueAt <= now) return `工单 ${number} 已超过办理期限 ${cityWords(dueAt)}，请立即办理。`;
  const hours = Math.round(workingMinutesBetween(calendar, now, dueAt) / 6) / 10;
  return `工单 ${number} 将于 ${cityWords(dueAt)} 到期，剩余 ${hours} 个工作小时。`;
}
