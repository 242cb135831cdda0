import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { ticketText } from '../tickets/ticket';
import type { Assessment } from './assessment.service';
import type { AssessmentStore } from './assessment.store';
import { DEMAND_KINDS, EXCLUSION_STATES, type DemandKind, type ExclusionState } from './evaluation-row';
import { exclusionReply, exclusionView, paged, pageOf, pageQuery, placeOf } from './evaluation-view';

const TAG = '考核剔除';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const version = z.int().min(1);
const words = ticketText(400).min(1);
const exclusionParams = z.object({ exclusionId: id });
const ticketParams = z.object({ ticketId: id });

interface Deps {
  assessment: Assessment;
  store: AssessmentStore;
}

/** What the assessment leaves out: exclusions by two people, unreasonable demands by a supervisor. */
export function assessmentRoutes(deps: Deps): Route[] {
  return [...exclusionRoutes(deps), ...demandRoutes(deps)];
}

function exclusionRoutes({ assessment, store }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/tickets/:ticketId/exclusion',
      summary: '申请将工单剔除考核，须由另一人批准',
      tag: TAG,
      action: 'exclusion.propose',
      params: ticketParams,
      body: z.strictObject({ reason: words }),
      status: 201,
      reply: z.object({ exclusionId: z.string() }),
      handle: ({ params, body, caller }) => assessment.propose(params.ticketId, body.reason, caller),
    }),
    route({
      method: 'get',
      path: '/exclusions',
      summary: '剔除申请，新的在前',
      tag: TAG,
      action: 'exclusion.view',
      query: z.object({
        state: z.enum(Object.keys(EXCLUSION_STATES) as [ExclusionState, ...ExclusionState[]]).optional(),
        ticketId: id.optional(),
        ...pageQuery,
      }),
      reply: pageOf(exclusionReply),
      handle: async ({ query: { cursor, limit, ...filter } }) => {
        const rows = await store.list(filter, placeOf(cursor), limit + 1);
        const placed = (row: (typeof rows)[number]) => ({ at: row.proposed_at, id: row.exclusion_id });
        return paged(rows, limit, placed, exclusionView);
      },
    }),
    route({
      method: 'post',
      path: '/exclusions/:exclusionId/decide',
      summary: '审批剔除申请；申请人本人不能审批',
      tag: TAG,
      action: 'evaluation.decide',
      params: exclusionParams,
      body: z.strictObject({ version, approved: z.boolean(), words: ticketText(400).default('') }),
      handle: async ({ params, body: { version: seen, ...decision }, caller }) =>
        assessment.decide(params.exclusionId, seen, decision, caller),
    }),
    route({
      method: 'post',
      path: '/exclusions/:exclusionId/revoke',
      summary: '撤销剔除，工单重新计入考核',
      tag: TAG,
      action: 'evaluation.decide',
      params: exclusionParams,
      body: z.strictObject({ version, words }),
      handle: async ({ params, body, caller }) =>
        assessment.revoke(params.exclusionId, body.version, body.words, caller),
    }),
  ];
}

function demandRoutes({ assessment }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/tickets/:ticketId/unreasonable',
      summary: '认定不合理诉求：其评价不计入承办单位考核',
      tag: TAG,
      action: 'evaluation.decide',
      params: ticketParams,
      body: z.strictObject({
        kind: z.enum(Object.keys(DEMAND_KINDS) as [DemandKind, ...DemandKind[]]),
        reason: words,
      }),
      handle: async ({ params, body, caller }) =>
        assessment.mark(params.ticketId, body.kind, body.reason, caller),
    }),
    route({
      method: 'post',
      path: '/tickets/:ticketId/unreasonable/lift',
      summary: '撤销不合理诉求认定',
      tag: TAG,
      action: 'evaluation.decide',
      params: ticketParams,
      body: z.strictObject({ reason: words }),
      handle: async ({ params, body, caller }) => assessment.lift(params.ticketId, body.reason, caller),
    }),
  ];
}
