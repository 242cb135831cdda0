import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { limitChange, timeLimits } from './time-limit-input';
import type { TimeLimitService } from './time-limit.service';

const TAG = '办理期限';
const shown = z.object({ version: z.int(), limits: timeLimits });
const edit = shown.extend({ at: z.iso.datetime(), byName: z.string(), reason: z.string() });

/** The city's time limits (T1–T4): show, change, history. */
export function timeLimitRoutes({ limits }: { limits: TimeLimitService }): Route[] {
  return [
    route({
      method: 'get',
      path: '/time-limits',
      summary: '办理期限、签收与派单时限、暂停计时的规定',
      tag: TAG,
      action: 'calendar.view',
      reply: shown,
      handle: async () => shown.parse(await limits.show()),
    }),
    route({
      method: 'put',
      path: '/time-limits',
      summary: '修改办理期限；对此后派出的工单生效',
      tag: TAG,
      action: 'calendar.edit',
      body: limitChange,
      reply: shown,
      handle: async ({ body, caller }) => {
        return shown.parse(await limits.change(body, caller));
      },
    }),
    route({
      method: 'get',
      path: '/time-limits/history',
      summary: '办理期限的修改记录',
      tag: TAG,
      action: 'calendar.view',
      reply: z.object({ items: z.array(edit) }),
      handle: async () => ({ items: z.array(edit).parse(await limits.history()) }),
    }),
  ];
}
