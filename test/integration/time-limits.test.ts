import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { NOTICE_LIMITS, type TimeLimits } from '../../src/deadlines/time-limit';
import { limitChange, timeLimits } from '../../src/deadlines/time-limit-input';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const supervisor = person('supervisor');
const administrator = person('administrator');
const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeAll(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
});
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

const withHelp = (workingDays: number): TimeLimits => ({
  ...NOTICE_LIMITS,
  conclude: NOTICE_LIMITS.conclude.map((row) =>
    row.workingDays === 5 ? { ...row, workingDays, words: `一般事项 ${workingDays} 个工作日办结` } : row,
  ),
});
const dueOf = async () => {
  const { ticketId } = await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  const { dueAt, dueWhy } = await desk.reading.show(ticketId, agent);
  return { ticketId, due: cityWords(new Date(dueAt ?? 0)), why: dueWhy };
};

it('the notice’s limits are in force at first, and pass the check', async () => {
  expect(await desk.limits.show()).toEqual({ version: 0, limits: NOTICE_LIMITS });
  expect(timeLimits.parse(NOTICE_LIMITS)).toEqual(NOTICE_LIMITS);
});

it('an edit holds for what is dispatched from now on; what is under way keeps its own, also over a new calendar', async () => {
  const before = await dueOf();
  expect(before.due).toBe('2026年12月1日 18:00');
  const change = { version: 0, reason: '提速', limits: withHelp(3) };
  expect(await desk.limits.change(limitChange.parse(change), administrator)).toMatchObject({ version: 1 });
  const after = await dueOf();
  expect(after).toMatchObject({ due: '2026年11月27日 18:00' });
  expect(after.why).toContain('一般事项 3 个工作日办结（T1）');
  const holiday = { day: '2026-11-25', working: false, name: '本市放假' };
  await desk.calendar.change(
    { version: 1, reason: '放假', set: [holiday], remove: [], declareYears: [] },
    administrator,
  );
  const moved = await Promise.all(
    [before, after].map(async ({ ticketId }) => (await desk.reading.show(ticketId, agent)).dueAt ?? ''),
  );
  expect(moved.map((at) => cityWords(new Date(at)))).toEqual(['2026年12月2日 18:00', '2026年11月30日 18:00']);
  await expect(desk.limits.change(limitChange.parse(change), administrator)).rejects.toMatchObject({
    code: 'stale-version',
  });
  expect((await desk.limits.history()).map(({ version, reason }) => [version, reason])).toEqual([
    [1, '提速'],
  ]);
});

it.each<[string, Partial<Record<keyof TimeLimits, unknown>>]>([
  ['T1: one day', { conclude: [{ ...NOTICE_LIMITS.conclude[0], workingDays: 1 }] }],
  ['T1: six days', { conclude: [{ ...NOTICE_LIMITS.conclude[2], workingDays: 6 }] }],
  ['T3: two days to return', { returning: { ...NOTICE_LIMITS.returning, workingDays: 2 } }],
  ['T4: six days for an opinion', { firstOpinion: [{ ...NOTICE_LIMITS.firstOpinion[0], workingDays: 6 }] }],
  ['a NUL', { redo: { ...NOTICE_LIMITS.redo, words: 'a\u0000' } }],
  ['nothing to acknowledge by', { acknowledge: { urgent: 0, ordinary: 4 } }],
])('refuses %s', (_, changes) => {
  expect(timeLimits.safeParse({ ...NOTICE_LIMITS, ...changes }).success).toBe(false);
});

it.each<[string, Partial<TimeLimits>]>([
  ['a kind without a limit (T1)', { conclude: NOTICE_LIMITS.conclude.slice(0, 1) }],
  ['complaints without a first opinion (T4)', { firstOpinion: [] }],
  ['one pause rule twice', { pauses: [...NOTICE_LIMITS.pauses, ...NOTICE_LIMITS.pauses] }],
])('refuses a table with %s', async (_, changes) => {
  const limits = timeLimits.parse({ ...NOTICE_LIMITS, ...changes });
  await expect(desk.limits.change({ version: 1, reason: '试', limits }, administrator)).rejects.toMatchObject(
    {
      code: 'invalid-input',
    },
  );
});

it('a clock pauses only by a rule of the table, and gives the working days back', async () => {
  const { ticketId } = await dueOf();
  const act = ACTION_INPUT.pause.parse({ unitId: 'unit-a', rule: 'because' });
  await expect(desk.tickets.act('pause', ticketId, 2, act, supervisor)).rejects.toMatchObject({
    code: 'invalid-input',
  });
  await desk.tickets.act('pause', ticketId, 2, { ...act, rule: 'appraisal' }, supervisor);
  const waiting = () => desk.db('due_timers').where({ ticket_id: ticketId, state: 'waiting' });
  expect(await waiting()).toHaveLength(0);
  clock.set(cityInstant('2026-11-27', '10:00'));
  await desk.tickets.act('resume', ticketId, 3, { unitId: 'unit-a' }, supervisor);
  const view = await desk.reading.show(ticketId, agent);
  // Dispatched on the 24th, three working days without the 25th: the 30th; paused over the 26th and 27th: 2 December.
  expect(cityWords(new Date(view.dueAt ?? 0))).toBe('2026年12月2日 18:00');
  expect(view.dueWhy).toContain('期间暂停计时 2 个工作日（检验、检测、鉴定期间）');
  expect(await waiting()).not.toHaveLength(0);
});
