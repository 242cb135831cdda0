import { DateTime } from 'luxon';
import { z } from 'zod';
import { cityInstant } from '../deadlines/city-time';
import { SATISFIED_FROM } from '../evaluation/survey';
import { DIRECT_ANSWER, DIRECT_ANSWER_ROWS } from '../knowledge/direct-answer';

/** What one row of a figure is: a work order, a unit's part of one (R3), or the result that counts for a matter (E1). */
export type FigureBase = 'ticket' | 'part' | 'evaluation';

/**
 * A figure of the assessment (P1), defined here and nowhere else. Its conditions are on the columns of `t` (tickets), `p`
 * (ticket_parts) and `e` (evaluations); performance.store.ts puts them into its one query.
 */
export interface TicketFigure {
  name: string;
  formula: string;
  /** Clause, standard, or the field's custom. */
  standard: string;
  base: FigureBase;
  /** Whose it is; `null`: only the city's. */
  unit?: 'city';
  /** The instant that puts a row into a month of the city. */
  at: string;
  /** Denominator: which rows count. `:now` is the instant of asking. */
  of: string;
  /** Numerator; null: the figure is the count itself. */
  hit: string | null;
  /** Whether more of it is better. */
  better: 'more' | 'less' | null;
}

const HANDED_BACK = "p.state in ('returned', 'withdrawn')";
const PAUSED = `p.pauses @> '[{"to": null}]'`;

export const TICKET_FIGURES = {
  accepted: {
    name: '受理量',
    formula: '当期受理的工单；草稿、作废、不予受理和并入他单的不计',
    standard: 'B1',
    base: 'ticket',
    at: 't.opened_at',
    of: DIRECT_ANSWER_ROWS.of,
    hit: null,
    better: null,
  },
  directAnswer: {
    name: DIRECT_ANSWER.name,
    formula: DIRECT_ANSWER.formula,
    standard: DIRECT_ANSWER.clause,
    base: 'ticket',
    unit: 'city',
    at: 't.opened_at',
    ...DIRECT_ANSWER_ROWS,
    better: 'more',
  },
  acknowledged: {
    name: '按时签收率',
    formula: '在签收时限内签收 ÷ 签收时限在当期且已签收或已到时限的派单；时限前撤回、退回的不计',
    standard: '各地要求不一：80% 及以下多计 0 分',
    base: 'part',
    at: 'p.acknowledge_by',
    of: `(p.acknowledged_at is not null or p.acknowledge_by <= :now)
         and (p.acknowledged_at is not null or p.closed_at is null or p.closed_at > p.acknowledge_by)`,
    hit: 'p.acknowledged_at <= p.acknowledge_by',
    better: 'more',
  },
  firstOpinion: {
    name: '初步意见按时率',
    formula: '在时限内提出初步意见（或已答复）÷ 初步意见时限在当期且已提出、已答复或已到时限的投诉、举报派单',
    standard: 'T4',
    base: 'part',
    at: 'p.first_opinion_by',
    of: `not (${HANDED_BACK})
         and (p.first_opinion_at is not null or p.replied_at is not null or p.first_opinion_by <= :now)`,
    hit: 'least(p.first_opinion_at, p.replied_at) <= p.first_opinion_by',
    better: 'more',
  },
  onTime: {
    name: '按时办结率',
    formula:
      '在办理期限内答复 ÷ 办理期限（含经同意的延期）在当期且已答复或已到期的派单；每次重办单独计，退回、撤回和暂停计时中的不计',
    standard: 'T1、T2；各地多以 100% 为目标',
    base: 'part',
    at: 'p.due_at',
    of: `not (${HANDED_BACK}) and (p.replied_at is not null or (p.due_at <= :now and not ${PAUSED}))`,
    hit: 'p.replied_at <= p.due_at',
    better: 'more',
  },
  returned: {
    name: '退单率',
    formula: '申请退单或提出派单异议（未自行撤回）的派单 ÷ 当期派至本单位的派单',
    standard: 'T3',
    base: 'part',
    at: 'p.dispatched_at',
    of: 'true',
    hit: `exists (select 1 from ticket_requests r where r.part_id = p.part_id
                  and r.kind in ('return', 'objection') and r.state <> 'withdrawn')`,
    better: 'less',
  },
  extended: {
    name: '延期率',
    formula: '经同意延期的派单 ÷ 当期派至本单位的派单',
    standard: 'T2',
    base: 'part',
    at: 'p.dispatched_at',
    of: 'true',
    hit: 'p.extension_days > 0',
    better: 'less',
  },
  reopened: {
    name: '重办率',
    formula: '办结后又重办的 ÷ 当期办结的主办派单',
    standard: 'E1',
    base: 'part',
    at: 'p.closed_at',
    of: "p.role = 'lead' and p.state = 'concluded'",
    hit: `exists (select 1 from ticket_parts q where q.ticket_id = p.ticket_id
                  and q.role = 'lead' and q.clause = 'E1' and q.round = p.round + 1)`,
    better: 'less',
  },
  response: {
    name: '响应率',
    formula: '诉求人表示承办单位联系过本人的 ÷ 对此作答的评价；一事一评，按最后一次评价日计',
    standard: 'E1、P1：三率',
    base: 'evaluation',
    at: 'e.at',
    of: 'e.unit_contacted is not null',
    hit: 'e.unit_contacted',
    better: 'more',
  },
  resolution: {
    name: '解决率',
    formula: '诉求人表示已解决的 ÷ 已评价的；一事一评，申诉剔除和不合理诉求的不计，申诉更正的按更正计',
    standard: 'E1、P1：三率',
    base: 'evaluation',
    at: 'e.at',
    of: 'e.counted_solved is not null',
    hit: 'e.counted_solved',
    better: 'more',
  },
  satisfaction: {
    name: '满意率',
    formula: '基本满意及以上的 ÷ 已评价的；一事一评，申诉剔除和不合理诉求的不计，申诉更正的按更正计',
    standard: 'E1、P1：三率；各地多以 95% 为目标',
    base: 'evaluation',
    at: 'e.at',
    of: 'e.counted_level is not null',
    hit: `e.counted_level >= ${SATISFIED_FROM}`,
    better: 'more',
  },
} as const satisfies Record<string, TicketFigure>;

