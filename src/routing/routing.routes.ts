import { route, type Route } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import { skillFor, type Queue } from './queue';
import type { WaitingCall } from './waiting-line';

interface Deps {
  queues(): ReadonlyMap<string, Queue>;
  seats(): Seat[];
  line(): { ordered: WaitingCall[] };
  now(): Date;
}

/** The queues as they are now, and the seats for supervisors. */
export function routingRoutes({ queues, seats, line, now }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/queues',
      tag: 'routing',
      summary: 'Waiting callers, longest wait and ready seats of each queue',
      action: 'queue.view',
      handle: async () => {
        const { ordered } = line();
        const names = new Set([...queues().keys(), ...ordered.map(({ queue }) => queue)]);
        return {
          queues: [...names].map((name) => queueNow(name, ordered, seats(), queues(), now().getTime())),
        };
      },
    }),
    route({
      method: 'get',
      path: '/seats',
      tag: 'routing',
      summary: 'Every signed-in seat',
      action: 'seat.view-all',
      handle: async () => ({ seats: seats().map(({ token: _token, ...seat }) => seat) }),
    }),
  ];
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
  };
}
