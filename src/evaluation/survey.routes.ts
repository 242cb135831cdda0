import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { isTicketNumber } from '../tickets/ticket-number';
import { surveyAnswer } from './survey';
import type { Survey } from './survey.service';

const TAG = '公众评价';
/** In the body, never in the path: addresses are written to logs. */
const token = z.string().regex(/^[\w-]{20,100}$/, '链接无效');

/** The public page of the survey (E1): no session; the link's token, or number and query code. */
export function surveyRoutes({ survey }: { survey: Survey }): Route[] {
  return [
    route({
      method: 'post',
      path: '/survey/token',
      summary: '凭工单编号和查询码取得评价链接',
      tag: TAG,
      action: 'public',
      body: z.strictObject({
        number: z.string().trim().refine(isTicketNumber, '工单编号无效'),
        queryCode: z
          .string()
          .trim()
          .toUpperCase()
          .regex(/^[0-9A-Z]{4,12}$/, '查询码无效'),
      }),
      reply: z.object({ token: z.string() }),
      handle: async ({ body, client }) => ({
        token: await survey.tokenFor(body.number, body.queryCode, client?.address ?? ''),
      }),
    }),
    route({
      method: 'post',
      path: '/survey/show',
      summary: '评价页面：工单编号、标题、承办单位和答复',
      tag: TAG,
      action: 'public',
      body: z.strictObject({ token }),
      reply: z.object({
        number: z.string(),
        title: z.string(),
        unitName: z.string().nullable(),
        answer: z.string().nullable(),
        concludedAt: z.iso.datetime().nullable(),
        answered: z.boolean(),
      }),
      handle: ({ body, client }) => survey.show(body.token, client?.address ?? ''),
    }),
    route({
      method: 'post',
      path: '/survey/answer',
      summary: '诉求人评价，一次办结只能评价一次（E1）',
      tag: TAG,
      action: 'public',
      body: surveyAnswer.extend({ token }),
      handle: async ({ body: { token: given, ...answer }, client }) =>
        survey.answer(given, answer, client?.address ?? ''),
    }),
  ];
}
