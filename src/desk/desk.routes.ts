import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type Caller, type Route } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import { seatView } from '../seats/seat-view';
import type { SeatService, Sitter } from '../seats/seat.service';
import type { PhoneKind } from '../telephony/call-control';

interface Deps {
  seats: SeatService;
  /** The agent as the directory knows him; null when he has no phone account. */
  sitter(personId: string): Sitter | null;
  /** Refuses on a service that does not command the switch. */
  requireCommand(): void;
  /** Domain of the phones' SIP addresses. */
  phoneDomain: string;
}

const TAG = '坐席';
const phone = z.object({ account: z.string(), secret: z.string(), domain: z.string(), wsPath: z.string() });
const seatReply = z.object({ seat: seatView });

/** What an agent does at the desk: take and leave the seat, ready and not ready. */
export function deskRoutes({ seats, sitter, requireCommand, phoneDomain }: Deps): Route[] {
  const phoneOf = (seatId: string) => {
    const phone = seats.phoneOf(seatId);
    return phone
      ? { account: phone.account, secret: phone.secret, domain: phoneDomain, wsPath: '/phone' }
      : null;
  };
  const mine = (caller: Caller | null): string => caller?.personId ?? '';
  const seatMove = (path: string, summary: string, move: (seatId: string) => Promise<Seat>) =>
    route({
      method: 'post',
      path,
      tag: TAG,
      summary,
      action: 'seat.use',
      reply: seatReply,
      handle: async ({ caller }) => ({ seat: await move(mine(caller)) }),
    });
  return [
    route({
      method: 'post',
      path: '/desk/seat',
      tag: TAG,
      summary: '签入坐席，返回话机注册所需的账号',
      action: 'seat.use',
      body: z.strictObject({ phone: z.enum(['browser', 'sip']).default('browser') }),
      reply: seatReply.extend({ phone: phone.nullable() }),
      handle: async ({ body, caller }) => {
        requireCommand();
        const person = sitter(mine(caller));
        if (!person) throw new HotlineError('wrong-state', '您没有分配话机号码，请联系管理员');
        const seat = await seats.signIn(person, body.phone as PhoneKind);
        return { seat, phone: phoneOf(seat.seatId) };
      },
    }),
    route({
      method: 'get',
      path: '/desk/seat',
      tag: TAG,
      summary: '坐席当前状态及其话机',
      action: 'seat.use',
      reply: z.object({ seat: seatView.nullable(), phone: phone.nullable() }),
      handle: async ({ caller }) => ({ seat: seats.seat(mine(caller)), phone: phoneOf(mine(caller)) }),
    }),
    route({
      method: 'delete',
      path: '/desk/seat',
      tag: TAG,
      summary: '签出坐席',
      action: 'seat.use',
      status: 204,
      handle: async ({ caller }) => seats.signOut(mine(caller)),
    }),
    route({
      method: 'post',
      path: '/desk/seat/not-ready',
      tag: TAG,
      summary: '示忙并说明原因；通话中则在通话后生效',
      action: 'seat.use',
      body: z.strictObject({ reason: z.enum(['rest', 'meal', 'meeting', 'training', 'paperwork']) }),
      reply: seatReply,
      handle: async ({ body, caller }) => ({ seat: await seats.notReady(mine(caller), body.reason) }),
    }),
    seatMove('/desk/seat/ready', '示闲', (seatId) => seats.ready(seatId)),
    seatMove('/desk/seat/wrap-up-done', '结束话后整理', (seatId) => seats.wrapUpDone(seatId)),
  ];
}
