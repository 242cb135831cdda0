import Redis from 'ioredis';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import type { Clock } from '../../src/platform/clock';
import { freshDatabase, freshRedis } from '../support/servers';
import {
  aTicket,
  eventually,
  pause,
  person,
  RunningClock,
  SetClock,
  ticketDesk,
} from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desks: ReturnType<typeof ticketDesk>[] = [];

beforeEach(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
});
afterEach(async () => {
  await Promise.all(desks.map((desk) => desk.stop()));
  desks = [];
  await redis.stop();
  await database.drop();
});

async function services(count: number, clock: Clock, sweepSeconds = 1) {
  for (let n = 0; n < count; n += 1)
    desks.push(ticketDesk({ postgresUrl: database.url, redisUrl: redis.url, clock, sweepSeconds }));
  await seedDemoCategories(desks[0]!.db);
}

const emptyRedis = async () => {
  const cli = new Redis(redis.url);
  await cli.flushall();
  cli.disconnect();
};
const timer = async () => desks[0]!.db('due_timers').where({ rung: 'remindBefore' }).first();
const reminders = async (ticketId: string) => ({
  timeline: Number(
    (
      await desks[0]!
        .db('ticket_timeline')
        .where({ ticket_id: ticketId, kind: 'dueSoon' })
        .count('* as n')
        .first()
    )?.['n'],
  ),
  inbox: Number(
    (
      await desks[0]!.db('unit_inbox').where({ ticket_id: ticketId, kind: 'dueSoon' }).count('* as n').first()
    )?.['n'],
  ),
  announced: desks.flatMap((desk) => desk.announced.filter(({ kind }) => kind === 'ticketDueSoon')).length,
});
const ONCE = { timeline: 1, inbox: 1, announced: 1 };

it('S1: fires once although Redis was emptied and two services run', async () => {
  const clock = new SetClock(at('2026-09-30 10:00'));
  await services(2, clock);
  desks.forEach((desk) => desk.start());
  const { ticketId } = await desks[0]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  // Due 10-13 18:00; eight working hours before is that morning.
  expect(cityWords((await timer()).at)).toBe('2026年10月13日 08:00');
  await pause(1200);
  expect(await reminders(ticketId)).toEqual({ timeline: 0, inbox: 0, announced: 0 });
  await emptyRedis();
  clock.set(at('2026-10-13 08:00'));
  await eventually(async () => (await reminders(ticketId)).inbox === 1);
  await Promise.all(desks.map((desk) => desk.reminders.sweep()));
  await pause(2500);
  expect(await reminders(ticketId)).toEqual(ONCE);
  const { words } = await desks[0]!
    .db('ticket_timeline')
    .where({ ticket_id: ticketId, kind: 'dueSoon' })
    .first();
  expect(words).toContain('剩余 8 个工作小时');
});

it('the alarm clock wakes the sweep to the second', async () => {
  // Reminder at 2026-12-01 08:00; the clock starts 2 s before it, and the sweep alone would come only after 10 minutes.
  const setting = new SetClock(at('2026-11-24 10:00'));
  await services(1, setting);
  const { ticketId } = await desks[0]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  const late = new RunningClock(new Date(at('2026-12-01 08:00').getTime() - 2000));
  desks.push(ticketDesk({ postgresUrl: database.url, redisUrl: redis.url, clock: late, sweepSeconds: 600 }));
  desks[1]!.start();
  desks[1]!.reminderJobs.setAlarm(await timer());
  await eventually(async () => (await reminders(ticketId)).inbox === 1, 6);
  expect(await reminders(ticketId)).toEqual(ONCE);
  expect((await timer()).fired_at.getTime() - (await timer()).at.getTime()).toBeLessThan(1500);
});

it('fifty timers, four sweeps at once: each fires once', async () => {
  const clock = new SetClock(at('2026-11-24 10:00'));
  await services(2, clock);
  for (let n = 0; n < 50; n += 1) await desks[n % 2]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  clock.set(at('2026-12-01 09:00'));
  const given = await Promise.all([0, 1, 0, 1].map((n) => desks[n]!.reminders.sweep()));
  expect(given.reduce((sum, n) => sum + n, 0)).toBe(50);
  const { rows } = await desks[0]!.db.raw(
    "select count(*) as n, count(distinct ticket_id) as t from ticket_timeline where kind = 'dueSoon'",
  );
  expect(rows[0]).toEqual({ n: '50', t: '50' });
});

it('a service that was away at the time reminds in working time, not at night; a late one says so', async () => {
  const clock = new SetClock(at('2026-11-24 10:00'));
  await services(1, clock);
  const [desk] = desks;
  const { ticketId } = await desk!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  clock.set(at('2026-12-01 23:30'));
  expect(await desk!.reminders.sweep()).toBe(0);
  expect(cityWords((await timer()).at)).toBe('2026年12月2日 08:00');
  clock.set(at('2026-12-02 08:00'));
  expect(await desk!.reminders.sweep()).toBe(1);
  // The one before the due date would say nothing any more: it is left out.
  const said = await desk!.db('ticket_timeline').where({ ticket_id: ticketId }).orderBy('seq');
  expect(said.map(({ kind }) => kind)).toEqual(['opened', 'dispatched', 'overdue']);
  expect(said.at(-1).words).toContain('已超过办理期限');
});

it('a timer that cannot be fired does not hold back those behind it', async () => {
  const clock = new SetClock(at('2026-11-24 10:00'));
  await services(1, clock);
  const [desk] = desks;
  const bad = await desk!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  clock.set(at('2026-11-24 10:01'));
  const good = await desk!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  // A timeline row is in the way of the bad one's next.
  await desk!.db('ticket_timeline').insert({
    ticket_id: bad.ticketId,
    seq: 3,
    at: clock.now(),
    kind: 'x',
    words: 'x',
    facts: '{}',
  });
  clock.set(at('2026-12-01 09:00'));
  expect(await desk!.reminders.sweep()).toBe(1);
  expect((await reminders(good.ticketId)).inbox).toBe(1);
  expect(desk!.faults).toHaveLength(1);
  expect(await reminders(bad.ticketId)).toMatchObject({ timeline: 0, inbox: 0 });
});
