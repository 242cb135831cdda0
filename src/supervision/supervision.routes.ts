import { z } from 'zod';
import type { TimerStore } from '../deadlines/timer.store';
import { route, type Route } from '../platform/http-route';
import type { TicketReading } from '../tickets/ticket-reading.service';
import { ladder } from './escalation-ladder';
import { LETTER_INPUT, LETTER_STATES, type LetterState } from './letter';
import type { LadderService } from './ladder.service';
import type { LetterService } from './letter.service';
import {
  MATTER_ACTS,
  MATTER_KINDS,
  MATTER_OPEN,
  type MatterAct,
  type MatterKind,
  type MatterOpening,
} from './matter';
import type { MatterService } from './matter.service';
import { PAPER_FORMATS } from './paper';
import {
  ladderReply,
  letterReply,
  letterView,
  matterReply,
  matterSummary,
  matterSummaryView,
  matterView,
  rungReply,
  rungViews,
} from './supervision-reply';

export interface SupervisionRouteDeps {
  ladder: LadderService;
  letters: LetterService;
  matters: MatterService;
  timers: Pick<TimerStore, 'ofTicket'>;
  reading: Pick<TicketReading, 'find'>;
}

const TAG = '督办';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const page = {
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};
const letterParams = z.object({ letterId: id });
const matterParams = z.object({ matterId: id });
const fileQuery = z.object({ format: z.enum(PAPER_FORMATS).default('docx') });
const cursor = z.string().nullable();

/** Supervision over HTTP (S1–S5): the ladder, letters, matters, and what a work order has of them. */
export function supervisionMatterRoutes(deps: SupervisionRouteDeps): Route[] {
  return [...ladderRoutes(deps), ...letterRoutes(deps), ...matterRoutes(deps), ticketRoute(deps)];
}

function ladderRoutes({ ladder: service }: SupervisionRouteDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/supervision/ladder',
      summary: '督办层级（S1–S3）',
      tag: TAG,
      action: 'supervision.view',
      reply: ladderReply,
      handle: () => service.show(),
    }),
    route({
      method: 'put',
      path: '/supervision/ladder',
      summary: '修改督办层级；此后写入的层级按新规则',
      tag: TAG,
      action: 'ladder.edit',
      body: z.strictObject({
        version: z.int().min(0),
        rungs: ladder,
        reason: z.string().trim().min(1).max(200),
      }),
      reply: ladderReply,
      handle: ({ body, caller }) => service.change(body, caller),
    }),
    route({
      method: 'get',
      path: '/supervision/ladder/history',
      summary: '督办层级的修改记录',
      tag: TAG,
      action: 'supervision.view',
      reply: z.object({
        items: z.array(ladderReply.extend({ at: z.iso.datetime(), byName: z.string(), reason: z.string() })),
      }),
      handle: async () => ({ items: await service.history() }),
    }),
  ];
}

function letterRoutes({ letters }: SupervisionRouteDeps): Route[] {
  const acts = ['edit', 'issue', 'withdraw', 'receive', 'answer'] as const;
  const said = {
    edit: '修改督办函草稿',
    issue: '签发督办函',
    withdraw: '撤回督办函',
    receive: '签收督办函',
    answer: '回复督办函',
  };
  return [
    route({
      method: 'get',
      path: '/supervision/letters',
      summary: '督办函列表，新的在前；承办单位只见发给本单位的',
      tag: TAG,
      action: 'supervision.view',
      query: z.object({
        ...page,
        state: z.enum(Object.keys(LETTER_STATES) as [LetterState, ...LetterState[]]).optional(),
        unitId: id.optional(),
        ticketId: id.optional(),
        overdue: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional(),
      }),
      reply: z.object({ items: z.array(letterReply), nextCursor: cursor }),
      handle: async ({ query: { cursor: after, limit, ...filter }, caller }) => {
        const by = caller;
        const found = await letters.list(filter, { limit, ...(after ? { cursor: after } : {}) }, by);
        return { ...found, items: found.items.map((row) => letterView(row, by.role)) };
      },
    }),
    route({
      method: 'post',
      path: '/supervision/letters',
      summary: '人工拟督办函（S2）',
      tag: TAG,
      action: 'supervision.act',
      body: LETTER_INPUT.draft,
      idempotent: true,
      status: 201,
      reply: letterReply,
      handle: async ({ body, caller }) => letterView(await letters.draft(body, caller), caller.role),
    }),
    route({
      method: 'get',
      path: '/supervision/letters/:letterId',
      summary: '一份督办函',
      tag: TAG,
      action: 'supervision.view',
      params: letterParams,
      reply: letterReply,
      handle: async ({ params, caller }) =>
        letterView(await letters.show(params.letterId, caller), caller.role),
    }),
    route({
      method: 'get',
      path: '/supervision/letters/:letterId/file',
      summary: '督办函文件（DOCX 或 PDF）',
      tag: TAG,
      action: 'supervision.view',
      params: letterParams,
      query: fileQuery,
      reply: 'file',
      handle: ({ params, query, caller }) => letters.file(params.letterId, query.format, caller),
    }),
    ...acts.map((action) =>
      route({
        method: 'post',
        path: `/supervision/letters/:letterId/${action}`,
        summary: said[action],
        tag: TAG,
        action: action === 'receive' || action === 'answer' ? 'supervision.answer' : 'supervision.act',
        params: letterParams,
        body: LETTER_INPUT[action] as z.ZodType<{ version: number }>,
        reply: letterReply,
        handle: async ({ params, body, caller }) => {
          const by = caller;
          const act = letters[action].bind(letters) as LetterService['issue'];
          return letterView(await act(params.letterId, body, by), by.role);
        },
      }),
    ),
  ];
}

