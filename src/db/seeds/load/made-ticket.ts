import type { CallRecord } from '../../../calls/call-record';
import { cityInstant, shiftDay } from '../../../deadlines/city-time';
import type { TimeLimits } from '../../../deadlines/time-limit';
import type { WorkingCalendar } from '../../../deadlines/working-calendar';
import { newTicket } from '../../../tickets/new-ticket';
import type { Category } from '../../../tickets/category.store';
import { ticketInput, type Channel, type TicketType } from '../../../tickets/ticket';
import type { Actor, NamedUnit } from '../../../tickets/ticket-decision';
import { Dice, uuidOf } from './dice';
import { matterOf, personName } from './matters';
import { PaperTicket } from './paper';
import { walk } from './walk';

/** What is loaded: the same plan gives the same work orders. */
export interface Plan {
  seed: number;
  tickets: number;
  /** Days of history, the last of them `until` (YYYY-MM-DD in the city). */
  days: number;
  until: string;
}

/** The city as it is in the database. */
export interface LoadedCity {
  calendar: WorkingCalendar;
  limits: TimeLimits;
  categories: readonly Category[];
  /** Area codes, the largest first. */
  areas: readonly string[];
  units: ReadonlyMap<string, NamedUnit>;
  unitsFor(categoryCode: string, areaCode: string): readonly [NamedUnit, ...NamedUnit[]];
  agents: readonly Actor[];
  supervisors: readonly Actor[];
  remindHours: number;
}

export interface MadeTicket {
  day: string;
  paper: PaperTicket;
  citizen: { citizen_id: string; name: string; number: string } | null;
  call: CallRecord | null;
}

/** Share of a day's work orders opened by the end of each hour: two peaks, a quiet night. */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 8, 16, 28, 40, 49, 54, 59, 66, 75, 83, 89, 92, 94, 96, 98, 99, 100];
const TYPES: readonly TicketType[] = [
  ...Array<TicketType>(8).fill('consultation'),
  ...Array<TicketType>(5).fill('complaint'),
  ...Array<TicketType>(4).fill('help'),
  'suggestion',
  'report',
  'report',
];
const CHANNELS: readonly Channel[] = ['website', 'wechat', 'wechat', 'mobile', 'province'];
/** Two of five work orders are a new citizen's; the others' come from few people the more often. */
const CITIZENS_A_TICKET = 0.4;

/** Makes the index-th work order of a plan, with its history up to the end of the last day. */
export function makeTicket(plan: Plan, index: number, city: LoadedCity): MadeTicket {
  const dice = new Dice(plan.seed, index);
  const { day, at } = momentOf(plan, index);
  const end = cityInstant(plan.until, '24:00');
  const category = dice.pickEarly(city.categories, 1.8);
  const type = dice.pick(TYPES);
  const areaCode = dice.pickEarly(city.areas, 1.8);
  const citizen = dice.chance(0.03) ? null : citizenOf(plan, dice);
  const telephone = dice.chance(0.85);
  const agent = dice.pick(city.agents);
  const call = telephone ? callOf(dice, at, citizen?.number ?? null, agent.personId) : null;
  const input = ticketInput.parse({
    ...matterOf(dice, type, category.name),
    ...{ type, areaCode, categoryCode: category.code, callId: call?.callId ?? null },
    channel: telephone ? 'telephone' : dice.pick(CHANNELS),
    urgency: dice.chance(0.05) ? 'urgent' : 'ordinary',
    level: category.utility || dice.chance(0.4) ? 'city' : 'county',
    citizenName: citizen?.name ?? '',
    confidential: dice.chance(0.03),
  });
  const caller = { ...agent, sessionId: '', address: '' };
  const row = newTicket(input, caller, {
    ...{ at, category, call: call && factsOf(call), contact: telephone ? null : (citizen?.number ?? null) },
    key: keyOf(plan, index),
    limits: city.limits,
    ticketId: dice.id(),
    queryCode: dice.id().slice(0, 6).toUpperCase(),
  });
  const paper = new PaperTicket(
    { ...row, citizen_id: citizen?.citizen_id ?? null },
    {
      ...{
        calendar: city.calendar,
        limits: city.limits,
        regulation: category.regulation,
        utility: category.utility,
      },
      ...{ units: city.units, remindHours: city.remindHours, newId: () => dice.id() },
    },
  );
  const facts = { callId: row.call_id, channel: row.channel, lineName: row.line_name };
  paper.opened(agent, call ? '受理来电诉求' : '受理诉求', facts);
  const units = city.unitsFor(category.code, areaCode);
  walk({ ...{ paper, dice, agent, units, end }, supervisor: dice.pick(city.supervisors) });
  return { day, paper, citizen, call };
}

