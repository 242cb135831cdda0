import { z } from 'zod';
import { route, type Caller, type Route } from '../platform/http-route';
import type { SeatSupervision } from './supervision.service';

interface Deps {
  supervision: SeatSupervision;
  /** Refuses on a service that does not command the switch. */
  requireCommand(): void;
}

const params = z.object({ seatId: z.string().min(1).max(80) });

/** A supervisor sets another seat's state; each act is in the audit trail and told to the agent. */
export function supervisionRoutes({ supervision, requireCommand }: Deps): Route[] {
  const me = (caller: Caller): Caller => {
    requireCommand();
    return caller;
  };
  const act = { method: 'post', tag: '坐席监控', action: 'seat.supervise', status: 204, params } as const;
  return [
    route({
      ...act,
      path: '/seats/:seatId/ready',
      summary: '将坐席示闲；通话中则取消通话后的示忙或签出',
      handle: ({ params: { seatId }, caller }) => supervision.ready(me(caller), seatId),
    }),
    route({
      ...act,
      path: '/seats/:seatId/not-ready',
      summary: '将坐席示忙；通话中则在通话后生效',
      body: z.strictObject({ reason: z.enum(['rest', 'meal', 'meeting', 'training', 'paperwork']) }),
      handle: ({ params: { seatId }, body, caller }) => supervision.notReady(me(caller), seatId, body.reason),
    }),
    route({
      ...act,
      path: '/seats/:seatId/wrap-up-done',
      summary: '结束坐席的话后整理',
      handle: ({ params: { seatId }, caller }) => supervision.endWrapUp(me(caller), seatId),
    }),
    route({
      ...act,
      path: '/seats/:seatId/sign-out',
      summary: '将坐席签出；通话中须以 afterCall 确认，在通话结束后签出',
      body: z.strictObject({ afterCall: z.boolean().default(false) }),
      handle: ({ params: { seatId }, body, caller }) =>
        supervision.signOut(me(caller), seatId, body.afterCall),
    }),
    route({
      ...act,
      path: '/seats/:seatId/free',
      summary: '解除卡死：坐席显示振铃或通话而没有对应的通话；通话真实存在时拒绝',
      handle: ({ params: { seatId }, caller }) => supervision.free(me(caller), seatId),
    }),
  ];
}
