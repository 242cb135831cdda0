import { z } from 'zod';
import { route, type Caller, type Route } from '../platform/http-route';
import { ticketText } from '../tickets/ticket';
import type { Appeals, Ruling } from './appeal.service';
import { APPEAL_STATES, type AppealState } from './evaluation-row';
import {
  appealReply,
  appealView,
  evaluationReply,
  evaluationView,
  paged,
  pageOf,
  pageQuery,
  placeOf,
} from './evaluation-view';
import type { Evaluations } from './evaluation.service';
import type { EvaluationStore } from './evaluation.store';
import { surveyAnswer } from './survey';

const TAG = '回访评价';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const version = z.int().min(1);
const words = ticketText(2000).min(1);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const truth = z.enum(['true', 'false']).transform((text) => text === 'true');

interface Deps {
  evaluations: Evaluations;
  appeals: Appeals;
  store: EvaluationStore;
}

/** Results for their units and supervisors, and the units' appeals (E1). */
export function evaluationRoutes(deps: Deps): Route[] {
  return [...resultRoutes(deps), ...appealRoutes(deps)];
}

function resultRoutes({ evaluations, store }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/evaluations',
      summary: '评价结果，新的在前；承办单位只见本单位的',
      tag: TAG,
      action: 'evaluation.view',
      query: z.object({
        unitId: id.optional(),
        review: truth.optional(),
        final: truth.optional(),
        from: instant.optional(),
        to: instant.optional(),
        ...pageQuery,
      }),
      reply: pageOf(evaluationReply),
      handle: async ({ query: { cursor, limit, ...filter }, caller }) => {
        const by = caller;
        const unitId = scopeOf(by) ?? filter.unitId;
        const rows = await store.list({ ...filter, unitId }, placeOf(cursor), limit + 1);
        const placed = (row: (typeof rows)[number]) => ({ at: row.at, id: row.evaluation_id });
        return paged(rows, limit, placed, (row) => evaluationView(row, by.role));
      },
    }),
    route({
      method: 'post',
      path: '/evaluations/:evaluationId/review',
      summary: '班长处理：不满意而重办已达上限的',
      tag: TAG,
      action: 'evaluation.decide',
      params: z.object({ evaluationId: id }),
      body: z.strictObject({ version, words }),
      handle: async ({ params, body, caller }) =>
        evaluations.review(params.evaluationId, body.version, body.words, caller),
    }),
  ];
}

function appealRoutes({ appeals, store }: Deps): Route[] {
  const { level, solved } = surveyAnswer.shape;
  return [
    route({
      method: 'post',
      path: '/evaluations/:evaluationId/appeal',
      summary: '承办单位对评价提出申诉，每条评价一次，限期内提出',
      tag: TAG,
      action: 'evaluation.appeal',
      params: z.object({ evaluationId: id }),
      body: z.strictObject({ reason: words, evidence: ticketText(4000).min(1) }),
      status: 201,
      reply: z.object({ appealId: z.string() }),
      handle: ({ params, body, caller }) => appeals.ask(params.evaluationId, body, caller),
    }),
    route({
      method: 'get',
      path: '/appeals',
      summary: '评价申诉，新的在前；承办单位只见本单位的',
      tag: TAG,
      action: 'evaluation.view',
      query: z.object({
        state: z.enum(Object.keys(APPEAL_STATES) as [AppealState, ...AppealState[]]).optional(),
        ...pageQuery,
      }),
      reply: pageOf(appealReply),
      handle: async ({ query, caller }) => {
        const filter = { state: query.state, unitId: scopeOf(caller) ?? undefined };
        const rows = await store.listAppeals(filter, placeOf(query.cursor), query.limit + 1);
        const placed = (row: (typeof rows)[number]) => ({ at: row.asked_at, id: row.appeal_id });
        return paged(rows, query.limit, placed, appealView);
      },
    }),
    route({
      method: 'post',
      path: '/appeals/:appealId/decide',
      summary: '审核申诉：不成立，或成立并剔除、更正该评价',
      tag: TAG,
      action: 'evaluation.decide',
      params: z.object({ appealId: id }),
      body: z.strictObject({
        version,
        ruling: z.union([
          z.strictObject({ upheld: z.literal(false), words }),
          z.strictObject({ upheld: z.literal(true), words, effect: z.literal('excluded') }),
          z.strictObject({ upheld: z.literal(true), words, effect: z.literal('corrected'), level, solved }),
        ]),
      }),
      handle: async ({ params, body, caller }) =>
        appeals.decide(params.appealId, body.version, body.ruling satisfies Ruling, caller),
    }),
  ];
}

/** Which unit's a caller is kept to; null for the hotline's own people. A clerk without a unit sees none. */
const scopeOf = (caller: Caller): string | null => (caller.role === 'unit' ? (caller.unitId ?? '') : null);
