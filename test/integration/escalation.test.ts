import Redis from 'ioredis';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { calendarChange } from '../../src/deadlines/calendar-change';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { defaultLadder } from '../../src/supervision/escalation-ladder';
import type { ActionInput } from '../../src/tickets/ticket-action-input';
import type { TicketAction } from '../../src/tickets/ticket-lifecycle';
import { freshDatabase, freshRedis } from '../support/servers';
import { aTicket, eventually, pause, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const supervisor = person('supervisor', { name: '李班长' });
const administrator = person('administrator');
const clerk = person('unit', { unitId: 'unit-a', name: '赵经办' });
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
const CLERKS = { 'unit-a': [{ mobile: '13900139000', email: null }] };
let clock: SetClock;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let desks: ReturnType<typeof ticketDesk>[];
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  clock = new SetClock(at('2026-11-23 10:00'));
  desks = [0, 1].map(() =>
    ticketDesk({ ...{ postgresUrl: database.url, redisUrl: redis.url, clock }, clerks: CLERKS }),
  );
  desk = desks[0]!;
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await Promise.all(desks.map((each) => each.stop()));
  await redis.stop();
  await database.drop();
});

/** Opened and dispatched on Monday 23 November, due on Monday 30 November at 18:00. */
const overdueTicket = () => desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent);
const act = async <A extends TicketAction>(
  action: A,
  ticketId: string,
  input: ActionInput<A>,
  by = supervisor,
) => {
  const { version } = (await desk.store.find(ticketId))!;
  await desk.tickets.act(action, ticketId, version, input, by);
};
const reply = {
  ...{ handling: '已抢修', publicAnswer: '已恢复供水', truthful: true, solved: true, unsolvedWhy: '' },
  contactedAt: null,
};
const sweepAt = async (text: string): Promise<number> => {
  clock.set(at(text));
  const given = await Promise.all([...desks, ...desks].map((each) => each.reminders.sweep()));
  return given.reduce((sum, n) => sum + n, 0);
};
const rungs = async (ticketId: string) =>
  (await desk.timers.ofTicket(ticketId)).map(({ rung, state, at: when }) => [
    rung,
    state,
    cityWords(when).slice(5),
  ]);
const kinds = async (ticketId: string): Promise<string[]> =>
  desk.db('ticket_timeline').where({ ticket_id: ticketId }).orderBy('seq').pluck('kind');
const letterOf = async (ticketId: string) =>
  (await desk.letters.list({ ticketId }, { limit: 9 }, supervisor)).items[0]!;

it('overdue up to special case (S1–S3): every rung once, in order, each with its reason', async () => {
  const { ticketId } = await overdueTicket();
  expect(await rungs(ticketId)).toEqual([
    ['remindBefore', 'waiting', '11月30日 08:00'],
    ['remindDue', 'waiting', '12月1日 08:00'],
    ['letter', 'waiting', '12月2日 08:00'],
    ['specialCase', 'held', '12月7日 08:00'],
  ]);
  expect(await sweepAt('2026-11-30 07:59')).toBe(0);
  expect(await sweepAt('2026-11-30 08:00')).toBe(1);
  expect(await sweepAt('2026-12-01 08:00')).toBe(1);
  expect(await sweepAt('2026-12-02 08:00')).toBe(1);
  const draft = await letterOf(ticketId);
  expect(draft).toMatchObject({ state: 'drafted', number: null, unit_name: '单位a', drafted_by: null });
  // Nobody has sent it: no special case, however long.
  expect(await sweepAt('2026-12-15 08:00')).toBe(0);
  expect((await desk.inbox.list(clerk, { unread: true, limit: 9 })).items.map(({ kind }) => kind)).toEqual([
    'overdue',
    'dueSoon',
  ]);
  // Its people are told where messages reach them too, once each though two services swept.
  const messages = desk.db('outgoing_messages').where({ ticket_id: ticketId, unit_id: 'unit-a' });
  expect(await messages.orderBy('seq').select('template', 'address')).toEqual([
    { template: 'unitDueSoon', address: '13900139000' },
    { template: 'unitOverdue', address: '13900139000' },
  ]);
  const sent = await desk.letters.issue(draft.letter_id, { version: draft.version }, supervisor);
  expect([sent.number, cityWords(sent.reply_by)]).toEqual(['督〔2026〕1号', '2026年12月17日 18:00']);
  const received = await desk.letters.receive(sent.letter_id, { version: sent.version }, clerk);
  expect(received.received_by_name).toBe('赵经办');
  expect(await sweepAt('2026-12-17 18:00')).toBe(0);
  expect(await sweepAt('2026-12-18 08:00')).toBe(1);
  const [proposed] = (await desk.matters.list({ ticketId }, { limit: 9 }, supervisor)).items;
  expect(proposed).toMatchObject({ kind: 'specialCase', state: 'proposed' });
  expect(await kinds(ticketId)).toEqual([
    ...['opened', 'dispatched', 'dueSoon', 'overdue', 'letterDrafted', 'letterIssued', 'letterReceived'],
    'supervised',
  ]);
  expect(await sweepAt('2026-12-31 10:00')).toBe(0);
  const shown = await desk.timers.ofTicket(ticketId);
  for (const row of shown.filter(({ state }) => state === 'fired')) expect(row.why).toContain('办理期限');
  expect(desks.flatMap(({ faults }) => faults)).toEqual([]);
});

