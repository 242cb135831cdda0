import published from 'chinese-days/dist/chinese-days.json';

/** One day on which the weekday alone would mislead: a holiday, or a make-up working day (调休上班). */
export interface CalendarDay {
  /** `YYYY-MM-DD` in the city's zone. */
  day: string;
  working: boolean;
  /** Chinese name: 国庆节, 春节调休上班 … */
  name: string;
  source: 'state-council' | 'administrator';
}

/** Names both of which the State Council's yearly notice always has: a year without them is not published yet. */
const PROOF_OF_A_WHOLE_YEAR = ['Spring Festival', 'National Day'];

const chineseName = (text: string): string => text.split(',')[1] ?? text;

/**
 * The State Council's published holidays and make-up days (国务院办公厅关于…年部分节假日安排的通知), as collected by
 * the package `chinese-days`. Its data is read as it is, not through its functions: those fall back to plain weekends
 * for a year they do not know, which is the guess this calendar must not make (DESIGN §8).
 */
export const STATUTORY_DAYS: readonly CalendarDay[] = [
  ...Object.entries(published.holidays).map(([day, name]) => ({
    day,
    working: false,
    name: chineseName(name),
    source: 'state-council' as const,
  })),
  ...Object.entries(published.workdays).map(([day, name]) => ({
    day,
    working: true,
    name: `${chineseName(name)}调休上班`,
    source: 'state-council' as const,
  })),
];

/** Years whose notice is wholly in the data. */
export const STATUTORY_YEARS: ReadonlySet<number> = new Set(
  [...new Set(Object.keys(published.holidays).map((day) => Number(day.slice(0, 4))))].filter((year) =>
    PROOF_OF_A_WHOLE_YEAR.every((name) =>
      Object.entries(published.holidays).some(
        ([day, text]) => day.startsWith(`${year}-`) && text.startsWith(name),
      ),
    ),
  ),
);
