import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { deliveryView, webhookChange, webhookInput, webhookView } from './webhook';
import type { Webhooks } from './webhook.service';

const about = { tag: '事件推送', action: 'webhook.manage' } as const;
const params = z.object({ webhookId: z.uuid() });
const withSecret = webhookView.extend({ secret: z.string().describe('签名密钥，只在此处给出一次') });

/** Webhooks over HTTP, for administrators. */
export function webhookRoutes({ webhooks }: { webhooks: Webhooks }): Route[] {
  return [...subscriptions(webhooks), ...deliveries(webhooks)];
}

function subscriptions(webhooks: Webhooks): Route[] {
  return [
    route({
      ...about,
      method: 'get',
      path: '/webhooks',
      summary: '推送订阅',
      reply: z.object({ items: z.array(webhookView) }),
      handle: async () => ({ items: await webhooks.all() }),
    }),
    route({
      ...about,
      method: 'post',
      path: '/webhooks',
      summary: '新增推送订阅',
      body: webhookInput,
      status: 201,
      reply: withSecret,
      handle: ({ body, caller }) => webhooks.create(body, caller),
    }),
    route({
      ...about,
      method: 'patch',
      path: '/webhooks/:webhookId',
      summary: '修改、停用或启用推送订阅',
      params,
      body: webhookChange,
      reply: webhookView,
      handle: ({ params: { webhookId }, body, caller }) => webhooks.change(webhookId, body, caller),
    }),
    route({
      ...about,
      method: 'post',
      path: '/webhooks/:webhookId/secret',
      summary: '更换签名密钥',
      params,
      body: z.strictObject({ version: z.int().min(1) }),
      reply: withSecret,
      handle: ({ params: { webhookId }, body, caller }) =>
        webhooks.newSecret(webhookId, body.version, caller),
    }),
    route({
      ...about,
      method: 'delete',
      path: '/webhooks/:webhookId',
      summary: '删除推送订阅及其投递记录',
      params,
      handle: ({ params: { webhookId }, caller }) => webhooks.remove(webhookId, caller),
    }),
  ];
}

function deliveries(webhooks: Webhooks): Route[] {
  return [
    route({
      ...about,
      method: 'get',
      path: '/webhooks/:webhookId/deliveries',
      summary: '投递记录，最新在前',
      params,
      query: z.object({
        state: z.enum(['waiting', 'delivered', 'failed']).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: z.object({ items: z.array(deliveryView) }),
      handle: async ({ params: { webhookId }, query }) => ({
        items: await webhooks.deliveries(webhookId, query),
      }),
    }),
    route({
      ...about,
      method: 'post',
      path: '/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
      summary: '重新投递',
      params: params.extend({ deliveryId: z.uuid() }),
      handle: ({ params: { webhookId, deliveryId }, caller }) =>
        webhooks.again(webhookId, deliveryId, caller),
    }),
  ];
}
