import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { loadTickets } from '../../src/db/seeds/load/fill';
import type { Plan } from '../../src/db/seeds/load/made-ticket';
import { cityInstant } from '../../src/deadlines/city-time';
import { brokenAt } from '../../src/platform/hash-chain';
import type { TimelineRow } from '../../src/tickets/ticket-row';
import { timelineRecord } from '../../src/tickets/timeline-record';
import { freshDatabase, testServers } from '../support/servers';
import { person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(120_000);

const PLAN: Plan = { seed: 7, tickets: 2500, days: 40, until: '2026-11-23' };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;
const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
const supervisor = person('supervisor');

/** Loads the plan until `upTo` work orders are there; a stopped load is one that throws. */
const load = (upTo = Infinity) =>
  loadTickets(desk.db, PLAN, {
    remindHours: 8,
    tell: ({ done }) => {
      if (done >= upTo) throw new Error('stopped');
    },
  });

beforeAll(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCity(desk.db, { passwords: {} });
  await expect(load(2000)).rejects.toThrow('stopped');
  await load();
});
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

const count = async (table: string) => Number((await desk.db(table).count('* as n').first())?.['n']);

it('stopped and called again, it has loaded every work order once, numbered in order of opening', async () => {
  const tickets = await desk.db('tickets').orderBy('number').select('opened_at', 'request_key', 'number');
  expect(tickets).toHaveLength(PLAN.tickets);
  const times = tickets.map(({ opened_at }) => Number(opened_at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const before = await count('ticket_timeline');
  await load();
  expect([await count('tickets'), await count('ticket_timeline')]).toEqual([PLAN.tickets, before]);
});

it('every timeline is a whole chain up to the head its ticket notes', async () => {
  const rows = await desk.db<TimelineRow>('ticket_timeline').orderBy(['ticket_id', 'seq']);
  const heads = new Map<string, string>(
    (await desk.db('tickets').select('ticket_id', 'timeline_hash')).map((row) => [
      row.ticket_id,
      row.timeline_hash,
    ]),
  );
  const byTicket = new Map<string, TimelineRow[]>();
  for (const row of rows) byTicket.set(row.ticket_id, [...(byTicket.get(row.ticket_id) ?? []), row]);
  expect(byTicket.size).toBe(PLAN.tickets);
  for (const [ticketId, timeline] of byTicket) {
    const links = timeline.map((row) => ({
      record: timelineRecord(row),
      previousHash: row.previous_hash,
      hash: row.hash,
    }));
    expect(brokenAt(links)).toBeNull();
    expect(timeline.at(-1)?.hash).toBe(heads.get(ticketId));
  }
});

it('has few frequent callers, most states, no reminder left in the past', async () => {
  const most = await desk
    .db('tickets')
    .whereNotNull('caller_number')
    .groupBy('caller_number')
    .count('* as n')
    .orderBy('n', 'desc');
  expect(Number(most[0]?.['n'])).toBeGreaterThan(20);
  expect(Number(most.at(-1)?.['n'])).toBe(1);
  const states = await desk.db('tickets').distinct('state').pluck('state');
  expect(states).toEqual(
    expect.arrayContaining(['answered', 'refused', 'acknowledged', 'checked', 'archived']),
  );
  const late = await desk
    .db('due_timers')
    .where({ state: 'waiting' })
    .where('at', '<', cityInstant(PLAN.until, '24:00'));
  expect(late).toEqual([]);
});

it('the hotline goes on with what was loaded: lists, search, the next command', async () => {
  const { items } = await desk.lists.list({ state: 'acknowledged', text: '小区' }, { limit: 5 }, supervisor);
  const [first] = items;
  expect(first?.title).toContain('小区');
  await desk.tickets.act('supplement', first!.ticketId, first!.version, { words: '补充门牌号' }, supervisor);
  const view = await desk.reading.show(first!.ticketId, supervisor);
  expect(view).toMatchObject({ version: first!.version + 1 });
  expect(view.timeline.at(-1)?.kind).toBe('supplemented');
});
