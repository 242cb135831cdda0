import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import type { MessageTemplates } from './message-templates.service';
import { templateCode } from './outgoing-view';

const TAG = '消息';
const clean = /^[^\u0000]*$/;
const params = z.object({ code: templateCode });
const words = z.string().max(1000).regex(clean);
const preview = z.object({
  text: z.string(),
  characters: z.int().describe('含签名'),
  segments: z.int().describe('按几条短信计费'),
});
const templateView = z.object({
  code: templateCode,
  version: z.int(),
  title: z.string(),
  audience: z.enum(['citizen', 'unit']),
  urgent: z.boolean().describe('免打扰时段内也发送'),
  words: z.string(),
  original: z.string().describe('系统自带的内容'),
  providerCode: z.string().describe('短信服务商的模板编号'),
  enabled: z.boolean(),
  params: z.array(
    z.object({ name: z.string(), meaning: z.string(), example: z.string(), required: z.boolean() }),
  ),
  preview,
});

/** The words of messages: administrators change, preview and try them. */
export function messageTemplateRoutes(templates: MessageTemplates): Route[] {
  return [
    route({
      method: 'get',
      path: '/message-templates',
      tag: TAG,
      summary: '消息模板及其参数',
      action: 'outgoing.view',
      reply: z.object({ templates: z.array(templateView) }),
      handle: async () => ({ templates: await templates.list() }),
    }),
    route({
      method: 'put',
      path: '/message-templates/:code',
      tag: TAG,
      summary: '修改模板内容、服务商模板编号或停用（前后内容记入审计）',
      action: 'message-template.edit',
      params,
      body: z.strictObject({
        version: z.int().min(1),
        words,
        providerCode: z
          .string()
          .trim()
          .regex(/^[A-Za-z0-9_-]{0,40}$/, '模板编号只含字母、数字、_ 和 -'),
        enabled: z.boolean(),
      }),
      reply: templateView,
      handle: ({ params: { code }, body, caller }) => templates.change(code, body, caller),
    }),
    route({
      method: 'post',
      path: '/message-templates/:code/preview',
      tag: TAG,
      summary: '预览：以示例参数代入，并计算短信条数',
      action: 'message-template.edit',
      params,
      body: z.strictObject({ words }),
      reply: preview,
      handle: async ({ params: { code }, body }) => templates.preview(code, body.words),
    }),
    route({
      method: 'post',
      path: '/message-templates/:code/test',
      tag: TAG,
      summary: '以示例参数发送一条测试消息（记入审计）',
      action: 'message-template.edit',
      params,
      idempotent: true,
      body: z.discriminatedUnion('channel', [
        z.strictObject({ channel: z.literal('sms'), number: z.string().max(40).regex(clean) }),
        z.strictObject({ channel: z.literal('email'), address: z.string().max(200).regex(clean) }),
      ]),
      reply: z.object({ messageId: z.string().nullable() }),
      handle: ({ params: { code }, body, caller, idempotencyKey }) =>
        templates.test(code, body, caller, idempotencyKey ?? null),
    }),
  ];
}