function matterRoutes({ matters }: SupervisionRouteDeps): Route[] {
  const kinds = Object.keys(MATTER_KINDS) as MatterKind[];
  return [
    route({
      method: 'get',
      path: '/supervision/matters',
      summary: '专项、批示、“13710”、现场办公列表，新的在前；承办单位只见涉及本单位的',
      tag: TAG,
      action: 'supervision.view',
      query: z.object({
        ...page,
        kind: z.enum(kinds as [MatterKind, ...MatterKind[]]).optional(),
        state: id.optional(),
        ticketId: id.optional(),
        unitId: id.optional(),
      }),
      reply: z.object({ items: z.array(matterSummary), nextCursor: cursor }),
      handle: async ({ query: { cursor: after, limit, ...filter }, caller }) => {
        const by = caller;
        const found = await matters.list(filter, { limit, ...(after ? { cursor: after } : {}) }, by);
        return { ...found, items: found.items.map((row) => matterSummaryView(row, by.role)) };
      },
    }),
    route({
      method: 'get',
      path: '/supervision/matters/:matterId',
      summary: '一项督办及其过程',
      tag: TAG,
      action: 'supervision.view',
      params: matterParams,
      reply: matterReply,
      handle: async ({ params, caller }) =>
        matterView(await matters.show(params.matterId, caller), caller.role),
    }),
    route({
      method: 'get',
      path: '/supervision/matters/:matterId/file',
      summary: '批示专报（S4）或“13710”卷宗（S5）',
      tag: TAG,
      action: 'supervision.view',
      params: matterParams,
      query: fileQuery,
      reply: 'file',
      handle: ({ params, query, caller }) => matters.file(params.matterId, query.format, caller),
    }),
    ...kinds.flatMap((kind) => [openRoute(kind, matters), ...actRoutes(kind, matters)]),
  ];
}

function openRoute(kind: MatterKind, matters: MatterService): Route {
  const { words, clause } = MATTER_KINDS[kind];
  return route({
    method: 'post',
    path: `/supervision/${kebab(kind)}`,
    summary: `提出${words}（${clause}）`,
    tag: TAG,
    action: 'supervision.act',
    body: MATTER_OPEN[kind] as z.ZodType<MatterOpening<MatterKind>>,
    idempotent: true,
    status: 201,
    reply: matterReply,
    handle: async ({ body, caller }) => {
      const by = caller;
      const { matter_id } = await matters.open(kind, body, by);
      return matterView(await matters.show(matter_id, by), by.role);
    },
  });
}

function actRoutes(kind: MatterKind, matters: MatterService): Route[] {
  const { words, clause } = MATTER_KINDS[kind];
  return Object.entries(MATTER_ACTS[kind] as Record<string, MatterAct>).map(([action, rule]) =>
    route({
      method: 'post',
      path: `/supervision/${kebab(kind)}/:matterId/${kebab(action)}`,
      summary: `${words}（${clause}）：${rule.words}`,
      tag: TAG,
      action: 'supervision.act',
      params: matterParams,
      body: rule.input,
      reply: matterReply,
      handle: async ({ params, body, caller }) => {
        const by = caller;
        await matters.act(kind, action, params.matterId, body, by);
        return matterView(await matters.show(params.matterId, by), by.role);
      },
    }),
  );
}

function ticketRoute({ reading, timers, letters, matters }: SupervisionRouteDeps): Route {
  return route({
    method: 'get',
    path: '/tickets/:ticketId/supervision',
    summary: '一张工单的督办：将到与已到的层级、督办函、专项等',
    tag: TAG,
    action: 'supervision.view',
    params: z.object({ ticketId: id }),
    reply: z.object({
      rungs: z.array(rungReply),
      letters: z.array(letterReply),
      matters: z.array(matterSummary),
    }),
    handle: async ({ params: { ticketId }, caller }) => {
      const by = caller;
      await reading.find(ticketId, by);
      const whole = { limit: 100 };
      const [rows, sent, raised] = await Promise.all([
        timers.ofTicket(ticketId),
        letters.list({ ticketId }, whole, by),
        matters.list({ ticketId }, whole, by),
      ]);
      const own = by.role === 'unit' ? rows.filter(({ unit_id }) => unit_id === by.unitId) : rows;
      return {
        rungs: rungViews(own),
        letters: sent.items.map((row) => letterView(row, by.role)),
        matters: raised.items.map((row) => matterSummaryView(row, by.role)),
      };
    },
  });
}

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace('system13710', '13710');
