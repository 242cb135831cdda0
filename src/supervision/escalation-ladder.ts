import { z } from 'zod';
import { cityWords } from '../deadlines/city-time';
import { remindAt } from '../deadlines/due-dates';
import {
  addWorkingDays,
  addWorkingMinutes,
  isWorkingTime,
  nextOpening,
  workingMinutesBetween,
  type WorkingCalendar,
} from '../deadlines/working-calendar';
import { HotlineError } from '../errors';

/** 督办的五种方式 (S1–S5). */
export const SUPERVISION_CLAUSES = {
  S1: '系统督办',
  S2: '书面督办',
  S3: '专项督办',
  S4: '批示督办',
  S5: '“13710”督办、现场办公',
} as const;
export type SupervisionClause = keyof typeof SUPERVISION_CLAUSES;

const hours = z.number().min(0).max(400);
const days = z.int().min(0).max(60);
const words = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\u0000]*$/);

/** When a rung is due. Hours and days are working time. */
const rungTime = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('beforeDue'), workingHours: hours.min(0.01) }),
  z.strictObject({ kind: z.literal('afterDue'), workingHours: hours }),
  z.strictObject({ kind: z.literal('afterRung'), rung: words(40), workingDays: days.min(1) }),
  /** So long after the letter's own deadline has passed without an answer; waits for the letter to be issued. */
  z.strictObject({ kind: z.literal('afterLetter'), workingDays: days }),
  z.strictObject({ kind: z.literal('event'), event: z.literal('dissatisfied') }),
  /** Raised by a person only. */
  z.strictObject({ kind: z.literal('person') }),
]);

/** One rung: what is done, when, and whether by itself or proposed to a supervisor. */
export const rung = z.strictObject({
  code: z.string().regex(/^[a-z][a-zA-Z0-9-]{0,39}$/),
  clause: z.enum(['S1', 'S2', 'S3', 'S4', 'S5']),
  name: words(40),
  when: rungTime,
  action: z.enum(['remind', 'letter', 'specialCase', 'person']),
  /** A letter is issued, a special case opened at once; otherwise it is drafted for a supervisor. */
  automatic: z.boolean(),
  words: words(400),
  /** Letters: working days the unit has for its answer. */
  replyDays: days.min(1).nullable().default(null),
  on: z.boolean().default(true),
});
export type Rung = z.output<typeof rung>;
export const ladder = z.array(rung).min(1).max(20);

/** The notice's ladder; `workingHoursBefore` is the setting REMIND_WORKING_HOURS_BEFORE. What weighs more is a person's word. */
export const defaultLadder = (workingHoursBefore: number): Rung[] => [
  timed(
    'remindBefore',
    'S1',
    '到期前提醒',
    { kind: 'beforeDue', workingHours: workingHoursBefore },
    'remind',
  ),
  timed('remindDue', 'S1', '到期提醒', { kind: 'afterDue', workingHours: 0 }, 'remind'),
  {
    ...timed('letter', 'S2', '督办函', { kind: 'afterDue', workingHours: 8 }, 'letter'),
    replyDays: 2,
    words: '请立即办理，并在规定时限内书面报告办理情况和逾期原因。',
  },
  {
    ...timed('specialCase', 'S3', '专项督办', { kind: 'afterLetter', workingDays: 0 }, 'specialCase'),
    words: '发函后仍未办理，由热线主管部门会同有关部门专项督办。',
  },
  {
    ...timed('letterDissatisfied', 'S2', '不满意督办函', { kind: 'event', event: 'dissatisfied' }, 'letter'),
    replyDays: 2,
    words: '诉求人对办理结果不满意，请核实后重新办理，并书面报告。',
    on: false,
  },
  timed('instruction', 'S4', '批示督办', { kind: 'person' }, 'person'),
  timed('system13710', 'S5', '“13710”督办', { kind: 'person' }, 'person'),
  timed('onSite', 'S5', '现场办公', { kind: 'person' }, 'person'),
];

function timed(
  code: string,
  clause: SupervisionClause,
  name: string,
  when: Rung['when'],
  action: Rung['action'],
): Rung {
  return {
    code,
    clause,
    name,
    when,
    action,
    automatic: action === 'remind',
    words: name,
    replyDays: null,
    on: true,
  };
}

