import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { TICKET_STATES, type TicketState } from '../tickets/ticket';
import { CALL_OUTCOMES } from './call-view';
import type { ParallelCalls } from './parallel-calls.service';

const TAG = '并行接听';
const ticket = z.object({
  number: z.string(),
  title: z.string(),
  state: z.enum(Object.keys(TICKET_STATES) as [TicketState, ...TicketState[]]),
});
const sharedCall = z.object({
  callId: z.string(),
  at: z.number(),
  lineName: z.string(),
  masked: z.string(),
  via: z.enum(['line', 'transfer', 'overflow', 'threeWay', 'consult', 'exchange']),
  reached: z.boolean(),
  outcome: z.enum(CALL_OUTCOMES),
  talkSeconds: z.int(),
  tickets: z.array(ticket),
});
const citizen = z.object({
  name: z.string().nullable(),
  lastCalls: z.array(z.object({ at: z.number(), lineName: z.string(), answered: z.boolean() })),
  openTickets: z.array(ticket),
});

/** What the people of a parallel line share with the hotline (M3). */
export function parallelCallRoutes({ shared }: { shared: ParallelCalls }): Route[] {
  return [
    route({
      method: 'get',
      path: '/parallel/calls',
      tag: TAG,
      summary: '本单位并行接听热线的来电及转来的通话，近三十天，最新在前',
      action: 'parallel.view',
      query: z.object({
        after: z
          .string()
          .regex(/^\d{10,16}_[\w-]{1,80}$/)
          .optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      reply: z.object({ calls: z.array(sharedCall), next: z.string().nullable() }),
      handle: async ({ query, caller }) => shared.list(caller.unitId, query),
    }),
    route({
      method: 'get',
      path: '/parallel/calls/:callId',
      tag: TAG,
      summary: '一个通话、其工单，以及转来通话的诉求人情况（记入审计）',
      action: 'parallel.view',
      params: z.object({ callId: z.string().max(80) }),
      reply: z.object({ call: sharedCall, citizen: citizen.nullable() }),
      handle: async ({ params, caller }) => shared.show(params.callId, caller),
    }),
  ];
}
