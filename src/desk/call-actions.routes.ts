import { z } from 'zod';
import type { AgentWish } from '../calls/call.service';
import type { OutwardCalls } from '../calls/outward.service';
import { route, type Route } from '../platform/http-route';

interface Deps {
  calls: { command(callId: string, seatId: string, wish: AgentWish): void };
  outward: OutwardCalls;
  /** Refuses on a service that does not command the switch. */
  requireCommand(): void;
}

const TAG = '通话';
const callParams = z.object({ callId: z.string().max(80) });
const id = z.string().min(1).max(80);
const typedNumber = z.string().trim().min(1).max(60);
const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('seat'), seatId: id }),
  z.strictObject({ kind: z.literal('queue'), queue: id }),
  z.strictObject({ kind: z.literal('line'), lineId: id }),
  z.strictObject({ kind: z.literal('contact'), contactId: id }),
  z.strictObject({
    kind: z.literal('number'),
    number: typedNumber,
    name: z.string().trim().max(60).default(''),
  }),
  z.strictObject({ kind: z.literal('emergency'), number: z.enum(['110', '119', '120', '122']) }),
]);
const callee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('number'), number: typedNumber }),
  z.strictObject({ kind: z.literal('call'), callId: id }),
  z.strictObject({ kind: z.literal('ticket'), ticketId: id }),
]);

const WISHES = [
  ['hold', 'hold', '保持通话'],
  ['resume', 'resume', '恢复通话：咨询中的一方随之成为三方通话'],
  ['hang-up', 'hangUp', '结束通话：所有人挂断'],
  ['leave', 'leave', '退出通话：其余各方继续（咨询后转接、三方通话后离开）'],
  ['rejoin', 'rejoin', '页面刷新后重新接入：话机重新振铃'],
] as const;

/** What an agent does with the call in hand, and calling out. */
export function callActionRoutes({ calls, outward, requireCommand }: Deps): Route[] {
  const action = {
    method: 'post',
    tag: TAG,
    action: 'call.control',
    status: 204,
    params: callParams,
  } as const;
  return [
    ...WISHES.map(([path, kind, summary]) =>
      route({
        ...action,
        path: `/desk/calls/:callId/${path}`,
        summary,
        handle: async ({ params, caller }) => calls.command(params.callId, caller.personId, { kind }),
      }),
    ),
    route({
      ...action,
      path: '/desk/calls/:callId/mute',
      summary: '静音或取消静音（其他人能否听到坐席）',
      body: z.strictObject({ on: z.boolean() }),
      handle: async ({ params, body, caller }) =>
        calls.command(params.callId, caller.personId, { kind: 'mute', on: body.on }),
    }),
    route({
      ...action,
      path: '/desk/calls/:callId/invite',
      summary: '咨询、三方通话或转接：坐席、队列、并行热线、外线号码、紧急电话',
      body: z.strictObject({
        purpose: z.enum(['consult', 'threeWay', 'transfer']),
        to: target,
        words: z.string().trim().max(200).default(''),
      }),
      handle: async ({ params, body, caller }) => {
        requireCommand();
        await outward.invite(caller, params.callId, body.purpose, body.to, body.words);
      },
    }),
    route({
      ...action,
      path: '/desk/calls/:callId/drop',
      summary: '请出一方，或取消对其的呼叫',
      body: z.strictObject({ legId: id }),
      handle: async ({ params, body, caller }) =>
        calls.command(params.callId, caller.personId, { kind: 'drop', legId: body.legId }),
    }),
    route({
      method: 'post',
      path: '/desk/calls',
      tag: TAG,
      summary: '外呼：先接通本坐席，再拨对方，显示热线号码',
      action: 'call.control',
      body: z.strictObject({ to: callee }),
      reply: z.object({ callId: z.string() }),
      handle: async ({ body, caller }) => {
        requireCommand();
        return { callId: await outward.callOut(caller, body.to) };
      },
    }),
  ];
}