/** What a ladder has wrong with it, in Chinese; null when it can be used: its rungs must weigh more from one to the next. */
export function ladderFault(rungs: readonly Rung[]): string | null {
  let last = -Infinity;
  const codes = new Set<string>();
  const actions = new Set<string>();
  for (const { code, name, when, action, replyDays } of rungs) {
    if (codes.has(code)) return `层级代码“${code}”重复。`;
    if (action === 'letter' && replyDays === null) return `“${name}”须规定回复时限。`;
    if ((action === 'person') !== (when.kind === 'person')) return `“${name}”的时间与方式不符。`;
    if (when.kind === 'event' && action !== 'letter') return `“${name}”：不满意只能发督办函。`;
    if (when.kind === 'afterRung' && !codes.has(when.rung)) return `“${name}”须排在“${when.rung}”之后。`;
    if (when.kind === 'afterLetter' && !actions.has('letter')) return `“${name}”须排在督办函之后。`;
    const offset =
      when.kind === 'beforeDue' ? -when.workingHours : when.kind === 'afterDue' ? when.workingHours : null;
    if (offset !== null && offset < last) return `“${name}”的时间早于前一层级。`;
    last = offset ?? last;
    codes.add(code);
    if (when.kind !== 'event') actions.add(action);
  }
  return null;
}

/** What has been raised for a part: when, and for which due date. */
export interface Raised {
  at: Date;
  dueAt: Date;
}

export interface LadderFacts {
  dispatchedAt: Date;
  dueAt: Date;
  now: Date;
  /** The unit works anew since then (an answer sent back, a pause over); null: it has all along. */
  since: Date | null;
  raised: ReadonlyMap<string, Raised>;
  /** The part's letter that is issued and not answered. */
  letter: { replyBy: Date } | null;
}

/** A rung written ahead. `held`: it waits for something else than time (a letter to be issued, a year to be entered). */
export interface PlannedRung {
  rung: Rung;
  step: number;
  at: Date;
  held: boolean;
  /** Chinese: rule, clause, due date, calendar. */
  why: string;
}

interface Placed {
  scheduled: Date;
  at: Date;
}

/**
 * The rungs that are still to come for a part, in order, inside working time as the calendar has it. A rung is raised
 * once for one due date; a reminder keeps its hour, while what weighs more keeps its distance from the rung before it
 * as that was really given, so that an outage of the hotline never costs the unit its time. Pure.
 */
export function planRungs(
  rungs: readonly Rung[],
  facts: LadderFacts,
  calendar: WorkingCalendar,
): PlannedRung[] {
  const planned: PlannedRung[] = [];
  const placed = new Map<string, Placed>();
  let before: Placed | null = null;
  for (const [step, each] of rungs.entries()) {
    if (!each.on || each.when.kind === 'event' || each.when.kind === 'person') continue;
    const here = place(each, facts, calendar, { before, placed, rungs });
    const raised = facts.raised.get(each.code);
    const again = !raised || (raised.dueAt.getTime() !== facts.dueAt.getTime() && here.scheduled > facts.now);
    before = { scheduled: here.scheduled, at: raised && !again ? raised.at : here.at };
    placed.set(each.code, before);
    if (!again || (each.when.kind === 'beforeDue' && facts.dueAt <= facts.now)) continue;
    planned.push({
      rung: each,
      step,
      at: here.at,
      held: here.held,
      why: whyWords(each, facts, here, calendar),
    });
  }
  return planned;
}

type Place = Placed & { held: boolean; unknown: string | null };

