import { z } from 'zod';
import { ticketText } from '../tickets/ticket';
import type { SupervisionClause } from './escalation-ladder';

/**
 * What people raise beyond letters: 专项督办 (S3), 批示督办 (S4), “13710” and 现场办公 (S5). One table of kinds, their
 * states and acts; the service, the API and the pages go by it. Each act writes one step here and one timeline row on
 * every work order concerned.
 */
export const MATTER_KINDS = {
  specialCase: {
    words: '专项督办',
    clause: 'S3',
    states: { proposed: '待决定', open: '督办中', closed: '已办结', dismissed: '不予开展' },
    first: 'open',
  },
  instruction: {
    words: '批示督办',
    clause: 'S4',
    states: {
      assembled: '已汇总',
      submitted: '已呈报',
      instructed: '落实中',
      done: '已落实',
      withdrawn: '已撤回',
    },
    first: 'assembled',
  },
  system13710: {
    words: '“13710”督办',
    clause: 'S5',
    states: { prepared: '待登记', registered: '督办中', closed: '已销号', withdrawn: '已撤回' },
    first: 'prepared',
  },
  onSite: {
    words: '现场办公',
    clause: 'S5',
    states: { planned: '待开展', held: '已开展', cancelled: '已取消' },
    first: 'planned',
  },
} as const satisfies Record<
  string,
  { words: string; clause: SupervisionClause; states: Record<string, string>; first: string }
>;
export type MatterKind = keyof typeof MATTER_KINDS;

const words = (longest: number) => ticketText(longest).min(1);
const id = words(80);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const version = z.int().min(1);
const unitIds = z.array(id).max(40).default([]);
const ticketIds = z.array(id).min(1).max(500);

/** Which work orders a summary is made of: chosen ones, or all of a category, place and time. */
export const summaryOf = z.strictObject({
  ticketIds: z.array(id).max(500).default([]),
  categoryCode: id.nullable().default(null),
  areaCode: id.nullable().default(null),
  from: instant.nullable().default(null),
  to: instant.nullable().default(null),
  hardCase: z.boolean().default(false),
});
export type SummaryOf = z.output<typeof summaryOf>;

/** What opening a matter of each kind needs. */
export const MATTER_OPEN = {
  specialCase: z.strictObject({
    title: words(100),
    ticketIds: ticketIds.max(1),
    reason: words(2000),
    unitIds,
    people: ticketText(400).default(''),
    /** Why without a letter that ran out (S3 comes after S2). */
    overrideReason: ticketText(400).default(''),
  }),
  instruction: z.strictObject({ title: words(100), of: summaryOf, analysis: ticketText(4000).default('') }),
  system13710: z.strictObject({
    title: words(100),
    ticketIds,
    unitIds,
    reason: words(2000),
    /** One month instead of seven days. */
    major: z.boolean().default(false),
  }),
  onSite: z.strictObject({
    title: words(100),
    ticketIds,
    unitIds,
    place: words(200),
    heldAt: instant,
    people: words(400),
    reason: ticketText(2000).default(''),
  }),
} satisfies Record<MatterKind, z.ZodType>;
export type MatterOpening<K extends MatterKind> = z.output<(typeof MATTER_OPEN)[K]>;

export interface MatterAct {
  from: readonly string[];
  to: string;
  words: string;
  input: z.ZodObject;
}

const act = <I extends z.ZodObject>(from: readonly string[], to: string, said: string, input: I) => ({
  ...{ from, to, words: said, input },
});
const reason = z.strictObject({ version, reason: words(2000) });
const members = z.strictObject({ version, unitIds, people: ticketText(400).default('') });

