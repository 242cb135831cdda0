import { z } from 'zod';
import { maskNumber } from '../lines/phone-number';
import { route, type Caller, type Route } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import { seatsOf, type Call } from './call';
import type { Monitoring } from './monitoring';
import {
  listenMode,
  monitoredSeat,
  monitoringView,
  type MonitoredSeat,
  type MonitoringView,
} from './monitoring-view';
import type { MonitoringService } from './monitoring.service';

interface Deps {
  monitoring: MonitoringService;
  seats(): Seat[];
  calls(): Call[];
  nameOf(seatId: string): string | null;
  /** Refuses on a service that does not command the switch. */
  requireCommand(): void;
}

const TAG = '坐席监控';
/** 监听, 耳语, 强插, 接管: what a supervisor sees and does. */
export function monitoringRoutes(deps: Deps): Route[] {
  const { monitoring, requireCommand } = deps;
  const me = (caller: Caller): Caller => {
    requireCommand();
    return caller;
  };
  const act = { method: 'post', tag: TAG, action: 'call.monitor', status: 204 } as const;
  return [
    route({
      method: 'get',
      path: '/monitoring',
      tag: TAG,
      summary: '坐席及其通话，以及本人正在进行的监听',
      action: 'call.monitor',
      reply: z.object({ seats: z.array(monitoredSeat), mine: monitoringView.nullable() }),
      handle: async ({ caller }) => {
        const mine = monitoring.of(me(caller).personId);
        return {
          seats: deps.seats().map((seat) => seen(seat, deps.calls(), monitoring.running())),
          mine: mine && shown(mine, deps.nameOf(mine.seatId) ?? ''),
        };
      },
    }),
    route({
      ...act,
      path: '/monitoring',
      summary: '监听或耳语一个通话中的坐席：本人话机振铃，接起后开始（记入审计）',
      status: 201,
      body: z.strictObject({
        seatId: z.string().min(1).max(80),
        mode: listenMode.default('listen'),
        reason: z.string().trim().max(200).default(''),
      }),
      reply: z.object({ mine: monitoringView }),
      handle: async ({ body, caller }) => {
        const mine = await monitoring.start(me(caller), body);
        return { mine: shown(mine, deps.nameOf(mine.seatId) ?? '') };
      },
    }),
    route({
      ...act,
      path: '/monitoring/mode',
      summary: '在监听与耳语之间切换（记入审计）',
      body: z.strictObject({ mode: listenMode }),
      handle: ({ body, caller }) => monitoring.move(me(caller), body.mode),
    }),
    route({
      ...act,
      path: '/monitoring/barge',
      summary: '强插：加入通话，各方互相听见（记入审计与通话记录）',
      handle: ({ caller }) => monitoring.move(me(caller), 'barge'),
    }),
    route({
      ...act,
      path: '/monitoring/take-over',
      summary: '接管：坐席退出，本人主持通话（记入审计与通话记录）',
      handle: ({ caller }) => monitoring.move(me(caller), 'takeOver'),
    }),
    route({
      method: 'delete',
      path: '/monitoring',
      tag: TAG,
      action: 'call.monitor',
      status: 204,
      summary: '结束监听或退出强插',
      handle: async ({ caller }) => monitoring.stop(me(caller).personId),
    }),
  ];
}

function shown(of: Monitoring, seatName: string): MonitoringView {
  const { monitoringId, seatId, callId, mode: wanted, stage: now, reason, askedAt, spans } = of;
  const since = spans.at(-1)?.from ?? askedAt;
  return { monitoringId, seatId, seatName, callId, mode: wanted, stage: now, reason, askedAt, since };
}

function seen({ token: _token, ...seat }: Seat, calls: Call[], running: Monitoring[]): MonitoredSeat {
  const call = calls.find((each) => seatsOf(each).some(({ seatId }) => seatId === seat.seatId));
  return {
    ...seat,
    call: call
      ? {
          callId: call.callId,
          lineName: call.line.lineName,
          caller: maskNumber(call.callerHidden ? null : call.callerNumber),
          direction: call.direction,
          held: call.talk?.held ?? false,
          owner: call.talk?.seatId === seat.seatId,
          parties: call.parties.length,
        }
      : null,
    monitoredBy: running
      .filter((each) => each.seatId === seat.seatId)
      .map(({ supervisorId, supervisorName: name, stage: now }) => ({ supervisorId, name, stage: now })),
  };
}
