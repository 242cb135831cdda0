import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { duplicateWeights } from './duplicate';
import type { DuplicateService } from './duplicate.service';
import { TICKET_STATES, ticketInput, type TicketState } from './ticket';

const TAG = '查重并单';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);

const draft = z.strictObject({
  ...ticketInput.pick({
    callId: true,
    contactNumber: true,
    categoryCode: true,
    areaCode: true,
    township: true,
    address: true,
    point: true,
  }).shape,
  title: z.string().trim().max(100).default(''),
  content: z.string().trim().max(8000).default(''),
});

const duplicatesReply = z.object({
  items: z.array(
    z.object({
      ticketId: z.string(),
      number: z.string(),
      title: z.string(),
      state: z.enum(Object.keys(TICKET_STATES) as [TicketState, ...TicketState[]]),
      unitName: z.string().nullable(),
      openedAt: z.iso.datetime(),
      score: z.int(),
      reasons: z.array(z.string()),
      open: z.boolean().describe('可并入：尚未办结'),
    }),
  ),
  group: z
    .object({ tickets: z.int(), citizens: z.int(), words: z.string() })
    .nullable()
    .describe('疑似群体诉求'),
});
const weightsReply = z.object({ version: z.int(), weights: duplicateWeights });

/** Proposed duplicates of a work order and of a draft (R1), and the weights they are judged by. */
export function duplicateRoutes({ duplicates }: { duplicates: DuplicateService }): Route[] {
  return [
    route({
      method: 'get',
      path: '/tickets/:ticketId/duplicates',
      summary: '可能重复的工单及理由（R1）',
      tag: TAG,
      action: 'ticket.dispatch',
      params: z.object({ ticketId: id }),
      reply: duplicatesReply,
      handle: ({ params }) => duplicates.ofTicket(params.ticketId),
    }),
    route({
      method: 'post',
      path: '/ticket-duplicates',
      summary: '受理前查重：按已填写的内容（R1）',
      tag: TAG,
      action: 'ticket.open',
      body: draft,
      reply: duplicatesReply,
      handle: ({ body }) => duplicates.ofDraft(body),
    }),
    route({
      method: 'get',
      path: '/duplicate-weights',
      summary: '查重权重',
      tag: TAG,
      action: 'catalogue.view',
      reply: weightsReply,
      handle: () => duplicates.weights(),
    }),
    route({
      method: 'put',
      path: '/duplicate-weights',
      summary: '修改查重权重（记入审计）',
      tag: TAG,
      action: 'catalogue.edit',
      body: weightsReply.extend({ version: z.int().min(0) }),
      reply: weightsReply,
      handle: ({ body, caller }) => duplicates.setWeights(body.version, body.weights, caller),
    }),
  ];
}
