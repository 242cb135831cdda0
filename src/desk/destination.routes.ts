import { z } from 'zod';
import type { DialVerdict } from '../calls/dial-rules';
import type { Contact } from '../directory/contact';
import { servesOn } from '../lines/line-index';
import type { Line } from '../lines/line';
import type { Role } from '../permissions';
import { route, type Route } from '../platform/http-route';
import type { Seat } from '../seats/seat';
import {
  contactDestination,
  destination,
  emergencyDestinations,
  lineDestination,
  queueDestination,
  seatDestination,
  selectDestinations,
  type Destination,
} from './destination';

interface Deps {
  seats(): readonly Seat[];
  queues(): readonly { queue: string; name: string; waiting: number; readySeats: number }[];
  lines(): readonly Line[];
  contacts(): readonly Contact[];
  decideDial(role: Role, number: string): DialVerdict;
  /** The city's day (`2026-06-01`) and time (`HH:mm`) now. */
  cityTime(): { day: string; time: string };
}

/** Everything an agent may transfer to or bring into a call, in one list. */
export function destinationRoutes(deps: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/desk/destinations',
      tag: '坐席',
      summary: '可转接、可三方的去处：紧急电话、坐席、队列、并行热线、外部联系人',
      action: 'contact.view',
      query: z.object({
        q: z.string().max(60).default(''),
        kind: destination.shape.kind.optional(),
        limit: z.coerce.number().int().min(1).max(500).default(200),
      }),
      reply: z.object({ destinations: z.array(destination) }),
      handle: async ({ query, caller }) => {
        const all = allOf(deps, caller.role, caller.personId);
        const found = selectDestinations(
          query.kind ? all.filter(({ kind }) => kind === query.kind) : all,
          query.q,
        );
        return { destinations: found.slice(0, query.limit) };
      },
    }),
  ];
}

function allOf(deps: Deps, role: Role, personId: string): Destination[] {
  const { day, time } = deps.cityTime();
  const others = deps.seats().filter((seat) => seat.seatId !== personId && seat.state !== 'signedOut');
  const parallel = deps
    .lines()
    .filter((line) => line.mode === 'parallel' && servesOn(line, day))
    .flatMap((line) =>
      line.parallelDestination === null
        ? []
        : [lineDestination(line, line.parallelDestination, deps.decideDial(role, line.parallelDestination))],
    );
  return [
    ...emergencyDestinations(),
    ...others.map(seatDestination),
    ...deps.queues().map(queueDestination),
    ...parallel,
    ...deps.contacts().map((one) => contactDestination(one, deps.decideDial(role, one.number), time)),
  ];
}
