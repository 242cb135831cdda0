import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import type { CitizenQuery } from './citizen-query.service';
import { ticketText } from './ticket';

const TAG = '诉求人查询';
const pair = {
  number: z.string().trim().min(1).max(40),
  queryCode: z.string().trim().min(1).max(20),
};
const shown = z.object({
  number: z.string(),
  title: z.string(),
  state: z.string(),
  unitName: z.string().nullable(),
  openedAt: z.iso.datetime(),
  dueAt: z.iso.datetime().nullable(),
  answer: z.string().nullable(),
  guidedTo: z.string().nullable(),
  urges: z.int(),
  open: z.boolean(),
});

/** For citizens, without an account: the work order's number and its query code are the key (T1). */
export function citizenQueryRoutes({ query }: { query: CitizenQuery }): Route[] {
  return [
    route({
      method: 'post',
      path: '/citizen/ticket',
      summary: '凭工单编号和查询码查询办理情况',
      tag: TAG,
      action: 'public',
      body: z.strictObject(pair),
      reply: shown,
      handle: ({ body, client }) => query.show(body.number, body.queryCode, client?.address ?? ''),
    }),
    ...(['urge', 'supplement'] as const).map((kind) =>
      route({
        method: 'post',
        path: `/citizen/${kind}`,
        summary: kind === 'urge' ? '催办' : '补充情况',
        tag: TAG,
        action: 'public',
        body: z.strictObject({ ...pair, words: ticketText(1000).min(kind === 'urge' ? 0 : 1) }),
        reply: shown,
        handle: ({ body, client }) =>
          query.tell(kind, body.words, {
            number: body.number,
            code: body.queryCode,
            address: client?.address ?? '',
          }),
      }),
    ),
  ];
}
