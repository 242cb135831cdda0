import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { seedDemoCalendar } from '../../src/db/seeds/demo/calendar';
import { calendarChange } from '../../src/deadlines/calendar-change';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const administrator = person('administrator', { name: '李管理' });
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
let clock: SetClock;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  database = await freshDatabase();
  clock = new SetClock(at('2026-11-24 10:00'));
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await desk.stop();
  await database.drop();
});

const change = (version: number, given: object) =>
  desk.calendar.change(calendarChange.parse({ version, reason: '市政府通知', ...given }), administrator);
const snowDays = {
  set: [
    { day: '2026-11-26', working: false, name: '暴雪停工' },
    { day: '2026-11-27', working: false, name: '暴雪停工' },
  ],
};

it('a calendar edit recounts open due dates, with timeline, reminder and notice; concluded ones stay', async () => {
  const open = await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  const answered = await desk.tickets.open(aTicket(), agent);
  await desk.tickets.act('answer', answered.ticketId, 1, { answer: '已答复', articleId: null }, agent);
  await change(1, snowDays);

  const view = await desk.reading.show(open.ticketId, agent);
  expect(cityWords(new Date(view.dueAt!))).toBe('2026年12月3日 18:00');
  expect(view.dueWhy).toContain('暴雪停工 11月26日至27日');
  expect(view.version).toBe(2);
  expect(view.timeline.at(-1)).toMatchObject({
    kind: 'dueChanged',
    words: expect.stringContaining('由 2026年12月1日 18:00 改为 2026年12月3日 18:00'),
  });
  const timers = await desk.db('due_timers').where({ rung: 'remindBefore' }).orderBy('at');
  expect(timers.map(({ state, at }) => [state, cityWords(at)])).toEqual([
    ['cancelled', '2026年12月1日 08:00'],
    ['waiting', '2026年12月3日 08:00'],
  ]);
  const clerk = person('unit', { unitId: 'unit-a' });
  expect((await desk.inbox.list(clerk, { unread: true, limit: 9 })).items.map(({ kind }) => kind)).toEqual([
    'dueChanged',
  ]);

  // Taking the rows back brings the first date back; running again changes nothing.
  await change(2, { remove: snowDays.set.map(({ day }) => day) });
  expect(await desk.recount.run()).toBe(0);
  expect((await desk.reading.show(open.ticketId, agent)).timeline).toHaveLength(4);
  expect((await desk.reading.show(answered.ticketId, agent)).timeline).toHaveLength(2);
  expect(desk.faults).toEqual([]);
});

it('a reminder given for the old date is given again for the later one, not for an earlier one', async () => {
  await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  clock.set(at('2026-12-01 09:00'));
  expect(await desk.reminders.sweep()).toBe(1);
  await change(1, snowDays);
  clock.set(at('2026-12-03 09:00'));
  expect(await desk.reminders.sweep()).toBe(1);
  await change(2, { remove: snowDays.set.map(({ day }) => day) });
  // The old date is over again: only that is said, not that it is near.
  expect(await desk.reminders.sweep()).toBe(1);
  const kinds = await desk.db('unit_inbox').orderBy('inbox_seq').pluck('kind');
  expect(kinds.filter((kind) => kind !== 'dueChanged')).toEqual(['dueSoon', 'dueSoon', 'overdue']);
});

it('two services count on one calendar; what one leaves the other recounts', async () => {
  const other = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  const { ticketId } = await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  await other.calendar.current();
  // A change whose service died before it recounted.
  await desk.db('calendar_days').insert({ day: '2026-11-25', working: false, name: '停工' });
  await desk.db('calendar_state').update({ version: 2 });
  expect(await other.recount.run()).toBe(1);
  expect(await desk.recount.run()).toBe(0);
  expect(cityWords(new Date((await desk.reading.show(ticketId, agent)).dueAt!))).toBe('2026年12月2日 18:00');
  await other.stop();
});

it('the calendar is versioned: a stale edit is refused, history tells who and what, the audit trail has it', async () => {
  await change(1, snowDays);
  await expect(change(1, snowDays)).rejects.toMatchObject({ code: 'stale-version', facts: { version: 2 } });
  const [entry] = await desk.calendar.history();
  expect(entry).toMatchObject({
    version: 2,
    byName: '李管理',
    reason: '市政府通知',
    before: { days: [] },
    after: { days: [{ day: '2026-11-26' }, { day: '2026-11-27' }] },
  });
  expect(await desk.db('audit').where({ action: 'calendar.change' })).toHaveLength(1);
});

it('says which year is missing, and counts into it once the administrator has entered it', async () => {
  expect((await desk.calendar.show()).missingYears).toEqual([2027]);
  clock.set(at('2026-12-30 10:00'));
  await expect(desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent)).rejects.toMatchObject({
    code: 'calendar-unknown',
  });
  await change(1, { set: [{ day: '2027-01-01', working: false, name: '元旦' }], declareYears: [2027] });
  expect((await desk.calendar.show()).missingYears).toEqual([]);
  const { ticketId } = await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
  expect(cityWords(new Date((await desk.reading.show(ticketId, agent)).dueAt!))).toBe('2027年1月7日 18:00');
});

it('the demonstration city can dispatch in a year that is not published; again changes nothing', async () => {
  const now = at('2026-12-30 10:00');
  await seedDemoCalendar(desk.db, now);
  await seedDemoCalendar(desk.db, now);
  clock.set(now);
  const calendar = await desk.calendar.show();
  expect(calendar).toMatchObject({ version: 2, missingYears: [], declaredYears: [2027] });
  const days = await desk.calendar.days(2027);
  expect(days.map(({ day }) => day)).toEqual([
    '2027-01-01',
    '2027-02-05',
    '2027-02-06',
    '2027-02-07',
    '2027-02-08',
    '2027-04-05',
    '2027-05-01',
    '2027-05-02',
    '2027-06-09',
    '2027-09-15',
    '2027-10-01',
    '2027-10-02',
    '2027-10-03',
  ]);
  expect((await desk.calendar.history())[0]!.reason).toContain('演示数据');
  await desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
});