/** The request key of a loaded work order: says of which plan, and how far the load has come. */
export const keyOf = (plan: Plan, index: number): string =>
  `${planKey(plan)}:${String(index).padStart(9, '0')}`;
export const planKey = ({ seed, tickets, days, until }: Plan): string =>
  `load:${seed}:${tickets}:${days}:${until}`;

/** Its day and instant; a later index is never earlier, as numbers are given in order. */
function momentOf({ tickets, days, until }: Plan, index: number): { day: string; at: Date } {
  const position = (index * days) / tickets;
  const nth = Math.floor(position);
  const share = (position - nth) * 100;
  const hour = HOURS.findIndex((upTo) => share < upTo);
  const before = HOURS[hour - 1] ?? 0;
  const within = (share - before) / ((HOURS[hour] ?? 100) - before);
  const day = shiftDay(until, nth - days + 1);
  const start = cityInstant(day, '00:00').getTime();
  return { day, at: new Date(start + Math.floor((hour + within) * 3_600_000)) };
}

function citizenOf(plan: Plan, dice: Dice): MadeTicket['citizen'] {
  const among = Math.ceil(plan.tickets * CITIZENS_A_TICKET);
  // Squared: the most frequent caller of a million work orders has some 1600 of them.
  const which = Math.floor(dice.next() ** 2 * among);
  const name = personName(new Dice(plan.seed, -2 - which));
  const number = `1390${String(which).padStart(7, '0')}`;
  return { citizen_id: uuidOf(`${plan.seed}:citizen:${which}`), name, number };
}

const LINE = { lineId: 'line-12345', lineName: '长治市12345政务服务热线' };
const factsOf = ({ callerNumber, seatId }: CallRecord) => ({
  ...{ ...LINE, callerNumber, seatId, callerHidden: callerNumber === null },
});

/** The record of the call in which a work order was opened. */
function callOf(dice: Dice, openedAt: Date, callerNumber: string | null, seatId: string): CallRecord {
  const talkMs = dice.between(40_000, 400_000);
  const arrivedAt = openedAt.getTime() - talkMs;
  const waitMs = dice.between(2000, 30_000);
  const answeredAt = arrivedAt + waitMs;
  const endedAt = answeredAt + talkMs;
  return {
    callId: dice.id(),
    direction: 'inbound',
    about: { ticketId: null, callbackId: null },
    line: { ...LINE, mode: 'own', matchedNumber: '12345', matchedBy: 'called-number', queue: 'general' },
    ...{ callerNumber, callerName: '', dialled: '12345', diversions: [], arrivedAt, waitingSince: arrivedAt },
    ...{
      priority: 0,
      priorityWhy: '',
      noticeHeardAt: null,
      dialledAt: null,
      answeredAt,
      talkEndedAt: endedAt,
    },
    ...{ endedAt, wrapUpEndedAt: endedAt + 30_000, seatId, seats: [seatId] },
    ...{ waitMs, ringMs: 2000, talkMs, holdMs: 0, wrapUpMs: 30_000 },
    ...{
      rings: [],
      parties: [],
      transfers: [],
      nuisance: null,
      emergency: false,
      message: null,
      rating: null,
    },
    talks: [{ seatId, at: answeredAt, endedAt, wrapUpEndedAt: endedAt + 30_000 }],
    ...{ endedBy: 'citizen', cause: 'normal', outcome: 'answered' },
  };
}
