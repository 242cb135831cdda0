import { workingMinutesBetween, type WorkingCalendar } from '../../deadlines/working-calendar';

export interface Remaining {
  words: string;
  tone: 'over' | 'soon' | 'enough';
}

const minutesOfDay = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/**
 * How much working time is left until a due date: 剩 2 个工作日 3 小时, or 已超期. Less than one working day is `soon`. Null
 * when the calendar cannot count so far.
 */
export function remaining(calendar: WorkingCalendar, now: number, dueAt: string): Remaining | null {
  const due = new Date(dueAt);
  if (due.getTime() <= now) return { words: '已超期', tone: 'over' };
  const dayLength = calendar.hours.reduce(
    (sum, { from, to }) => sum + minutesOfDay(to) - minutesOfDay(from),
    0,
  );
  try {
    const minutes = Math.round(workingMinutesBetween(calendar, new Date(now), due));
    const days = Math.floor(minutes / dayLength);
    const hours = Math.floor((minutes % dayLength) / 60);
    const words = [days ? `${days} 个工作日` : '', hours ? `${hours} 小时` : ''].filter(Boolean).join(' ');
    return { words: `剩 ${words || `${minutes} 分钟`}`, tone: minutes <= dayLength ? 'soon' : 'enough' };
  } catch {
    return null;
  }
}