function place(
  rung: Rung,
  facts: LadderFacts,
  calendar: WorkingCalendar,
  known: { before: Placed | null; placed: ReadonlyMap<string, Placed>; rungs: readonly Rung[] },
): Place {
  const floor = known.before?.at ?? facts.dispatchedAt;
  try {
    const scheduled = opening(calendar, scheduledAt(rung, facts, calendar, known));
    if (rung.action === 'remind') return { scheduled, at: scheduled, held: false, unknown: null };
    // What is counted from a rung or a letter as it was given needs no more distance.
    const apart =
      rung.when.kind === 'afterDue' ? keptApart(scheduled, known.before, facts.since, calendar) : scheduled;
    const at = opening(calendar, apart);
    const held = rung.when.kind === 'afterLetter' && facts.letter === null;
    return { scheduled, at: at > floor ? at : floor, held, unknown: null };
  } catch (fault) {
    if (!(fault instanceof HotlineError) || fault.code !== 'calendar-unknown') throw fault;
    return { scheduled: floor, at: floor, held: true, unknown: fault.detail };
  }
}

function scheduledAt(
  { when }: Rung,
  { dispatchedAt, dueAt, letter, since }: LadderFacts,
  calendar: WorkingCalendar,
  {
    before,
    placed,
    rungs,
  }: { before: Placed | null; placed: ReadonlyMap<string, Placed>; rungs: readonly Rung[] },
): Date {
  const later = (from: Date, workingDays: number) =>
    workingDays > 0 ? addWorkingDays(calendar, from, workingDays).at : from;
  switch (when.kind) {
    case 'beforeDue':
      return remindAt(calendar, dispatchedAt, dueAt, when.workingHours);
    case 'afterDue':
      return when.workingHours > 0 ? addWorkingMinutes(calendar, dueAt, when.workingHours * 60) : dueAt;
    case 'afterRung':
      return later(latest(placed.get(when.rung)?.at ?? dueAt, since), when.workingDays);
    default: {
      const replyDays = rungs.find(({ action }) => action === 'letter')?.replyDays ?? 1;
      // Sent back after the letter's deadline: the unit gets the letter's time once more.
      const from = letter
        ? since && since > letter.replyBy
          ? later(since, replyDays)
          : letter.replyBy
        : later(before?.at ?? dueAt, replyDays);
      return later(from, when.kind === 'afterLetter' ? when.workingDays : 0);
    }
  }
}

const latest = (one: Date, other: Date | null): Date => (other && other > one ? other : one);

/** Given within so long, a rung counts as given in time. */
const PROMPT_MS = 10 * 60_000;

/** The instant itself in working time, otherwise the next opening; in a year without a calendar the instant. */
function opening(calendar: WorkingCalendar, at: Date): Date {
  try {
    return isWorkingTime(calendar, at) ? at : nextOpening(calendar, at);
  } catch (fault) {
    if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return at;
    throw fault;
  }
}

/** As long after the rung before it, as that was given, and after the unit began anew, as the ladder says. */
function keptApart(
  scheduled: Date,
  before: Placed | null,
  since: Date | null,
  calendar: WorkingCalendar,
): Date {
  if (!before) return scheduled;
  const from = latest(before.at, since);
  if (from.getTime() <= before.scheduled.getTime() + PROMPT_MS) return scheduled;
  const minutes = workingMinutesBetween(calendar, before.scheduled, scheduled);
  const apart = minutes > 0 ? addWorkingMinutes(calendar, from, minutes) : from;
  return apart > scheduled ? apart : scheduled;
}

function whyWords(
  { clause, name, when }: Rung,
  facts: LadderFacts,
  here: Place,
  calendar: WorkingCalendar,
): string {
  const moved = here.at > here.scheduled ? '；因前一层级实际时间较晚，相应顺延' : '';
  return (
    `${name}（${clause}）：${ruleWords(when, facts)}${moved}。办理期限 ${cityWords(facts.dueAt)}，` +
    `按第 ${calendar.version} 版工作日历计算${here.unknown ? `；暂缓：${here.unknown}` : '。'}`
  );
}

function ruleWords(when: Rung['when'], { letter }: LadderFacts): string {
  switch (when.kind) {
    case 'beforeDue':
      return `到期前 ${when.workingHours} 个工作小时`;
    case 'afterDue':
      return when.workingHours > 0 ? `到期后 ${when.workingHours} 个工作小时` : '到期时';
    case 'afterRung':
      return `前一层级后 ${when.workingDays} 个工作日`;
    default:
      return letter ? `督办函回复期限 ${cityWords(letter.replyBy)} 届满仍未回复` : '督办函签发且逾期未回复后';
  }
}
