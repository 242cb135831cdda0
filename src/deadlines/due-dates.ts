import type { TicketType, Urgency } from '../tickets/ticket';
import { cityWords } from './city-time';
import { NOTICE_LIMITS, type LimitClause, type TimeLimit, type TimeLimits } from './time-limit';
import {
  addWorkingDays,
  addWorkingMinutes,
  nextOpening,
  skippedWords,
  subtractWorkingMinutes,
  workingDaysBetween,
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
  /** E1: the work order is handled anew after the citizen was dissatisfied. */
  redo?: boolean;
}

/** The limit one part runs under, fixed at its dispatch: a table edited later does not move what is under way. */
export interface ChosenLimit {
  clause: LimitClause;
  workingDays: number;
  /** Chinese, without clause and stop. */
  words: string;
  /** Working days for the first opinion (T4); null where none is due. */
  opinionDays: number | null;
  acknowledgeHours: number;
  returnDays: number;
}

/** What has lengthened a part's time since. */
export interface Lengthened {
  /** Granted working days (T2). */
  extensionDays: number;
  /** Stretches without counting, closed ones; ISO 8601. */
  pauses: readonly { words: string; from: string; to: string | null }[];
}

export interface DueDates {
  /** To be concluded by (T1, T4). */
  dueAt: Date;
  /** May be handed back until (T3). */
  returnBy: Date;
  /** First opinion by (T4); null for other types. */
  firstOpinionBy: Date | null;
  /** To be acknowledged by. */
  acknowledgeBy: Date;
  clause: LimitClause;
  workingDays: number;
  limitWords: string;
  /** Chinese sentences: the rule with its clause, the count, the days passed over. */
  why: string;
  skipped: SkippedDay[];
  calendarVersion: number;
}

const NOTHING: Lengthened = { extensionDays: 0, pauses: [] };

/** Which limit a work order gets (T1, T4, E1). */
export function chooseLimit(
  facts: Omit<DueFacts, 'dispatchedAt'>,
  limits: TimeLimits = NOTICE_LIMITS,
): ChosenLimit {
  const fits = (limit: Pick<TimeLimit, 'types' | 'urgencies'>) =>
    limit.types.includes(facts.type) && limit.urgencies.includes(facts.urgency);
  const { clause, workingDays, words } = facts.redo
    ? limits.redo
    : concludeLimit(facts, limits.conclude.find(fits));
  return {
    clause,
    workingDays,
    words,
    opinionDays: limits.firstOpinion.find(fits)?.workingDays ?? null,
    acknowledgeHours: limits.acknowledge[facts.urgency],
    returnDays: limits.returning.workingDays,
  };
}

/**
 * When a part is due under its limit, and why. Instants are UTC, counted on the city's calendar; an extension is counted
 * on from the due date before it, a pause gives back the working days that passed in it. Throws `calendar-unknown`.
 */
export function partDue(
  dispatchedAt: Date,
  limit: ChosenLimit,
  calendar: WorkingCalendar,
  { extensionDays, pauses }: Lengthened = NOTHING,
): DueDates {
  const own = addWorkingDays(calendar, dispatchedAt, limit.workingDays);
  const more = extensionDays > 0 ? addWorkingDays(calendar, own.at, extensionDays) : null;
  const extended = more ?? own;
  const stood = pauses.flatMap(({ from, to }) =>
    to === null ? [] : [workingDaysBetween(calendar, new Date(from), new Date(to))],
  );
  const paused = stood.reduce((sum, days) => sum + days, 0);
  const resumed = paused > 0 ? addWorkingDays(calendar, extended.at, paused) : null;
  const due = resumed ?? extended;
  const opinionAt =
    limit.opinionDays === null ? null : addWorkingDays(calendar, dispatchedAt, limit.opinionDays).at;
  const skipped = [...own.skipped, ...(more?.skipped ?? []), ...(resumed?.skipped ?? [])];
  return {
    dueAt: due.at,
    returnBy: addWorkingDays(calendar, dispatchedAt, limit.returnDays).at,
    firstOpinionBy: opinionAt && opinionAt > due.at ? due.at : opinionAt,
    acknowledgeBy: addWorkingMinutes(calendar, dispatchedAt, limit.acknowledgeHours * 60),
    clause: limit.clause,
    workingDays: limit.workingDays,
    limitWords: limit.words,
    why: [
      whyWords(dispatchedAt, limit, own),
      more
        ? `经同意延期 ${extensionDays} 个工作日（T2），延至 ${cityWords(more.at)}${skippedPart(more.skipped)}。`
        : '',
      resumed
        ? `期间暂停计时 ${paused} 个工作日（${pauses.map(({ words }) => words).join('、')}），顺延至 ${cityWords(resumed.at)}${skippedPart(resumed.skipped)}。`
        : '',
    ].join(''),
    skipped,
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

type Chosen = Pick<ChosenLimit, 'clause' | 'workingDays' | 'words'>;

function concludeLimit(facts: Pick<DueFacts, 'type' | 'regulation'>, general: TimeLimit | undefined): Chosen {
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
  return (
    `${limit.words}（${limit.clause}）。自 ${cityWords(dispatchedAt)} 派单起，派单当日不计，` +
    `第 ${limit.workingDays} 个工作日下班时到期：${cityWords(due.at)}${skippedPart(due.skipped)}。`
  );
}

const skippedPart = (skipped: SkippedDay[]): string =>
  skipped.length ? `，跳过：${skippedWords(skipped)}` : '';
