import { z } from 'zod';
import type { UnitInbox } from '../notifications/unit-inbox.service';
import { route, type Caller, type Route } from '../platform/http-route';
import { PART_STATES, TICKET_STATES, ticketInput, type PartState, type TicketState } from './ticket';
import { ACTION_INPUT, type ActionInput } from './ticket-action-input';
import { ruleOf, TICKET_ACTIONS, type TicketAction } from './ticket-lifecycle';
import { TICKET_SORTS, type TicketFilter } from './ticket-filter';
import { MOST_COUNTED, type TicketLists } from './ticket-lists.service';
import {
  categoriesReply,
  inboxReply,
  numbersReply,
  stateCountsReply,
  ticketListReply,
  ticketReply,
  unreadReply,
} from './ticket-reply';
import type { TicketReading } from './ticket-reading.service';
import type { TicketService } from './ticket.service';

const TAG = '工单';
const clean = /^[^\u0000]*$/;
const id = z.string().min(1).max(80).regex(clean);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const version = z.int().min(1);
const ticketParams = z.object({ ticketId: id });

const truth = z.enum(['true', 'false']).transform((text) => text === 'true');

const ticketState = z.enum(Object.keys(TICKET_STATES) as [TicketState, ...TicketState[]]);
const filters = {
  state: z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(ticketState).min(1))
    .describe('一个或多个状态，以逗号分隔')
    .optional(),
  partState: z.enum(Object.keys(PART_STATES) as [PartState, ...PartState[]]).optional(),
  channel: ticketInput.shape.channel.unwrap().optional(),
  level: ticketInput.shape.level.unwrap().optional(),
  hardCase: truth.optional(),
  pending: truth.describe('有待审核的申请').optional(),
  excluded: truth.describe('已剔除考核').optional(),
  overdue: truth.describe('已超期而承办单位尚未答复').optional(),
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']).optional(),
  urgency: z.enum(['ordinary', 'urgent']).optional(),
  categoryCode: id.describe('类别，含其下级').optional(),
  areaCode: id.optional(),
  township: id.optional(),
  unitId: id.describe('主办单位').optional(),
  assignedUnitId: id.describe('当前主办或协办单位').optional(),
  citizenNumber: id.describe('诉求人电话；查找记入审计').optional(),
  callId: id.optional(),
  /** Only those the caller opened. */
  mine: z.enum(['true', 'false']).optional(),
  from: instant.optional(),
  to: instant.optional(),
  dueBefore: instant.optional(),
  text: z
    .string()
    .trim()
    .max(100)
    .regex(clean)
    .describe('全文检索编号、标题、内容、地址、答复；不检索姓名和电话')
    .optional(),
};
const listQuery = z.object({
  ...filters,
  sort: z
    .enum(TICKET_SORTS)
    .default('number')
    .describe('number 新的在前；due 在办的按期限；rank 按与 text 的相关度'),
  cursor: z.string().max(80).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const exportQuery = z.object({ ...filters, format: z.enum(['csv', 'xlsx']).default('xlsx') });
const inboxQuery = z.object({
  unread: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** Work orders over HTTP: open, list, show, every action of the lifecycle, export, categories; and the unit's inbox. */
export function ticketRoutes(deps: {
  tickets: TicketService;
  reading: TicketReading;
  lists: TicketLists;
  inbox: UnitInbox;
}): Route[] {
  return [
    ...readRoutes(deps.reading, deps.lists),
    ...commandRoutes(deps.tickets, deps.reading),
    ...inboxRoutes(deps.inbox),
  ];
}

function readRoutes(reading: TicketReading, lists: TicketLists): Route[] {
  return [
    route({
      method: 'get',
      path: '/tickets',
      summary: '工单列表；承办单位只见本单位的',
      tag: TAG,
      action: 'ticket.view',
      query: listQuery,
      reply: ticketListReply,
      handle: ({ query: { sort, cursor, limit, ...query }, caller }) =>
        lists.list(
          filterOf(query, caller),
          { sort, limit, ...(cursor === undefined ? {} : { cursor }) },
          caller,
        ),
    }),
    route({
      method: 'get',
      path: '/tickets/export',
      summary: '导出工单列表（CSV 或 XLSX），不限张数',
      tag: TAG,
      action: 'ticket.export',
      query: exportQuery,
      reply: 'stream',
      handle: ({ query: { format, ...query }, caller }) =>
        lists.exportList(filterOf(query, caller), format, caller),
    }),
    route({
      method: 'get',
      path: '/tickets/counts',
      summary: `各状态的工单数；超过 ${MOST_COUNTED} 的只说明更多`,
      tag: TAG,
      action: 'ticket.view',
      query: z.object(filters),
      reply: stateCountsReply,
      handle: ({ query, caller }) => lists.counts(filterOf(query, caller), caller),
    }),
    route({
      method: 'get',
      path: '/tickets/:ticketId',
      summary: '一张工单及其办理过程',
      tag: TAG,
      action: 'ticket.view',
      params: ticketParams,
      reply: ticketReply,
      handle: ({ params, caller }) => reading.show(params.ticketId, caller),
    }),
    route({
      method: 'get',
      path: '/ticket-categories',
      summary: '诉求类别树与派单目录',
      tag: TAG,
      action: 'ticket.view',
      reply: categoriesReply,
      handle: () => reading.categories(),
    }),
  ];
}

function commandRoutes(tickets: TicketService, reading: TicketReading): Route[] {
  return [
    route({
      method: 'post',
      path: '/tickets',
      summary: '受理诉求；指明承办单位时同时派单',
      tag: TAG,
      action: 'ticket.open',
      body: ticketInput,
      idempotent: true,
      status: 201,
      reply: ticketReply,
      handle: async ({ body, caller, idempotencyKey }) => {
        const { ticketId } = await tickets.open(body, caller, idempotencyKey ?? null);
        return reading.show(ticketId, caller);
      },
    }),
    ...(Object.keys(TICKET_ACTIONS) as TicketAction[])
      // A follow-up brings its result with it: evaluation/ has that route.
      .filter((action) => action !== 'followUp')
      .map((action) => actionRoute(action, tickets, reading)),
    route({
      method: 'post',
      path: '/tickets/:ticketId/number',
      summary: '查看诉求人完整电话（记入审计）',
      tag: TAG,
      action: 'ticket.reveal-number',
      params: ticketParams,
      reply: numbersReply,
      handle: ({ params, caller }) => reading.revealNumber(params.ticketId, caller),
    }),
  ];
}

/** One route per action of the lifecycle's table, with the body that the action needs. */
function actionRoute(action: TicketAction, tickets: TicketService, reading: TicketReading): Route {
  const { words, clause, permission } = ruleOf(action);
  return route({
    method: 'post',
    path: `/tickets/:ticketId/${kebab(action)}`,
    summary: `${words}（${clause}）`,
    tag: TAG,
    action: permission,
    params: ticketParams,
    body: ACTION_INPUT[action].extend({ version }) as unknown as z.ZodType<
      { version: number } & ActionInput<TicketAction>
    >,
    reply: ticketReply,
    handle: async ({ params, body: { version: seen, ...input }, caller }) => {
      const by = caller;
      await reading.find(params.ticketId, by);
      await tickets.act(action, params.ticketId, seen, input as ActionInput<TicketAction>, by);
      return reading.show(params.ticketId, by);
    },
  });
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function inboxRoutes(inbox: UnitInbox): Route[] {
  return [
    route({
      method: 'get',
      path: '/inbox',
      summary: '本单位收件箱',
      tag: '收件箱',
      action: 'ticket.inbox',
      query: inboxQuery,
      reply: inboxReply,
      handle: ({ query, caller }) => inbox.list(caller, query),
    }),
    route({
      method: 'post',
      path: '/inbox/:noticeId/read',
      summary: '标记为已读',
      tag: '收件箱',
      action: 'ticket.inbox',
      params: z.object({ noticeId: z.string().regex(/^\d{1,18}$/) }),
      reply: unreadReply,
      handle: ({ params, caller }) => inbox.markRead(caller, params.noticeId),
    }),
  ];
}

function filterOf(
  { mine, ...filter }: TicketFilter & { mine?: 'true' | 'false' },
  caller: Caller,
): TicketFilter {
  return mine === 'true' ? { ...filter, openedBy: caller.personId } : filter;
}
