import { z } from 'zod';
import { route, type FileReply, type Route } from '../platform/http-route';
import { ticketText } from '../tickets/ticket';
import { scopeOf, type Performance } from './performance.service';
import { scoreSheet } from './performance-sheet';
import type { PerformanceStore } from './performance.store';
import { FIGURE_CODES, figureOf, month, period, type FigureCode } from './ticket-figures';
import { scoreRow, scoreRows } from './unit-score';

const TAG = '绩效考核';
const instant = z.iso.datetime();
const figure = z.enum(FIGURE_CODES as [FigureCode, ...FigureCode[]]);
const id = ticketText(80).min(1);
const rate = z.number().nullable();
const figureReply = z.object({
  figure,
  of: z.int(),
  hit: z.int(),
  rate,
  withoutExcluded: z.object({ of: z.int(), hit: z.int(), rate }),
});
const unitScore = z.object({
  unitId: z.string(),
  name: z.string(),
  score: z.number().nullable().describe('不含剔除工单，按此排名'),
  scoreOfAll: z.number().nullable().describe('含剔除工单'),
  points: z.array(z.object({ figure, points: z.number().nullable() })),
  figures: z.array(figureReply),
});
const scheme = z.object({
  version: z.int(),
  name: z.string(),
  validFrom: z.string(),
  rows: z.array(scoreRow),
});
const standing = z.object({ counts: z.boolean(), hit: z.boolean(), excluded: z.boolean() });

interface Deps {
  performance: Performance;
  store: PerformanceStore;
  write(
    format: 'csv' | 'xlsx',
    name: string,
    titles: readonly string[],
    rows: readonly string[][],
  ): Promise<FileReply>;
}

/** Figures, scores and what is behind them (P1). */
export function performanceRoutes(deps: Deps): Route[] {
  return [...figureRoutes(deps), ...scoreRoutes(deps), ...monthRoutes(deps), ...schemeRoutes(deps)];
}

