import type { Knex } from 'knex';
import type { Actor, NamedUnit } from '../../../tickets/ticket-decision';
import { CalendarStore } from '../../../deadlines/calendar.store';
import { TimeLimitStore } from '../../../deadlines/time-limit.store';
import { buildCalendar } from '../../../deadlines/working-calendar';
import type { Database } from '../../../platform/postgres';
import { ChineseWords } from '../../../platform/chinese-words.adapter';
import { CategoryStore } from '../../../tickets/category.store';
import { ticketNumber } from '../../../tickets/ticket-number';
import { searchVector } from '../../../tickets/ticket-words';
import { makeTicket, planKey, type LoadedCity, type MadeTicket, type Plan } from './made-ticket';

const BATCH = 1000;
const words = new ChineseWords();

export interface LoadProgress {
  done: number;
  of: number;
  /** Work orders per second since this run began. */
  rate: number;
  secondsLeft: number;
}

/**
 * Loads a plan's work orders with their history, in batches of one transaction each; goes on where an earlier run of the
 * same plan ended. Throws when the database has no demonstration city.
 */
export async function loadTickets(
  db: Database,
  plan: Plan,
  options: { remindHours: number; tell(progress: LoadProgress): void },
): Promise<void> {
  const city = await readCity(db, options.remindHours);
  const first = await loadedSoFar(db, plan);
  const began = Date.now();
  // The next batch is made while the database takes the one before.
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for (let from = first; from < plan.tickets; from += BATCH) {
      const upTo = Math.min(plan.tickets, from + BATCH);
      const made = Array.from({ length: upTo - from }, (_, index) => makeTicket(plan, from + index, city));
      await writing;
      writing = writeBatch(db, made);
      // Its fault is seen at the next turn; until then it must not be one that nobody looks at.
      writing.catch(() => undefined);
      const rate = (upTo - first) / ((Date.now() - began) / 1000);
      options.tell({ done: upTo, of: plan.tickets, rate, secondsLeft: (plan.tickets - upTo) / rate });
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await writing;
  }
  for (const table of TABLES) await db.raw('analyze ??', [table]);
}

const TABLES = [
  'citizens',
  'citizen_numbers',
  'call_records',
  'tickets',
  'ticket_parts',
  'ticket_requests',
  'ticket_urges',
  'ticket_timeline',
  'due_timers',
  'ticket_search',
] as const;

/** How many of the plan's work orders are there: a load that was stopped goes on behind them. */
async function loadedSoFar(db: Database, plan: Plan): Promise<number> {
  const key = planKey(plan);
  const row = await db('tickets').whereLike('request_key', `${key}:%`).max('request_key as last').first();
  const last = (row as { last: string | null } | undefined)?.last;
  return last ? Number(last.slice(key.length + 1)) + 1 : 0;
}

async function readCity(db: Database, remindHours: number): Promise<LoadedCity> {
  const all = await new CategoryStore(db).all();
  const categories = all.filter(({ leaf }) => leaf);
  const catalogue = await new CategoryStore(db).catalogue();
  const rows = await db('units')
    .where({ active: true })
    .orderBy('unit_id')
    .select<{ unit_id: string; name: string; kind: string; area_code: string }[]>();
  const people = await db('people')
    .where({ active: true })
    .orderBy('person_id')
    .select<{ person_id: string; name: string; role: string }[]>();
  const actors = (role: 'agent' | 'supervisor'): Actor[] =>
    people
      .filter((person) => person.role === role)
      .map((person) => ({ personId: person.person_id, name: person.name, role, unitId: null }));
  const [agents, supervisors] = [actors('agent'), actors('supervisor')];
  if (!categories.length || !catalogue.length || !agents.length || !supervisors.length)
    throw new Error('The database has no demonstration city: start the hotline once (npm start).');
  const units = new Map<string, NamedUnit>(
    rows.map(({ unit_id: unitId, name }) => [unitId, { unitId, name }]),
  );
  const counties = rows.filter(({ area_code }) => area_code !== 'city');
  const others = [...units.values()];
  const unitsFor = (code: string, areaCode: string) => {
    const fits = (area: string) =>
      catalogue.find(({ categoryCode, areaCode: own }) => categoryCode === code && own === area)?.unitId;
    const own = units.get(fits(areaCode) ?? fits('') ?? '') ?? others[0]!;
    const start = others.indexOf(own);
    const next = (by: number) => others[(start + by) % others.length]!;
    return [own, next(1), next(2)] as const;
  };
  return {
    calendar: buildCalendar(await new CalendarStore(db).load()),
    limits: (await new TimeLimitStore(db).current()).limits,
    areas: [...new Set(counties.map(({ area_code }) => area_code))],
    ...{ categories, units, unitsFor, agents, supervisors, remindHours },
  };
}