export type FigureCode = keyof typeof TICKET_FIGURES;
export const FIGURE_CODES = Object.keys(TICKET_FIGURES) as FigureCode[];
export const figureOf = (code: FigureCode): TicketFigure => TICKET_FIGURES[code];

/** How often a figure was due, and how often it was met. */
export interface Count {
  of: number;
  hit: number;
}

/** 0 to 1; null where nothing was due, and for a figure that is a count itself. */
export const rateOf = (code: FigureCode, { of, hit }: Count): number | null =>
  of === 0 || figureOf(code).hit === null ? null : hit / of;

export const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, '月份须为 YYYY-MM');
export const period = z.string().regex(/^20\d{2}(-(0[1-9]|1[0-2]))?$/, '期间须为 YYYY 或 YYYY-MM');

/** A month or year of the city as instants [from, to), and its months. */
export function periodOf(text: string): { from: Date; to: Date; months: string[] } {
  const year = text.length === 4;
  const first = DateTime.fromISO(year ? `${text}-01-01` : `${text}-01`, { zone: 'utc' });
  const end = first.plus(year ? { years: 1 } : { months: 1 });
  const day = (at: DateTime) => at.toFormat('yyyy-MM-dd');
  const months = Array.from({ length: year ? 12 : 1 }, (_, index) =>
    first.plus({ months: index }).toFormat('yyyy-MM'),
  );
  return { from: cityInstant(day(first), '00:00'), to: cityInstant(day(end), '00:00'), months };
}