function figureRoutes({ performance }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/performance/definitions',
      summary: '考核指标：名称、计算口径、依据',
      tag: TAG,
      action: 'performance.view',
      reply: z.object({
        items: z.array(
          z.object({
            figure,
            name: z.string(),
            formula: z.string(),
            standard: z.string(),
            better: z.enum(['more', 'less']).nullable(),
          }),
        ),
      }),
      handle: async () => ({
        items: FIGURE_CODES.map((code) => {
          const { name, formula, standard, better } = figureOf(code);
          return { figure: code, name, formula, standard, better };
        }),
      }),
    }),
    route({
      method: 'get',
      path: '/performance/figures',
      summary: '某月或某年的指标：全市，或按单位、区县、类别；含与不含剔除工单；承办单位只见本单位的',
      tag: TAG,
      action: 'performance.view',
      query: z.object({ period, by: z.enum(['city', 'unit', 'area', 'category']).default('city') }),
      reply: z.object({
        period: z.string(),
        by: z.string(),
        groups: z.array(z.object({ key: z.string(), name: z.string(), figures: z.array(figureReply) })),
      }),
      handle: ({ query, caller }) => performance.figures(query.period, query.by, caller),
    }),
    route({
      method: 'get',
      path: '/performance/tickets',
      summary: '指标背后的工单',
      tag: TAG,
      action: 'performance.view',
      query: z.object({
        period,
        figure,
        unitId: id.optional(),
        areaCode: ticketText(20).optional(),
        categoryCode: id.optional(),
        hit: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional(),
        cursor: z
          .string()
          .regex(/^[\d-]{1,30}_[\w-]{1,80}$/, '游标无效')
          .optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      reply: z.object({
        items: z.array(
          z.object({
            ref: z.string().describe('所计的工单、派单或评价'),
            ticketId: z.string(),
            number: z.string(),
            title: z.string(),
            unitId: z.string().nullable(),
            at: instant,
            hit: z.boolean(),
            excluded: z.boolean(),
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
      handle: ({ query: { cursor, limit, period: asked, figure: code, ...only }, caller }) => {
        const [number = '', ...ref] = cursor?.split('_') ?? [];
        const before = cursor === undefined ? null : { number, ref: ref.join('_') };
        return performance.tickets(asked, code, only, { before, limit }, caller);
      },
    }),
  ];
}

function scoreRoutes({ performance, write }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/performance/scores',
      summary: '单位得分与名次；当期无应办事项的单列、不排名；承办单位只见本单位的',
      tag: TAG,
      action: 'performance.view',
      query: z.object({ period }),
      reply: z.object({
        period: z.string(),
        closed: z.boolean(),
        scheme,
        unitsRanked: z.int(),
        ranked: z.array(unitScore.extend({ rank: z.int() })),
        apart: z.array(unitScore),
      }),
      handle: ({ query, caller }) => performance.scores(query.period, caller),
    }),
    route({
      method: 'get',
      path: '/performance/export',
      summary: '导出单位得分与指标（XLSX）',
      tag: TAG,
      action: 'performance.view',
      query: z.object({ period }),
      reply: 'file',
      handle: async ({ query, caller }) => {
        const { titles, rows } = scoreSheet(await performance.scores(query.period, caller));
        return write('xlsx', `绩效考核-${query.period}`, titles, rows);
      },
    }),
  ];
}

function monthRoutes({ performance, store }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/performance/months',
      summary: '已结账的月份',
      tag: TAG,
      action: 'performance.view',
      reply: z.object({
        items: z.array(
          z.object({
            month: z.string(),
            schemeVersion: z.int(),
            words: z.string(),
            at: instant,
            byName: z.string(),
          }),
        ),
      }),
      handle: async () => ({
        items: (await store.closedMonths()).map(({ month: closed, scheme_version, words, at, by_name }) => ({
          ...{ month: closed, schemeVersion: scheme_version, words },
          ...{ at: at.toISOString(), byName: by_name },
        })),
      }),
    }),
    route({
      method: 'post',
      path: '/performance/months/:month/close',
      summary: '月度结账：数据与方案冻结，其后只能以更正记录改动',
      tag: TAG,
      action: 'performance.close',
      params: z.object({ month }),
      body: z.strictObject({ words: ticketText(400).default('') }),
      handle: async ({ params, body, caller }) => performance.close(params.month, body.words, caller),
    }),
    route({
      method: 'get',
      path: '/performance/months/:month/corrections',
      summary: '结账后的更正记录，新的在前；承办单位只见本单位的',
      tag: TAG,
      action: 'performance.view',
      params: z.object({ month }),
      query: z.object({
        cursor: z
          .string()
          .regex(/^\d{1,18}$/)
          .optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      reply: z.object({
        items: z.array(
          z.object({
            figure,
            ref: z.string(),
            ticketId: z.string(),
            unitId: z.string().nullable(),
            before: standing,
            after: standing,
            cause: z.enum(['appeal', 'exclusion', 'demand']),
            words: z.string(),
            at: instant,
            byName: z.string(),
          }),
        ),
        nextCursor: z.string().nullable(),
      }),
      handle: async ({ params, query: { cursor, limit }, caller }) => {
        const scope = scopeOf(caller);
        const rows = await store.corrections(
          params.month,
          { unitId: scope, before: cursor ?? null },
          limit + 1,
        );
        const items = rows.slice(0, limit).map((row) => ({
          ...{ figure: row.figure, ref: row.ref, ticketId: row.ticket_id, unitId: row.unit_id },
          ...{ before: row.before, after: row.after, cause: row.cause, words: row.words },
          ...{ at: row.at.toISOString(), byName: row.by_name },
        }));
        const last = rows.length > limit ? rows[limit - 1] : undefined;
        return { items, nextCursor: last ? String(last.correction_seq) : null };
      },
    }),
  ];
}

function schemeRoutes({ performance, store }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/performance/schemes',
      summary: '考核方案的各个版本',
      tag: TAG,
      action: 'performance.view',
      reply: z.object({ items: z.array(scheme.extend({ at: instant, byName: z.string() })) }),
      handle: async () => ({
        items: (await store.schemes()).map(({ version, name, valid_from, rows, at, by_name }) => ({
          ...{ version, name, validFrom: valid_from, rows },
          ...{ at: at.toISOString(), byName: by_name },
        })),
      }),
    }),
    route({
      method: 'post',
      path: '/performance/schemes',
      summary: '新的考核方案版本：指标、满分、目标、每个百分点扣分、最低分；已结账的月份不变',
      tag: TAG,
      action: 'performance.scheme',
      body: z.strictObject({ name: ticketText(60).min(1), validFrom: month, rows: scoreRows }),
      status: 201,
      reply: z.object({ version: z.int() }),
      handle: ({ body, caller }) => performance.addScheme(body, caller),
    }),
  ];
}
