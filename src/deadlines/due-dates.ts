import type { TicketType, Urgency } from '../tickets/ticket';
import { cityWords } from './city-time';
import { NOTICE_LIMITS, type LimitClause, type TimeLimit, type TimeLimits } from './time-limit';
import {
  addWorkingDays,
  nextOpening,
  skippedWords,
  subtractWorkingMinutes,
  type SkippedDay,
  type WorkingCalendar,
} from './working-calendar';

export interface DueFacts {
  type: TicketType;
  urgency: Urgency;
  /** The clock starts here, not at acknowledgement: else units stall. */
  dispatchedAt: Date;
  /** The category's own regulation for complaints and reports (T4), if it has one. */
  regulation: { workingDays: number; name: string } | null;
}

export interface DueDates {
  /** To be concluded by (T1, T4). */
  dueAt: Date;
  /** May be handed back until (T3). */
  returnBy: Date;
  /** First opinion by (T4); null for other types. */
  firstOpinionBy: Date | null;
  clause: LimitClause;
  workingDays: number;
  /** Chinese sentences: the rule with its clause, the count, the days passed over. */
  why: string;
  skipped: SkippedDay[];
  calendarVersion: number;
}

/**
 * When a dispatched work order is due, and why. Instants are UTC, counted on the city's calendar. Throws
 * `calendar-unknown` when the count runs into a year the calendar does not know.
 */
export function dueDates(
  facts: DueFacts,
  calendar: WorkingCalendar,
  limits: TimeLimits = NOTICE_LIMITS,
): DueDates {
  const fits = (limit: TimeLimit) =>
    limit.types.includes(facts.type) && limit.urgencies.includes(facts.urgency);
  const limit = concludeLimit(facts, limits.conclude.find(fits));
  const due = addWorkingDays(calendar, facts.dispatchedAt, limit.workingDays);
  const opinion = limits.firstOpinion.find(fits);
  const opinionAt = opinion ? addWorkingDays(calendar, facts.dispatchedAt, opinion.workingDays).at : null;
  return {
    dueAt: due.at,
    returnBy: addWorkingDays(calendar, facts.dispatchedAt, limits.returning.workingDays).at,
    firstOpinionBy: opinionAt && opinionAt > due.at ? due.at : opinionAt,
    clause: limit.clause,
    workingDays: limit.workingDays,
    why: whyWords(facts.dispatchedAt, limit, due),
    skipped: due.skipped,
    calendarVersion: calendar.version,
  };
}

/**
 * When to remind before a due date (S1): so many working hours before it, always inside working time. A limit shorter
 * than that reminds at the first working moment after dispatch, which is still before the due date.
 */
export function remindAt(
  calendar: WorkingCalendar,
  dispatchedAt: Date,
  dueAt: Date,
  workingHours: number,
): Date {
  const wished = subtractWorkingMinutes(calendar, dueAt, workingHours * 60);
  const earliest = nextOpening(calendar, dispatchedAt);
  return wished > earliest ? wished : earliest;
}

type Chosen = Pick<TimeLimit, 'clause' | 'workingDays' | 'words'>;

function concludeLimit(facts: DueFacts, general: TimeLimit | undefined): Chosen {
  const ownRegulation = facts.type === 'complaint' || facts.type === 'report' ? facts.regulation : null;
  if (ownRegulation)
    return {
      clause: 'T4',
      workingDays: ownRegulation.workingDays,
      words: `投诉、举报按${ownRegulation.name} ${ownRegulation.workingDays} 个工作日办结`,
    };
  return general ?? { clause: 'T1', workingDays: 5, words: '一般事项 5 个工作日办结' };
}

function whyWords(dispatchedAt: Date, limit: Chosen, due: { at: Date; skipped: SkippedDay[] }): string {
  const skipped = due.skipped.length ? `，跳过：${skippedWords(due.skipped)}` : '';
  return (
    `${limit.words}（${limit.clause}）。自 ${cityWords(dispatchedAt)} 派单起，派单当日不计，` +
    `第 ${limit.workingDays} 个工作日下班时到期：${cityWords(due.at)}${skipped}。`
  );
}
