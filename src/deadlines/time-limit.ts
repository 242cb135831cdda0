import type { TicketType, Urgency } from '../tickets/ticket';

export type LimitClause = 'T1' | 'T2' | 'T3' | 'T4' | 'E1';

/** A limit as data: which work orders it is for, how long, and the clause that gives it. */
export interface TimeLimit {
  clause: LimitClause;
  types: readonly TicketType[];
  urgencies: readonly Urgency[];
  workingDays: number;
  /** Chinese, ends without a stop. */
  words: string;
}

export interface TimeLimits {
  /** The first row that fits decides the conclusion (T1: within 2–5 working days by kind and urgency). */
  conclude: readonly TimeLimit[];
  /** First opinion on complaints and reports (T4). */
  firstOpinion: readonly TimeLimit[];
  /** How long a unit may hand back what is not its matter (T3). */
  returning: { clause: 'T3'; workingDays: number; words: string };
  /** Redone after a dissatisfied citizen (E1). */
  redo: { clause: 'E1'; workingDays: number; words: string };
  /** Working hours until a unit should have acknowledged. Configuration: the notice says nothing. */
  acknowledge: Record<Urgency, number>;
  /** How soon 12345 itself must dispatch, in hours on the clock: the hotline never closes. Configuration. */
  dispatchHours: { urgent: number; utility: number; ordinary: number };
  /** Why a clock may stand still: each is a rule of law about time, not a wish of the unit. Configuration. */
  pauses: readonly PauseRule[];
}

/** A rule by which a part's clock may stand still. */
export interface PauseRule {
  rule: string;
  words: string;
}

const EVERY_TYPE: readonly TicketType[] = ['consultation', 'complaint', 'help', 'suggestion', 'report'];

/** The notice's limits; where it leaves a choice (2–5 working days) the city's own table chooses. */
export const NOTICE_LIMITS: TimeLimits = {
  conclude: [
    {
      clause: 'T1',
      types: EVERY_TYPE,
      urgencies: ['urgent'],
      workingDays: 2,
      words: '紧急事项 2 个工作日办结',
    },
    {
      clause: 'T1',
      types: ['consultation'],
      urgencies: ['ordinary'],
      workingDays: 3,
      words: '咨询 3 个工作日办结',
    },
    {
      clause: 'T1',
      types: ['complaint', 'help', 'suggestion', 'report'],
      urgencies: ['ordinary'],
      workingDays: 5,
      words: '一般事项 5 个工作日办结',
    },
  ],
  firstOpinion: [
    {
      clause: 'T4',
      types: ['complaint', 'report'],
      urgencies: ['ordinary', 'urgent'],
      workingDays: 5,
      words: '投诉、举报 5 个工作日内提出初步处理意见',
    },
  ],
  returning: { clause: 'T3', workingDays: 1, words: '不属本单位职责的，收到后 1 个工作日内退回' },
  redo: { clause: 'E1', workingDays: 5, words: '诉求人不满意或未解决的，重办 5 个工作日办结' },
  acknowledge: { urgent: 1, ordinary: 4 },
  dispatchHours: { urgent: 1, utility: 2, ordinary: 24 },
  pauses: [
    { rule: 'citizen-material', words: '等待诉求人补充材料' },
    { rule: 'appraisal', words: '检验、检测、鉴定期间' },
    { rule: 'force-majeure', words: '不可抗力' },
  ],
};

/** T1's bounds; a category's own regulation (T4) may go beyond them for complaints and reports only. */
export const CONCLUDE_BOUNDS = { least: 2, most: 5 } as const;

/** T3: the notice's own figure. */
export const RETURN_DAYS = 1;

/** The instant by which an accepted work order should be dispatched. `utility`: water, power, gas, heat. */
export function dispatchBy(
  openedAt: Date,
  facts: { urgency: Urgency; utility: boolean },
  { dispatchHours }: Pick<TimeLimits, 'dispatchHours'> = NOTICE_LIMITS,
): Date {
  const { urgent, utility, ordinary } = dispatchHours;
  const hours = facts.urgency === 'urgent' ? urgent : facts.utility ? utility : ordinary;
  return new Date(openedAt.getTime() + hours * 3_600_000);
}
