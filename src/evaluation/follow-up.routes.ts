import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type Caller, type Route } from '../platform/http-route';
import { ticketText } from '../tickets/ticket';
import type { EvaluationStore } from './evaluation.store';
import {
  attemptView,
  evaluationView,
  followUpReply,
  followUpView,
  listedFollowUp,
  listedFollowUpView,
  paged,
  pageOf,
  pageQuery,
  placeOf,
  ticketEvaluations,
} from './evaluation-view';
import { ATTEMPTS, FOLLOW_UP_STATES, type Attempt, type FollowUpState } from './follow-up';
import type { FollowUps } from './follow-up.service';
import type { FollowUpStore } from './follow-up.store';
import { surveyRecord } from './survey';

const TAG = '回访评价';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const version = z.int().min(1);
const keysOf = <K extends string>(table: Record<K, unknown>) => z.enum(Object.keys(table) as [K, ...K[]]);

interface Deps {
  followUps: FollowUps;
  store: FollowUpStore;
  evaluations: EvaluationStore;
  /** The work order as this caller may see it. Throws `not-found`. */
  visible(ticketId: string, caller: Caller): Promise<{ call_id: string | null }>;
  /** The call's own rating by key; null when there is none. */
  callRating(callId: string): Promise<number | null>;
  now(): Date;
}

/** Follow-up tasks of 12345's people, and what the citizens of a work order said (E1). */
export function followUpRoutes(deps: Deps): Route[] {
  return [listRoute(deps), ...taskRoutes(deps), ...ticketRoutes(deps)];
}

function listRoute({ store, now }: Deps): Route {
  return route({
    method: 'get',
    path: '/follow-ups',
    summary: '回访任务，先办结的在前；默认待回访和回访中的',
    tag: TAG,
    action: 'ticket.follow-up',
    query: z.object({
      state: keysOf<FollowUpState>(FOLLOW_UP_STATES).optional(),
      mine: z.enum(['true', 'false']).optional(),
      overdue: z.enum(['true', 'false']).optional(),
      ...pageQuery,
    }),
    reply: pageOf(listedFollowUp),
    handle: async ({ query, caller }) => {
      const { role, personId } = caller;
      const filter = {
        states: query.state ? [query.state] : (['open', 'taken'] as const),
        takenBy: query.mine === 'true' ? personId : undefined,
        overdueAt: query.overdue === 'true' ? now() : undefined,
      };
      const rows = await store.list(filter, placeOf(query.cursor), query.limit + 1);
      const placed = (row: (typeof rows)[number]) => ({ at: row.made_at, id: row.follow_up_id });
      return paged(rows, query.limit, placed, (row) => listedFollowUpView(row, role));
    },
  });
}

function taskRoutes({ followUps, store }: Deps): Route[] {
  const params = z.object({ followUpId: id });
  const now = async (followUpId: string) => {
    const row = await store.find(followUpId);
    if (!row) throw new HotlineError('not-found', '没有这项回访任务。');
    return followUpView(row);
  };
  const task = (name: 'claim' | 'release', summary: string): Route =>
    route({
      method: 'post',
      path: `/follow-ups/:followUpId/${name}`,
      summary,
      tag: TAG,
      action: 'ticket.follow-up',
      params,
      body: z.strictObject({ version }),
      reply: followUpReply,
      handle: async ({ params: { followUpId }, body, caller }) => {
        await followUps[name](followUpId, body.version, caller);
        return now(followUpId);
      },
    });
  return [
    task('claim', '领取回访任务'),
    task('release', '退回回访任务；班长可退回他人的'),
    route({
      method: 'post',
      path: '/follow-ups/:followUpId/attempts',
      summary: '登记未成功的回访：未接通、拒绝、另约时间',
      tag: TAG,
      action: 'ticket.follow-up',
      params,
      body: z.strictObject({
        version,
        outcome: keysOf<Attempt>(ATTEMPTS),
        words: ticketText(400).default(''),
        nextAt: z.iso
          .datetime({ offset: true })
          .transform((text) => new Date(text))
          .nullable()
          .default(null),
        callId: id.nullable().default(null),
      }),
      reply: followUpReply,
      handle: async ({ params: { followUpId }, body: { version: seen, ...given }, caller }) => {
        await followUps.attempt(followUpId, seen, given, caller);
        return now(followUpId);
      },
    }),
  ];
}

function ticketRoutes({ followUps, store, evaluations, visible, callRating }: Deps): Route[] {
  const params = z.object({ ticketId: id });
  const show = async (ticketId: string, caller: Caller) => {
    const ticket = await visible(ticketId, caller);
    const ofUnit = caller.role === 'unit';
    const filter = ofUnit ? { ticketId, unitId: caller.unitId ?? '' } : { ticketId };
    const [tasks, results] = await Promise.all([
      store.ofTicket(ticketId),
      evaluations.list(filter, null, 100),
    ]);
    const attempts = await store.attemptsOf(tasks.map(({ follow_up_id }) => follow_up_id));
    return {
      // The agent's, not the unit's; and the call leads to the citizen.
      callRating: ofUnit || ticket.call_id === null ? null : await callRating(ticket.call_id),
      followUps: ofUnit
        ? []
        : tasks.map((task) => ({
            ...followUpView(task),
            tried: attempts.filter(({ follow_up_id }) => follow_up_id === task.follow_up_id).map(attemptView),
          })),
      results: results.map((row) => evaluationView(row, caller.role)),
    };
  };
  return [
    route({
      method: 'get',
      path: '/tickets/:ticketId/evaluations',
      summary: '工单的回访与评价，历次都在，最后一次为准（一事一评）',
      tag: TAG,
      action: 'evaluation.view',
      params,
      reply: ticketEvaluations,
      handle: ({ params: { ticketId }, caller }) => show(ticketId, caller),
    }),
    route({
      method: 'post',
      path: '/tickets/:ticketId/follow-up',
      summary: '登记回访结果（E1）：不满意或未解决的自动重办，version 为工单版本',
      tag: TAG,
      action: 'ticket.follow-up',
      params,
      body: surveyRecord.extend({ version }),
      reply: ticketEvaluations,
      handle: async ({ params: { ticketId }, body: { version: seen, ...answer }, caller }) => {
        const by = caller;
        await visible(ticketId, by);
        await followUps.record(ticketId, seen, answer, by);
        return show(ticketId, by);
      },
    }),
  ];
}
