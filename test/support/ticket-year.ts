import { partDue } from '../../src/deadlines/due-dates';
import { isWorkingTime } from '../../src/deadlines/working-calendar';
import { brokenAt } from '../../src/platform/hash-chain';
import type { Database } from '../../src/platform/postgres';
import { CLOSED_STATES, type PartState, type TicketState } from '../../src/tickets/ticket';
import { isPaused } from '../../src/tickets/ticket-decision';
import type { PartRow, RequestRow, TicketRow, TimelineRow } from '../../src/tickets/ticket-row';
import { timelineRecord } from '../../src/tickets/timeline-record';
import type { ticketDesk } from './ticket-desk';

type Desk = ReturnType<typeof ticketDesk>;

const TABLES = [
  'tickets',
  'ticket_parts',
  'ticket_requests',
  'ticket_urges',
  'joint_meetings',
  'ticket_timeline',
  'due_timers',
  'outbox',
  'unit_inbox',
] as const;

/** Everything that the tables of work orders hold, as one text that changes with it. */
export async function snapshot(db: Database): Promise<string> {
  const each = TABLES.map(
    (table) => `(select md5(string_agg(x::text, '' order by x::text)) from ${table} x)`,
  );
  const { rows } = await db.raw<{ rows: object[] }>(
    `select ${each.map((sql, at) => `${sql} as t${at}`).join()}`,
  );
  return JSON.stringify(rows);
}

/** Empties them. */
export const emptied = (db: Database) => db.raw(`truncate ${TABLES.join()} cascade`);

const OPEN_PARTS: readonly PartState[] = ['dispatched', 'acknowledged'];
const LEAD_STATE: Partial<Record<TicketState, PartState>> = {
  dispatched: 'dispatched',
  acknowledged: 'acknowledged',
  replied: 'replied',
};

/** What is wrong with the work orders as they lie in the database, in words; due dates as of the calendar in force. */
export async function faultsOf(desk: Desk): Promise<string[]> {
  const { db } = desk;
  const tickets = await db<TicketRow>('tickets');
  const parts = await db<PartRow>('ticket_parts');
  const requests = await db<RequestRow>('ticket_requests').where({ state: 'pending' });
  const waiting: string[] = await db('due_timers').where({ state: 'waiting' }).pluck('part_id');
  const faults: string[] = [];
  for (const ticket of tickets) {
    const own = parts.filter(({ ticket_id }) => ticket_id === ticket.ticket_id);
    const pending = requests.filter(({ ticket_id }) => ticket_id === ticket.ticket_id);
    const words = stateFaults(ticket, own, pending, waiting);
    faults.push(...words.map((fault) => `${ticket.number} (${ticket.state}): ${fault}`));
  }
  return [...faults, ...(await dueFaults(desk, parts)), ...(await chainFaults(db, tickets))];
}

function stateFaults(
  ticket: TicketRow,
  parts: PartRow[],
  pending: RequestRow[],
  waiting: string[],
): string[] {
  const faults: string[] = [];
  const current = parts.filter((part) => part.current);
  const open = parts.filter(({ state }) => OPEN_PARTS.includes(state));
  const leads = current.filter(({ role }) => role === 'lead');
  const [lead] = leads;
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  must(leads.length <= 1, 'two leads');
  must(
    open.every((part) => part.current),
    'a part is open that is no longer current',
  );
  const wanted = LEAD_STATE[ticket.state];
  if (wanted) must(lead?.state === wanted, `its lead is ${lead?.state}`);
  if (wanted) must(ticket.lead_unit_id === lead?.unit_id, 'names another lead');
  if (lead && OPEN_PARTS.includes(lead.state))
    must(Number(ticket.due_at) === Number(lead.due_at), 'has another due date than its lead');
  if (ticket.state === 'returned' || ticket.state === 'accepted') must(!lead, 'has a lead still');
  if ((CLOSED_STATES as readonly TicketState[]).includes(ticket.state)) {
    must(open.length === 0, `closed with open parts (${open.map(({ unit_id }) => unit_id).join()})`);
    must(pending.length === 0, 'closed with pending requests');
  }
  for (const { part_id } of pending)
    must(
      open.some((part) => part.part_id === part_id),
      'a request about no open part',
    );
  for (const part of parts) {
    const planned = waiting.includes(part.part_id);
    if (!OPEN_PARTS.includes(part.state)) must(!planned, `a timer of a part that is ${part.state}`);
    if (isPaused(part)) must(!planned, 'a timer runs while the clock stands');
  }
  return faults;
}

