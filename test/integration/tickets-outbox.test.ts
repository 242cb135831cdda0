import Redis from 'ioredis';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { cityInstant } from '../../src/deadlines/city-time';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, eventually, pause, person, RunningClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const clerk = person('unit', { personId: 'clerk', unitId: 'unit-a' });
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desks: ReturnType<typeof ticketDesk>[];

beforeEach(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const clock = new RunningClock(cityInstant('2026-11-24', '10:00'));
  desks = [1, 2].map(() => ticketDesk({ postgresUrl: database.url, redisUrl: redis.url, clock }));
  await seedDemoCategories(desks[0]!.db);
});
afterEach(async () => {
  await Promise.all(desks.map((desk) => desk.stop()));
  await redis.stop();
  await database.drop();
});

const inboxSize = async () => (await desks[0]!.inbox.list(clerk, { unread: false, limit: 100 })).items.length;
const dispatched = () =>
  desks.flatMap((desk) =>
    desk.announced.filter(({ kind }) => kind === 'ticketDispatched').map(({ ticketId }) => ticketId),
  );

it('a dispatched ticket reaches the unit’s inbox through BullMQ, once, and can be read', async () => {
  desks.forEach((desk) => desk.start());
  const began = Date.now();
  const { ticketId, number } = await desks[0]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  await eventually(async () => (await inboxSize()) === 1);
  expect(Date.now() - began).toBeLessThan(3000);
  expect(dispatched()).toEqual([ticketId]);
  const { items, unread } = await desks[1]!.inbox.list(clerk, { unread: true, limit: 10 });
  expect(items[0]).toMatchObject({ kind: 'dispatched', ticketId, words: expect.stringContaining(number) });
  expect(unread).toBe(1);
  const stranger = { ...clerk, unitId: 'unit-b' };
  await expect(desks[0]!.inbox.markRead(stranger, items[0]!.noticeId)).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(await desks[0]!.inbox.markRead(clerk, items[0]!.noticeId)).toEqual({ unread: 0 });
});

it('thirty dispatched in two services arrive exactly once, though each is delivered several times', async () => {
  desks.forEach((desk) => desk.start());
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, n) => desks[n % 2]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent)),
  );
  await eventually(async () => (await inboxSize()) === 30);
  const rows = await desks[0]!.db('outbox').select<{ outbox_id: string }[]>('outbox_id');
  for (const { outbox_id } of rows)
    for (const desk of desks) expect(await desk.delivery.deliver(outbox_id)).toBe(false);
  expect(await inboxSize()).toBe(30);
  expect(dispatched().sort()).toEqual(made.map(({ ticketId }) => ticketId).sort());
});

it('Redis away: the command succeeds at once, the row waits, and arrives when Redis is back', async () => {
  desks.forEach((desk) => desk.start());
  await pause(300);
  await redis.stop();
  const began = Date.now();
  await desks[0]!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  expect(Date.now() - began).toBeLessThan(1000);
  await pause(1500);
  expect(await desks[0]!.outbox.backlog(new Date())).toMatchObject({ rows: 1 });
  await redis.restart();
  await eventually(async () => (await inboxSize()) === 1, 40);
  expect(dispatched()).toHaveLength(1);
});

it('a row that Redis lost after it was handed over is handed over again', async () => {
  const [desk] = desks;
  const { ticketId } = await desk!.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  await desk!.outbox.claim(new Date(Date.parse('2026-11-24T02:00:10Z')), 10);
  const cli = new Redis(redis.url);
  await cli.flushall();
  cli.disconnect();
  // As if handed over long ago: what a lost job looks like in the table.
  await desk!.db('outbox').update({ next_at: new Date(0) });
  desks.forEach((each) => each.start());
  await eventually(async () => (await inboxSize()) === 1);
  expect(dispatched()).toEqual([ticketId]);
});