it('an outage over everything: in order, and the letter keeps its distance from the reminder', async () => {
  const { ticketId } = await overdueTicket();
  expect(await sweepAt('2026-12-05 10:00')).toBe(0); // Saturday
  expect(await sweepAt('2026-12-07 08:00')).toBe(1);
  expect(await kinds(ticketId)).toEqual(['opened', 'dispatched', 'overdue']);
  expect(await sweepAt('2026-12-07 17:00')).toBe(0);
  expect(await sweepAt('2026-12-08 08:00')).toBe(1);
  expect(await letterOf(ticketId)).toMatchObject({ state: 'drafted' });
});

it('answered, nothing more is raised and a draft is not sent; sent back, the ladder is planned anew', async () => {
  const { ticketId } = await overdueTicket();
  await sweepAt('2026-12-01 08:00');
  await sweepAt('2026-12-02 08:00');
  await act('acknowledge', ticketId, {}, clerk);
  await act('reply', ticketId, reply, clerk);
  expect(await letterOf(ticketId)).toMatchObject({ state: 'withdrawn' });
  expect(await sweepAt('2026-12-04 16:00')).toBe(0);
  await act('sendBack', ticketId, { reason: '未说明原因', unitIds: [] });
  expect((await rungs(ticketId)).filter(([, state]) => state === 'waiting')).toEqual([
    ['letter', 'waiting', '12月7日 16:00'],
  ]);
  expect(await sweepAt('2026-12-07 15:00')).toBe(0);
  expect(await sweepAt('2026-12-07 16:00')).toBe(1);
  const numbers = await desk.db('supervision_letters').orderBy('letter_seq').pluck('state');
  expect(numbers).toEqual(['withdrawn', 'drafted']);
});

it('T2, and a pause: the rungs move with the due date; a paused part is left alone', async () => {
  const { ticketId } = await overdueTicket();
  await act('acknowledge', ticketId, {}, clerk);
  await act('askExtension', ticketId, { reason: '管网复杂', workingDays: 2 }, clerk);
  const [request] = await desk.db('ticket_requests');
  const granted = { words: '', workingDays: null, overrideReason: '' };
  await act('decide', ticketId, { requestId: request.request_id, granted: true, ...granted });
  expect((await rungs(ticketId)).filter(([, state]) => state === 'waiting')).toEqual([
    ['remindBefore', 'waiting', '12月2日 08:00'],
    ['remindDue', 'waiting', '12月3日 08:00'],
    ['letter', 'waiting', '12月4日 08:00'],
  ]);
  await act('pause', ticketId, { unitId: 'unit-a', rule: 'appraisal', words: '' });
  expect(await sweepAt('2026-12-07 10:00')).toBe(0);
  await act('resume', ticketId, { unitId: 'unit-a' });
  const waiting = (await rungs(ticketId)).filter(([, state]) => state === 'waiting');
  expect(waiting.map(([rung]) => rung)).toEqual(['remindBefore', 'remindDue', 'letter']);
  expect(await sweepAt('2026-12-07 10:00')).toBe(0);
});