/** Every open part's due dates are what a fresh count gives, and say by which clause; a recount brings them to the calendar. */
async function dueFaults(desk: Desk, parts: readonly PartRow[]): Promise<string[]> {
  const calendar = await desk.calendar.current();
  return parts
    .filter((part) => OPEN_PARTS.includes(part.state) && part.calendar_version === calendar.version)
    .flatMap((part) => {
      const { due_limit: limit, extension_days: extensionDays, pauses } = part;
      if (!limit) return [`${part.part_id} has no limit`];
      const due = partDue(part.dispatched_at, limit, calendar, { extensionDays, pauses });
      const same =
        Number(due.dueAt) === Number(part.due_at) &&
        Number(due.returnBy) === Number(part.return_by) &&
        Number(due.firstOpinionBy) === Number(part.first_opinion_by) &&
        due.why === part.due_why;
      const clause = part.due_why.includes(`（${limit.clause}）`);
      return same && clause
        ? []
        : [`part of ${part.unit_name}: due ${part.due_at.toISOString()} is not ${due.why}`];
    });
}

async function chainFaults(db: Database, tickets: readonly TicketRow[]): Promise<string[]> {
  const rows = await db<TimelineRow>('ticket_timeline').orderBy(['ticket_id', 'seq']);
  return tickets.flatMap((ticket) => {
    const own = rows.filter(({ ticket_id }) => ticket_id === ticket.ticket_id);
    const links = own.map((row) => ({
      record: timelineRecord(row),
      previousHash: row.previous_hash,
      hash: row.hash,
    }));
    const whole = brokenAt(links) === null && own.at(-1)?.hash === ticket.timeline_hash;
    return whole && own.length === ticket.timeline_seq ? [] : [`${ticket.number}: the chain is broken`];
  });
}

/** What is wrong after a sweep: a timer left in the past, a reminder given twice, at night, or not told. */
export async function sweepFaults(desk: Desk, now: Date): Promise<string[]> {
  const { db } = desk;
  const calendar = await desk.calendar.current();
  const old = await desk.store.staleParts(calendar.version, 1000);
  const timers = await db('due_timers').whereNot({ state: 'cancelled' });
  const told = await db<TimelineRow>('ticket_timeline').whereIn('kind', ['dueSoon', 'overdue']);
  const given = told.map(({ facts }) => facts['timerId'] as string);
  const fired = timers.filter(({ state }) => state === 'fired');
  const ids = new Set(fired.map(({ timer_id }) => timer_id as string));
  const working = isWorkingTime(calendar, now);
  return [
    ...timers
      .filter(({ state, at }) => working && state === 'waiting' && at <= now)
      .map(({ at }) => `left waiting at ${at}`),
    ...fired.filter(({ at, fired_at }) => fired_at < at).map(() => 'fired before its time'),
    ...told
      .filter(({ at }) => !isWorkingTime(calendarThen.get(at.getTime()) ?? calendar, at))
      .map(({ at }) => `reminded at ${at}`),
    ...(new Set(given).size === given.length ? [] : ['a reminder was given twice']),
    ...given.filter((timerId) => !ids.has(timerId)).map(() => 'a reminder of a timer that has not fired'),
    ...old.map(({ unit_name }) => `the part of ${unit_name} was not recounted`),
    ...desk.faults.splice(0).map(String),
  ];
}

/** The calendar a reminder was given on: it may have been edited since. */
const calendarThen = new Map<number, Parameters<typeof isWorkingTime>[0]>();
export async function noteCalendar(desk: Desk, now: Date): Promise<void> {
  calendarThen.set(now.getTime(), await desk.calendar.current());
}
