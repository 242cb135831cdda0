import { z } from 'zod';
import type { DialVerdict } from '../calls/dial-rules';
import { HotlineError } from '../errors';
import type { Role } from '../permissions';
import { route, type Caller, type Route } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import { seatView } from '../seats/seat-view';
import type { SeatService, Sitter } from '../seats/seat.service';

interface Deps {
  seats: SeatService;
  /** The agent as the directory knows him; null when he has no phone account. */
  sitter(personId: string): Sitter | null;
  /** Whether this role may have this number dialled. */
  decideDial(role: Role, number: string): DialVerdict;
  /** Refuses on a service that does not command the switch. */
  requireCommand(): void;
  /** Domain of the phones' SIP addresses. */
  phoneDomain: string;
}

const TAG = '坐席';
const phone = z.object({ account: z.string(), secret: z.string(), domain: z.string(), wsPath: z.string() });
const seatReply = z.object({ seat: seatView });

const signIn = z
  .strictObject({
    phone: z.enum(['browser', 'sip', 'remote']).default('browser'),
    number: z.string().trim().min(1).max(60).optional(),
  })
  .refine(({ phone, number }) => (phone === 'remote') === (number !== undefined), {
    message: '普通电话须填写号码，其他话机不填号码',
    path: ['number'],
  });

/** What an agent does at the desk: take and leave the seat, ready and not ready. */
export function deskRoutes({ seats, sitter, decideDial, requireCommand, phoneDomain }: Deps): Route[] {
  const phoneOf = (seatId: string) => {
    const phone = seats.phoneOf(seatId);
    return phone
      ? { account: phone.account, secret: phone.secret, domain: phoneDomain, wsPath: '/phone' }
      : null;
  };
  /** The number of an ordinary telephone, as it is dialled. */
  const telephone = (role: Role, typed: string): { number: string } => {
    const verdict = decideDial(role, typed);
    if (verdict.kind === 'emergency') throw new HotlineError('not-allowed', '紧急求助电话不能作为坐席电话');
    if (!verdict.allowed || verdict.dial === null) throw new HotlineError('not-allowed', verdict.words);
    return { number: verdict.dial };
  };
  const mine = (caller: Caller): string => caller.personId;
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
      summary: '签入坐席，返回话机注册所需的账号；普通电话（remote）须给号码，振铃后按1接听',
      action: 'seat.use',
      body: signIn,
      reply: seatReply.extend({ phone: phone.nullable() }),
      handle: async ({ body, caller }) => {
        requireCommand();
        const person = sitter(mine(caller));
        if (!person) throw new HotlineError('wrong-state', '您没有分配话机号码，请联系管理员');
        const at = body.phone === 'remote' ? telephone(caller.role, body.number ?? '') : body.phone;
        const seat = await seats.signIn(person, at);
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