it('a calendar edit while rungs wait moves them; none comes twice or out of order', async () => {
  const { ticketId } = await overdueTicket();
  await sweepAt('2026-12-01 08:00');
  const set = ['2026-12-02', '2026-12-03'].map((day) => ({ day, working: false, name: '暴雪停工' }));
  const change = (version: number, given: object) =>
    desk.calendar.change(calendarChange.parse({ version, reason: '市政府通知', ...given }), administrator);
  await change(1, { set });
  // The due date is past and stays; the letter moves over the two days.
  expect((await rungs(ticketId)).filter(([, state]) => state === 'waiting')).toEqual([
    ['letter', 'waiting', '12月4日 08:00'],
  ]);
  expect(await sweepAt('2026-12-02 10:00')).toBe(0);
  await change(2, { remove: set.map(({ day }) => day) });
  expect(await sweepAt('2026-12-02 10:00')).toBe(1);
  await change(3, { set });
  expect(await sweepAt('2026-12-31 10:00')).toBe(0);
  expect(await kinds(ticketId)).toEqual(['opened', 'dispatched', 'overdue', 'letterDrafted']);
});

it('two services with Redis emptied and one killed in the act: no rung twice', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 10; n += 1) ids.push((await overdueTicket()).ticketId);
  desks.forEach((each) => each.start());
  const cli = new Redis(redis.url);
  await cli.flushall();
  cli.disconnect();
  clock.set(at('2026-12-01 08:00'));
  // A worker that has taken a rung and dies before its end: PostgreSQL takes everything of it back.
  const dying = ticketDesk({ postgresUrl: database.url, redisUrl: redis.url, clock });
  const killed = dying.store.command(async (trx) => {
    const due = await dying.timers.lockDue(trx, clock.now(), []);
    if (due) await dying.timers.fired(trx, due.timer.timer_id, clock.now());
    throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  await dying.stop();
  const overdue = async () =>
    Number((await desk.db('unit_inbox').where({ kind: 'overdue' }).count('* as n').first())!['n']);
  await eventually(async () => (await overdue()) === 10, 20);
  clock.set(at('2026-12-02 08:00'));
  const drafts = async () => Number((await desk.db('supervision_letters').count('* as n').first())!['n']);
  await eventually(async () => (await drafts()) === 10, 20);
  await pause(1500);
  for (const ticketId of ids)
    expect(await kinds(ticketId)).toEqual(['opened', 'dispatched', 'overdue', 'letterDrafted']);
  expect(desks.flatMap(({ faults }) => faults)).toEqual([]);
});

it('an automatic letter is numbered at once; the special case of an automatic rung is open', async () => {
  const own = defaultLadder(8).map((each) =>
    each.action === 'letter' || each.action === 'specialCase' ? { ...each, automatic: true } : each,
  );
  await desk.ladder.change({ version: 0, rungs: own, reason: '自动发函' }, administrator);
  await expect(
    desk.ladder.change({ version: 0, rungs: own, reason: '再改' }, administrator),
  ).rejects.toMatchObject({ code: 'stale-version' });
  const { ticketId } = await overdueTicket();
  for (const day of ['12-01', '12-02']) await sweepAt(`2026-${day} 08:00`);
  expect(await letterOf(ticketId)).toMatchObject({
    state: 'issued',
    number: '督〔2026〕1号',
    issued_by: null,
  });
  expect(await sweepAt('2026-12-07 08:00')).toBe(1);
  const [open] = (await desk.matters.list({}, { limit: 9 }, clerk)).items;
  expect(open).toMatchObject({ kind: 'specialCase', state: 'open' });
  const audit = await desk.db('audit').where({ action: 'ladder.change' });
  expect(audit).toHaveLength(1);
});

it('E1: dissatisfaction raises a letter where the city wants it, once', async () => {
  const { ticketId } = await overdueTicket();
  const [{ part_id: partId }] = await desk.db('ticket_parts');
  const cause = { event: 'dissatisfied', words: '诉求人不满意。', by: null } as const;
  const raise = () => desk.store.command((trx) => desk.escalation.raise(trx, partId, cause));
  expect(await raise()).toBe(false);
  const own = defaultLadder(8).map((each) => ({ ...each, on: true }));
  await desk.ladder.change({ version: 0, rungs: own, reason: '不满意即发函' }, administrator);
  expect(await raise()).toBe(true);
  expect(await raise()).toBe(false);
  expect(await letterOf(ticketId)).toMatchObject({
    state: 'drafted',
    demand: expect.stringContaining('不满意'),
  });
  expect((await kinds(ticketId)).at(-1)).toBe('letterDrafted');
});