async function writeBatch(db: Database, made: readonly MadeTicket[]): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('set local synchronous_commit = off');
    await number(trx, made);
    const citizens = made.flatMap(({ citizen, paper }) =>
      citizen ? [{ citizen, at: paper.ticket.opened_at }] : [],
    );
    const rows: Record<(typeof TABLES)[number], object[]> = {
      citizens: citizens.map(({ citizen: { citizen_id, name }, at }) => ({
        ...{ citizen_id, name, note: '', first_seen_at: at, updated_at: at },
      })),
      citizen_numbers: citizens.map(({ citizen: { number, citizen_id } }) => ({ number, citizen_id })),
      call_records: made.flatMap(({ call }) => (call ? [callColumns(call)] : [])),
      tickets: made.map(({ paper }) => paper.ticket),
      ticket_parts: made.flatMap(({ paper }) => paper.parts),
      ticket_requests: made.flatMap(({ paper }) => paper.requests),
      ticket_urges: made.flatMap(({ paper }) => paper.urges),
      ticket_timeline: made.flatMap(({ paper }) => paper.timeline),
      due_timers: made.flatMap(({ paper }) => paper.timers),
      ticket_search: made.map(({ paper: { ticket } }) => ({
        ticket_id: ticket.ticket_id,
        number: ticket.number,
        words: searchVector(ticket, (text) => words.indexed(text)),
      })),
    };
    for (const table of TABLES) await insert(trx, table, rows[table]);
  });
}

/** Gives the numbers of each day behind those that the day has already. */
async function number(trx: Knex, made: readonly MadeTicket[]): Promise<void> {
  const days = new Map<string, MadeTicket[]>();
  for (const each of made) days.set(each.day, [...(days.get(each.day) ?? []), each]);
  for (const [day, tickets] of days) {
    const { rows } = await trx.raw<{ rows: { last: number }[] }>(
      `insert into ticket_counters as c (day, last) values (?, ?)
       on conflict (day) do update set last = c.last + excluded.last returning last`,
      [day, tickets.length],
    );
    const before = (rows[0]?.last ?? tickets.length) - tickets.length;
    for (const [index, { paper }] of tickets.entries())
      paper.ticket.number = ticketNumber(day, before + index + 1);
  }
}

/** One statement for all rows of a table; only citizens may be known already. */
async function insert(trx: Knex, table: string, rows: readonly object[]): Promise<void> {
  const [row] = rows;
  if (!row) return;
  const columns = Object.keys(row);
  await trx.raw(
    `insert into ?? (${columns.map(() => '??').join()})
     select ${columns.map(() => '??').join()} from json_populate_recordset(null::??, ?::json)
     ${table.startsWith('citizen') ? 'on conflict do nothing' : ''}`,
    [table, ...columns, ...columns, table, JSON.stringify(rows)],
  );
}

function callColumns(call: NonNullable<MadeTicket['call']>): object {
  const instant = (at: number | null) => (at === null ? null : new Date(at));
  return {
    call_id: call.callId,
    line_id: call.line.lineId,
    caller_number: call.callerNumber,
    seat_id: call.seatId,
    seats: call.seats,
    arrived_at: instant(call.arrivedAt),
    answered_at: instant(call.answeredAt),
    ended_at: instant(call.endedAt),
    outcome: call.outcome,
    record: call,
  };
}
