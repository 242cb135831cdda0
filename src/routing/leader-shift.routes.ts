import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { leaderShiftInput } from './leader-shift';
import type { LeaderShifts } from './leader-shift.service';

const TAG = '领导接听';
const params = z.object({ shiftId: z.string().max(60) });
const view = leaderShiftInput.safeExtend({ shiftId: z.string(), version: z.int() });

/** 领导接听日: the leaders' shifts at the phone. */
export function leaderShiftRoutes({
  shifts,
  choices,
}: {
  shifts: LeaderShifts;
  /** Who may sit at a phone, and the queues, for the form. */
  choices(): { people: { personId: string; name: string }[]; queues: { queue: string; name: string }[] };
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/leader-shifts',
      tag: TAG,
      summary: '领导接听安排，按开始时间；含最近三十天已结束的',
      action: 'queue.view',
      reply: z.object({ shifts: z.array(view) }),
      handle: async () => ({ shifts: [...shifts.all()] }),
    }),
    route({
      method: 'get',
      path: '/leader-shift-choices',
      tag: TAG,
      summary: '可安排的人员与队列',
      action: 'leader-shift.edit',
      reply: z.object({
        people: z.array(z.object({ personId: z.string(), name: z.string() })),
        queues: z.array(z.object({ queue: z.string(), name: z.string() })),
      }),
      handle: async () => choices(),
    }),
    route({
      method: 'post',
      path: '/leader-shifts',
      tag: TAG,
      summary: '新建领导接听安排',
      action: 'leader-shift.edit',
      body: leaderShiftInput,
      idempotent: true,
      status: 201,
      reply: view,
      handle: async ({ body, caller }) => shifts.create(body, caller),
    }),
    route({
      method: 'put',
      path: '/leader-shifts/:shiftId',
      tag: TAG,
      summary: '修改领导接听安排',
      action: 'leader-shift.edit',
      params,
      body: z.strictObject({ version: z.int().min(1), input: leaderShiftInput }),
      reply: view,
      handle: async ({ params: { shiftId }, body, caller }) =>
        shifts.change(shiftId, body.version, body.input, caller),
    }),
    route({
      method: 'delete',
      path: '/leader-shifts/:shiftId',
      tag: TAG,
      summary: '取消领导接听安排，立即生效',
      action: 'leader-shift.edit',
      params,
      query: z.object({ version: z.coerce.number().int().min(1) }),
      status: 204,
      handle: async ({ params: { shiftId }, query, caller }) => shifts.cancel(shiftId, query.version, caller),
    }),
  ];
}