/** The acts on each kind. */
export const MATTER_ACTS = {
  specialCase: {
    accept: act(['proposed'], 'open', '决定开展', members),
    dismiss: act(['proposed'], 'dismissed', '决定不予开展', reason),
    setMembers: act(['open'], 'open', '调整成员', members),
    meet: act(
      ['open'],
      'open',
      '召开会议',
      z.strictObject({
        version,
        heldAt: instant,
        place: words(200),
        people: words(400),
        decision: words(4000),
      }),
    ),
    close: act(['open'], 'closed', '办结', z.strictObject({ version, outcome: words(4000) })),
  },
  instruction: {
    submit: act(['assembled'], 'submitted', '呈报', z.strictObject({ version, leader: words(60) })),
    instruct: act(
      ['submitted'],
      'instructed',
      '领导批示',
      z.strictObject({
        ...{ version, instruction: words(4000), instructedAt: instant, unitIds, people: words(400) },
        /** Until when it is to be carried out. */
        until: instant,
      }),
    ),
    report: act(['instructed'], 'instructed', '落实进展', z.strictObject({ version, progress: words(4000) })),
    finish: act(['instructed'], 'done', '落实完毕', z.strictObject({ version, result: words(4000) })),
    withdraw: act(['assembled', 'submitted'], 'withdrawn', '撤回', reason),
  },
  system13710: {
    register: act(
      ['prepared'],
      'registered',
      '登记编号',
      z.strictObject({ version, number: words(60), registeredAt: instant }),
    ),
    reach: act(
      ['registered'],
      'registered',
      '完成节点',
      z.strictObject({ version, date: z.enum(['study', 'report', 'settle', 'major']), words: words(4000) }),
    ),
    close: act(['registered'], 'closed', '销号', z.strictObject({ version, outcome: words(4000) })),
    withdraw: act(['prepared', 'registered'], 'withdrawn', '撤回', reason),
  },
  onSite: {
    record: act(
      ['planned'],
      'held',
      '记录现场办公',
      z.strictObject({ version, heldAt: instant, people: words(400), outcome: words(4000) }),
    ),
    cancel: act(['planned'], 'cancelled', '取消', reason),
  },
} satisfies Record<MatterKind, Record<string, MatterAct>>;

/**
 * The “13710” system's dates as data: 1 studied the same day, 3 reported back within three days, 7 settled within seven,
 * 1 within a month where it is major, 0 struck off. Days of the calendar; each ends when the offices close.
 */
export interface MatterDate {
  code: string;
  words: string;
  days: number;
  /** For matters marked so: true major ones only, false the others only, null all. */
  major: boolean | null;
}
export const DATES_13710: readonly MatterDate[] = [
  { code: 'study', words: '当日研究', days: 0, major: null },
  { code: 'report', words: '3 日内反馈', days: 3, major: null },
  { code: 'settle', words: '7 日内办结', days: 7, major: false },
  { code: 'major', words: '重大事项 1 个月内办结', days: 30, major: true },
];

export const datesOf13710 = (major: boolean): readonly MatterDate[] =>
  DATES_13710.filter((date) => date.major === null || date.major === major);

export interface MatterRow {
  matter_id: string;
  matter_seq: string;
  version: number;
  kind: MatterKind;
  state: string;
  title: string;
  facts: Record<string, unknown>;
  at: Date;
  by_id: string | null;
  by_name: string | null;
  timer_id: string | null;
}

export interface MatterStep {
  matter_id: string;
  seq: number;
  at: Date;
  action: string;
  words: string;
  facts: Record<string, unknown>;
  by_id: string | null;
  by_name: string | null;
}

export const stateWords = (kind: MatterKind, state: string): string =>
  (MATTER_KINDS[kind].states as Record<string, string>)[state] ?? state;

/** What a step says, in Chinese, of its input's own words. */
export function stepWords(said: string, input: Record<string, unknown>): string {
  const told = [
    'reason',
    'decision',
    'outcome',
    'instruction',
    'progress',
    'result',
    'words',
    'leader',
    'number',
  ]
    .map((field) => input[field])
    .filter((value): value is string => typeof value === 'string' && value !== '');
  return told.length ? `${said}：${told.join('；')}` : said;
}
