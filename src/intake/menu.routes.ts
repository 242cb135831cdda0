import { z } from 'zod';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import { route, type Route } from '../platform/http-route';
import type { MenuStore } from './menu.store';

const menu = z
  .array(
    z.strictObject({
      digit: z.string().regex(/^[0-9*#]$/),
      queue: z.string().regex(/^[a-z0-9-]{1,40}$/),
      words: z.string().trim().min(1).max(60),
    }),
  )
  .max(12)
  .refine(
    (choices) => new Set(choices.map(({ digit }) => digit)).size === choices.length,
    '同一按键不能出现两次',
  );
const params = z.object({ lineId: z.string().max(80) });

/**
 * The digit menu of a line: data, played only where INTAKE_MENU is on (GB/T 33358 discourages menus). Its words are the
 * recording `menu-<line>`; without that the call goes straight to its queue.
 */
export function menuRoutes({
  menus,
  audit,
  lineKnown,
  queueKnown,
}: {
  menus: MenuStore;
  audit: Pick<AuditStore, 'append'>;
  lineKnown(lineId: string): boolean;
  queueKnown(queue: string): boolean;
}): Route[] {
  const known = (lineId: string): string => {
    if (!lineKnown(lineId)) throw new HotlineError('not-found', '没有这条热线');
    return lineId;
  };
  return [
    route({
      method: 'get',
      path: '/lines/:lineId/menu',
      tag: '热线整合',
      summary: '热线的按键菜单（默认不启用）',
      action: 'line.view',
      params,
      reply: z.object({ menu }),
      handle: async ({ params: { lineId } }) => ({ menu: menus.menuOf(known(lineId)) }),
    }),
    route({
      method: 'put',
      path: '/lines/:lineId/menu',
      tag: '热线整合',
      summary: '设置热线的按键菜单（录音 menu-<热线编号>）；空列表即取消',
      action: 'line.edit',
      params,
      body: z.strictObject({ menu }),
      reply: z.object({ menu }),
      handle: async ({ params: { lineId }, body, caller }) => {
        const { personId: who, address } = caller;
        const unknown = body.menu.find(({ queue }) => !queueKnown(queue));
        if (unknown) throw new HotlineError('invalid-input', `没有这个队列：${unknown.queue}`);
        await menus.replace(known(lineId), body.menu, (within, before) =>
          audit.append(
            {
              who,
              address,
              action: 'line.menu',
              subject: `line:${lineId}`,
              facts: { before, after: body.menu },
            },
            within,
          ),
        );
        return { menu: menus.menuOf(lineId) };
      },
    }),
  ];
}
