import fc from 'fast-check';
import { cityDay, cityInstant, shiftDay, weekday } from '../../src/deadlines/city-time';
import { STATUTORY_YEARS } from '../../src/deadlines/statutory-days';
import {
  addWorkingDays,
  buildCalendar,
  dayInfo,
  explain,
  isWorkingDay,
  isWorkingTime,
  nextOpening,
  skippedWords,
  subtractWorkingMinutes,
  workingMinutesBetween,
} from '../../src/deadlines/working-calendar';

const calendar = buildCalendar({ version: 1 });
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
const shown = (date: Date) => date.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' }).slice(0, 16);

/** 《国务院办公厅关于2025年部分节假日安排的通知》 (2024-11-12) and the same for 2026 (2025-11-04), typed from their text. */
const PUBLISHED: Record<number, { off: [string, string][]; work: string[] }> = {
  2025: {
    off: [
      ['2025-01-01', '2025-01-01'],
      ['2025-01-28', '2025-02-04'],
      ['2025-04-04', '2025-04-06'],
      ['2025-05-01', '2025-05-05'],
      ['2025-05-31', '2025-06-02'],
      ['2025-10-01', '2025-10-08'],
    ],
    work: ['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
  },
  2026: {
    off: [
      ['2026-01-01', '2026-01-03'],
      ['2026-02-15', '2026-02-23'],
      ['2026-04-04', '2026-04-06'],
      ['2026-05-01', '2026-05-05'],
      ['2026-06-19', '2026-06-21'],
      ['2026-09-25', '2026-09-27'],
      ['2026-10-01', '2026-10-07'],
    ],
    work: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
};

describe('the published calendar', () => {
  it.each([2025, 2026])('is every day of %i as the State Council announced it', (year) => {
    const published = PUBLISHED[year]!;
    for (let day = `${year}-01-01`; day.startsWith(String(year)); day = shiftDay(day, 1)) {
      const off = published.off.some(([first, last]) => day >= first && day <= last);
      const expected = published.work.includes(day) || (!off && weekday(day) <= 5);
      expect({ day, working: isWorkingDay(calendar, day) }).toEqual({ day, working: expected });
    }
  });

  it('names holidays, make-up days and weekends', () => {
    expect(dayInfo(calendar, '2026-02-15')).toEqual({ working: false, name: '春节' });
    expect(dayInfo(calendar, '2026-02-14')).toEqual({ working: true, name: '春节调休上班' });
    expect(dayInfo(calendar, '2026-11-28')).toEqual({ working: false, name: '周六' });
  });

  it('refuses a year nobody has published, instead of using its weekends', () => {
    expect(STATUTORY_YEARS.has(2026)).toBe(true);
    for (const year of [2003, 2031]) {
      expect(() => dayInfo(calendar, `${year}-03-04`)).toThrow(/calendar-unknown/);
      expect(() => addWorkingDays(calendar, at(`${year}-03-04 10:00`), 1)).toThrow(/calendar-unknown/);
    }
    expect(() => addWorkingDays(buildCalendar({ version: 1 }), at('2026-12-30 10:00'), 5)).toThrow(/2027/);
  });

  it('counts into a year the administrator has declared, by the rows entered', () => {
    const own = buildCalendar({
      version: 2,
      declaredYears: [2027],
      days: [
        { day: '2027-01-01', working: false, name: '元旦' },
        { day: '2027-01-03', working: true, name: '元旦调休上班' },
      ],
    });
    expect(shown(addWorkingDays(own, at('2026-12-30 10:00'), 3).at)).toBe('2027-01-04 18:00');
  });
});

describe('addWorkingDays: the day of dispatch is not counted, due at the close of the n-th working day', () => {
  it.each([
    // dispatched, working days, due
    ['2026-11-24 10:00', 1, '2026-11-25 18:00'],
    ['2026-11-24 07:00', 1, '2026-11-25 18:00'],
    ['2026-11-24 20:00', 1, '2026-11-25 18:00'],
    ['2026-11-24 10:00', 5, '2026-12-01 18:00'],
    ['2026-11-28 10:00', 1, '2026-11-30 18:00'], // Saturday: Monday is the first day
    ['2026-11-27 23:59', 2, '2026-12-01 18:00'],
    ['2026-09-30 10:00', 5, '2026-10-13 18:00'], // National Day, and Saturday 10-10 is worked
    ['2026-10-04 10:00', 1, '2026-10-08 18:00'],
    ['2026-09-24 15:00', 2, '2026-09-29 18:00'], // Mid-Autumn 25th to 27th
    ['2026-02-12 09:00', 5, '2026-02-26 18:00'], // 13, 14 (made up), 24, 25, 26
    ['2026-02-13 17:00', 5, '2026-02-27 18:00'], // 14 (made up), 24, 25, 26, 27
    ['2026-02-13 17:00', 6, '2026-02-28 18:00'], // Saturday 28 is made up
    ['2026-02-15 00:00', 2, '2026-02-25 18:00'],
    ['2025-09-26 10:00', 3, '2025-09-30 18:00'], // Sunday 09-28 is worked
    ['2025-01-24 10:00', 3, '2025-02-05 18:00'], // Sunday 26, Monday 27, then 02-05
    ['2025-12-31 10:00', 2, '2026-01-05 18:00'], // over the year's end; Sunday 01-04 is worked
  ])('%s + %i → %s', (start, days, due) => {
    expect(shown(addWorkingDays(calendar, at(start), days).at)).toBe(due);
  });

  it('says which days it passed over', () => {
    const { skipped } = addWorkingDays(calendar, at('2026-09-30 10:00'), 5);
    expect(skippedWords(skipped)).toBe('国庆节 10月1日至7日、周日 10月11日');
  });

  it('refuses limits that are no number of days', () => {
    for (const n of [0, -1, 1.5, NaN])
      expect(() => addWorkingDays(calendar, at('2026-11-24 10:00'), n)).toThrow();
  });
});

describe('working hours', () => {
  it.each([
    ['2026-11-24 07:59', '2026-11-24 08:00'],
    ['2026-11-24 08:00', '2026-11-24 08:00'],
    ['2026-11-24 12:00', '2026-11-24 14:00'],
    ['2026-11-24 18:00', '2026-11-25 08:00'],
    ['2026-11-27 18:30', '2026-11-30 08:00'],
    ['2026-02-14 19:00', '2026-02-24 08:00'],
  ])('the next opening at %s is %s', (from, opening) => {
    expect(shown(nextOpening(calendar, at(from)))).toBe(opening);
  });

  it.each([
    ['2026-11-24 18:00', 8, '2026-11-24 08:00'],
    ['2026-11-24 18:00', 4, '2026-11-24 14:00'],
    ['2026-11-24 18:00', 5, '2026-11-24 11:00'],
    ['2026-11-23 10:00', 4, '2026-11-20 16:00'],
    ['2026-02-24 18:00', 9, '2026-02-14 17:00'],
  ])('%s less %i working hours is %s', (end, hours, result) => {
    expect(shown(subtractWorkingMinutes(calendar, at(end), hours * 60))).toBe(result);
  });
});

const instants = fc
  .integer({ min: Date.UTC(2019, 0, 2), max: Date.UTC(2026, 10, 1) })
  .map((ms) => new Date(ms));
const limits = fc.integer({ min: 1, max: 15 });

/** Day by day, by hand: the plainest statement of the rule. */
function naive(start: Date, days: number): string {
  let day = cityDay(start);
  for (let left = days; left > 0;) {
    day = shiftDay(day, 1);
    if (isWorkingDay(calendar, day)) left -= 1;
  }
  return day;
}

describe('for any dispatch', () => {
  it('lands at the close of a working day, after the start, as the naive count does', () => {
    fc.assert(
      fc.property(instants, limits, (start, days) => {
        const due = addWorkingDays(calendar, start, days);
        expect(due.lastDay).toBe(naive(start, days));
        expect(isWorkingDay(calendar, due.lastDay)).toBe(true);
        expect(shown(due.at).slice(11)).toBe('18:00');
        expect(due.at > start).toBe(true);
        expect(due.skipped).toEqual(explain(calendar, start, due.at));
      }),
      { numRuns: 300 },
    );
  });

  it('is monotonic in the start and in the number of days', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 20 * 86_400_000 }), limits, (start, later, days) => {
        const first = addWorkingDays(calendar, start, days).at;
        expect(addWorkingDays(calendar, new Date(start.getTime() + later), days).at >= first).toBe(true);
        expect(addWorkingDays(calendar, start, days + 1).at > first).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('walks back into working time, by exactly so much working time', () => {
    fc.assert(
      fc.property(instants, limits, fc.integer({ min: 1, max: 4800 }), (start, days, minutes) => {
        const due = addWorkingDays(calendar, start, days).at;
        const back = subtractWorkingMinutes(calendar, due, minutes);
        expect(back < due).toBe(true);
        expect(isWorkingTime(calendar, back)).toBe(true);
        expect(workingMinutesBetween(calendar, back, due)).toBeCloseTo(minutes, 6);
      }),
      { numRuns: 200 },
    );
  });
});
