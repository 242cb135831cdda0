import { z } from 'zod';
import type { AuditStore } from '../platform/audit.store';
import { route, type Route } from '../platform/http-route';
import { seatView } from '../seats/seat-view';
import type { Seat } from '../seats/seat';
import { skillFor, type Queue } from './queue';
import type { QueueStore } from './queue.store';
import type { WaitingCall } from './waiting-line';

interface Deps {
  queues: { all(): ReadonlyMap<string, Queue>; put: QueueStore['put'] };
  audit: Pick<AuditStore, 'append'>;
  seats(): Seat[];
  line(): { ordered: WaitingCall[] };
  now(): Date;
}

const skill = z.string().regex(/^[a-z0-9-]{1,40}$/);
const relaxView = z.array(z.object({ afterSeconds: z.int(), skill: z.string() }));
const queueView = z.object({
  queue: z.string(),
  name: z.string(),
  waiting: z.int(),
  longestWaitSeconds: z.int(),
  readySeats: z.int(),
  skill: z.string(),
  relax: relaxView,
});

/** The queues as they are now, and the seats for supervisors. */
export function routingRoutes({ queues, audit, seats, line, now }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/queues',
      tag: '排队',
      summary: '各队列的等待人数、最长等待与空闲坐席',
      action: 'queue.view',
      reply: z.object({ queues: z.array(queueView) }),
      handle: async () => {
        return { queues: queuesNow(queues.all(), line().ordered, seats(), now()) };
      },
    }),
    route({
      method: 'put',
      path: '/queues/:queue',
      tag: '排队',
      summary: '新建或修改队列：名称、所需技能与放宽技能的等待时间，下一次派送即生效',
      action: 'line.edit',
      params: z.object({ queue: z.string().regex(/^[a-z0-9-]{1,40}$/) }),
      body: z.strictObject({
        name: z.string().trim().min(1).max(30),
        skill,
        /** 等待满这么多秒后，具备该技能的坐席也可接。 */
        relax: z
          .array(z.strictObject({ afterSeconds: z.int().min(1).max(3600), skill }))
          .max(5)
          .default([]),
      }),
      reply: z.object({
        queue: z.object({ queue: z.string(), name: z.string(), skill: z.string(), relax: relaxView }),
      }),
      handle: async ({ params, body, caller }) => {
        const queue = { ...params, ...body };
        const before = queues.all().get(queue.queue) ?? null;
        const entry = {
          who: caller.personId,
          action: 'queue.change',
          subject: queue.queue,
          facts: { before, after: queue },
          address: caller.address,
        };
        await queues.put(queue, (within) => audit.append(entry, within));
        return { queue };
      },
    }),
    route({
      method: 'get',
      path: '/seats',
      tag: '排队',
      summary: '所有已签入的坐席',
      action: 'seat.view-all',
      reply: z.object({ seats: z.array(seatView) }),
      handle: async () => ({ seats: seats().map(({ token: _token, ...seat }) => seat) }),
    }),
  ];
}

/** Every known queue, and every one somebody waits in, as it is now. */
export function queuesNow(
  queues: ReadonlyMap<string, Queue>,
  ordered: readonly WaitingCall[],
  seats: readonly Seat[],
  now: Date,
) {
  const names = new Set([...queues.keys(), ...ordered.map(({ queue }) => queue)]);
  return [...names].map((name) => queueNow(name, ordered, seats, queues, now.getTime()));
}

function queueNow(
  queue: string,
  ordered: readonly WaitingCall[],
  seats: readonly Seat[],
  queues: ReadonlyMap<string, Queue>,
  now: number,
) {
  const waiting = ordered.filter((call) => call.queue === queue);
  const oldest = Math.min(...waiting.map(({ waitingSince }) => waitingSince), now);
  const skill = skillFor(queue, queues);
  return {
    queue,
    name: queues.get(queue)?.name ?? queue,
    waiting: waiting.length,
    longestWaitSeconds: Math.round((now - oldest) / 1000),
    readySeats: seats.filter(
      (seat) => seat.state === 'ready' && seat.phoneReachable && seat.skills.includes(skill),
    ).length,
    skill,
    relax: queues.get(queue)?.relax ?? [],
  };
}
