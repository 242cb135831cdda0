import { randomInt } from 'node:crypto';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { cityInstant } from '../../src/deadlines/city-time';
import type { CallStory } from '../../src/desk/pop';
import { StoryService } from '../../src/desk/story.service';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;
let story: StoryService;
const calls: CallStory['lastCalls'] = Array.from({ length: 11 }, (_, n) => ({
  callId: `call-${n + 1}`,
  at: 1000 - n,
  lineName: '12345',
  answered: true,
  agentName: '王坐席',
  talkSeconds: 60,
}));

beforeAll(async () => {
  database = await freshDatabase();
  const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
  story = new StoryService({
    citizens: desk.citizens,
    recentCalls: async (_, limit) => calls.slice(0, limit),
    openTickets: (number, limit) => desk.read.openByNumber(number, limit),
  });
});
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

it('tells who calls, the last ten calls without this one, and what is open', async () => {
  const call = { callId: 'call-1', citizenName: '张三' };
  const open = await desk.tickets.open(aTicket({ ...call, unitId: 'unit-a' }), agent);
  const done = await desk.tickets.open(aTicket({ ...call, citizenName: '' }), agent);
  await desk.tickets.act('answer', done.ticketId, 1, { answer: '已答复', articleId: null }, agent);
  const told = await story.storyFor('13800138000', 'call-1');
  expect(told.citizen).toMatchObject({ name: '张三' });
  expect(told.lastCalls.map(({ callId }) => callId)).toEqual(calls.slice(1).map(({ callId }) => callId));
  expect(told.openTickets).toEqual([
    expect.objectContaining({
      ticketId: open.ticketId,
      number: open.number,
      state: 'dispatched',
      unitName: '单位a',
    }),
  ]);
});

it('tells nothing of a hidden number or an unknown one', async () => {
  expect(await story.storyFor(null, 'c')).toEqual({
    callId: 'c',
    citizen: null,
    lastCalls: [],
    openTickets: [],
  });
  expect(await story.storyFor('13900000000', 'c')).toMatchObject({ citizen: null, openTickets: [] });
});

it('one citizen per number, however many come at once', async () => {
  const at = new Date();
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      desk.db.transaction((trx) => desk.citizens.findOrMake(trx, '03552012319', n === 3 ? '赵六' : '', at)),
    ),
  );
  expect(new Set(made.map(({ citizenId }) => citizenId)).size).toBe(1);
  expect(await desk.citizens.byNumber('03552012319')).toMatchObject({ name: '赵六' });
});

it('reads by index among many tickets', async () => {
  await desk.db.raw(
    `insert into tickets
     select made.* from (select * from tickets limit 1) t, generate_series(1, 20000) n,
       lateral jsonb_populate_record(null::tickets, to_jsonb(t) || jsonb_build_object(
         'ticket_id', 'x' || n, 'number', '20200101-' || lpad(n::text, 6, '0'), 'request_key', null,
         'caller_number', '139' || lpad((n % 5000)::text, 8, '0'))) made`,
  );
  await desk.db.raw('analyze tickets');
  const { rows } = await desk.db.raw(
    `explain select number from tickets where caller_number = ? and state not in ('answered', 'refused', 'checked', 'followedUp', 'archived', 'merged', 'discarded') order by number desc limit 20`,
    [`139${String(randomInt(5000)).padStart(8, '0')}`],
  );
  expect(rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n')).toMatch(
    /Index.*tickets_caller/,
  );
});
