import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { readReceipts, receiptsBody } from './aliyun-sms';
import type { OutgoingDesk } from './outgoing-desk.service';
import { channelName, messageView, stateName, templateCode } from './outgoing-view';

const TAG = '消息';
const clean = /^[^\u0000]*$/;
const id = z.string().min(1).max(80).regex(clean);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const params = z.object({ messageId: id });
const filter = z.object({
  state: stateName.optional(),
  channel: channelName.optional(),
  template: templateCode.optional(),
  ticketId: id.optional(),
  unitId: id.optional(),
  address: z.string().trim().min(1).max(120).regex(clean).optional().describe('号码或邮箱，写法不限'),
  from: instant.optional(),
  to: instant.optional(),
});
const page = filter.extend({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Messages to citizens and units: the list, sending again, cancelling, and the provider's receipts. */
export function outgoingRoutes(desk: OutgoingDesk): Route[] {
  return [...readRoutes(desk), ...actRoutes(desk), receiptRoute(desk)];
}

function readRoutes(desk: OutgoingDesk): Route[] {
  return [
    route({
      method: 'get',
      path: '/outgoing-messages',
      tag: TAG,
      summary: '发出的消息（筛选），最新在前；号码隐藏中间几位',
      action: 'outgoing.view',
      query: page,
      reply: z.object({ items: z.array(messageView), nextCursor: z.string().nullable() }),
      handle: ({ query: { cursor, limit, ...query }, caller }) => desk.list(query, { cursor, limit }, caller),
    }),
    route({
      method: 'get',
      path: '/outgoing-messages/export',
      tag: TAG,
      summary: '导出消息记录（号码隐藏中间几位，记入审计）',
      action: 'outgoing.view',
      query: filter.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: ({ query: { format, ...query }, caller }) => desk.exportList(query, format, caller),
    }),
  ];
}

function actRoutes(desk: OutgoingDesk): Route[] {
  return [
    route({
      method: 'post',
      path: '/outgoing-messages/:messageId/retry',
      tag: TAG,
      summary: '重发失败的消息（流水号不变，记入审计）',
      action: 'outgoing.manage',
      params,
      reply: messageView,
      handle: ({ params: { messageId }, caller }) => desk.act(messageId, 'retry', '', caller),
    }),
    route({
      method: 'post',
      path: '/outgoing-messages/:messageId/cancel',
      tag: TAG,
      summary: '取消待发送的消息，须说明原因（记入审计）',
      action: 'outgoing.manage',
      params,
      body: z.strictObject({
        reason: z.string().trim().min(2, '请填写取消原因').max(200).regex(clean),
      }),
      reply: messageView,
      handle: ({ params: { messageId }, body, caller }) => desk.act(messageId, 'cancel', body.reason, caller),
    }),
  ];
}

function receiptRoute(desk: OutgoingDesk): Route {
  return route({
    method: 'post',
    path: '/sms-receipts',
    tag: TAG,
    summary: '短信服务商推送送达回执（以地址中的密钥核验）',
    action: 'public',
    query: z.object({ secret: z.string().max(200).default('') }),
    body: receiptsBody,
    reply: z.object({ code: z.int(), msg: z.string() }),
    handle: async ({ query, body }) => {
      await desk.receive(query.secret, readReceipts(body));
      return { code: 0, msg: '接收成功' };
    },
  });
}
