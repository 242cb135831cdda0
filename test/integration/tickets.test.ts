import { buffer } from 'node:stream/consumers';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import type { Caller } from '../../src/platform/http-route';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const dispatchTo = (unitId: string) => ACTION_INPUT.dispatch.parse({ unitId });
const clock = new SetClock(cityInstant('2026-09-30', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeAll(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await desk.db('units').insert([
    { unit_id: 'util-gongshui', name: '市供水公司', kind: 'public-utility', area_code: 'city' },
    { unit_id: 'county-xiangyuan', name: '襄垣县政府', kind: 'county', area_code: '140423' },
  ]);
  await seedDemoCategories(desk.db);
  await seedDemoCategories(desk.db);
});
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

const rowsOf = async (table: string, ticketId: string) =>
  Number((await desk.db(table).where({ ticket_id: ticketId }).count('* as n').first())?.['n']);

it('opens from a call: number, citizen, due date over National Day, one timeline row per command', async () => {
  const { ticketId, number } = await desk.tickets.open(
    aTicket({ callId: 'call-1', unitId: 'unit-a', citizenName: '张三' }),
    agent,
  );
  expect(number).toMatch(/^20260930-\d{6}$/);
  const view = await desk.reading.show(ticketId, agent);
  expect(view).toMatchObject({
    state: 'dispatched',
    version: 2,
    citizenName: '张三',
    citizenMasked: '138****8000',
    callId: 'call-1',
    lineName: '长治市12345政务服务热线',
    unitId: 'unit-a',
    actions: ['addAssistant', 'meet', 'urge', 'supplement', 'merge'],
  });
  expect(cityWords(new Date(view.dueAt!))).toBe('2026年10月13日 18:00');
  expect(cityWords(new Date(view.returnBy!))).toBe('2026年10月8日 18:00');
  expect(view.dueWhy).toContain('国庆节 10月1日至7日');
  expect(view.skipped).toHaveLength(8);
  expect(view.timeline.map(({ kind }) => kind)).toEqual(['opened', 'dispatched']);
  expect([await rowsOf('outbox', ticketId), await rowsOf('due_timers', ticketId)]).toEqual([1, 4]);
  expect(await desk.citizens.byNumber('13800138000')).toMatchObject({ name: '张三' });
});

it('a hidden number makes no citizen; a contact number is normalised or refused', async () => {
  const { ticketId } = await desk.tickets.open(
    aTicket({ callId: 'call-hidden', contactNumber: '0355-2012319' }),
    agent,
  );
  const row = await desk.db('tickets').where({ ticket_id: ticketId }).first();
  expect(row).toMatchObject({ citizen_id: null, caller_number: null, contact_number: '03552012319' });
  expect((await desk.reading.show(ticketId, agent)).citizenMasked).toBe('0355***2319');
  await expect(desk.tickets.open(aTicket({ contactNumber: 'DROP TABLE' }), agent)).rejects.toMatchObject({
    code: 'invalid-input',
  });
});

it.each([
  ['an unknown call', { callId: 'nobody' }, 'not-found'],
  ['a branch as category', { categoryCode: 'GY' }, 'invalid-input'],
  ['a category that is none', { categoryCode: "x' or '1'='1" }, 'invalid-input'],
  ['a unit that is none', { unitId: 'nobody' }, 'invalid-input'],
])('refuses %s and changes nothing', async (_, changes, code) => {
  const before = await desk.db('tickets').count('* as n').first();
  await expect(desk.tickets.open(aTicket(changes), agent)).rejects.toMatchObject({ code });
  expect(await desk.db('tickets').count('* as n').first()).toEqual(before);
});

it('refuses another seat’s call to an agent', async () => {
  const other = person('agent', { personId: 'agent-2' });
  await expect(desk.tickets.open(aTicket({ callId: 'call-1' }), other)).rejects.toMatchObject({
    code: 'not-allowed',
  });
});

it('keeps hostile text as it is', async () => {
  const title = `<script>alert(1)</script> %FF '"; drop table tickets; 😀 ��`;
  const { ticketId } = await desk.tickets.open(aTicket({ title }), agent);
  expect((await desk.reading.show(ticketId, agent)).title).toBe(title);
});

it('one request key makes one ticket, ten times at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 10 }, () => desk.tickets.open(aTicket({ unitId: 'unit-a' }), agent, 'key-12345678')),
  );
  expect(new Set(made.map(({ ticketId }) => ticketId)).size).toBe(1);
  expect(await rowsOf('outbox', made[0]!.ticketId)).toBe(1);
});

it('numbers are unique when many open at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 20 }, () => desk.tickets.open(aTicket({ callId: 'call-1' }), agent)),
  );
  expect(new Set(made.map(({ number }) => number)).size).toBe(20);
});

it('two who dispatch at once: one does, the other is refused, one clock runs', async () => {
  const { ticketId } = await desk.tickets.open(aTicket(), agent);
  const results = await Promise.allSettled(
    ['unit-a', 'unit-b', 'unit-c'].map((unit) =>
      desk.tickets.act('dispatch', ticketId, 1, dispatchTo(unit), agent),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'stale-version' });
  const counts = await Promise.all(
    ['outbox', 'due_timers', 'ticket_parts'].map((table) => rowsOf(table, ticketId)),
  );
  expect(counts).toEqual([1, 4, 1]);
  await expect(
    desk.tickets.act('answer', ticketId, 2, { answer: '已答复', articleId: null }, agent),
  ).rejects.toMatchObject({
    code: 'wrong-state',
  });
});

it('answers directly (D1)', async () => {
  const { ticketId } = await desk.tickets.open(aTicket({ type: 'consultation' }), agent);
  await desk.tickets.act('answer', ticketId, 1, { answer: '请拨打供水公司电话', articleId: null }, agent);
  expect(await desk.reading.show(ticketId, agent)).toMatchObject({
    state: 'answered',
    answer: '请拨打供水公司电话',
    dueAt: null,
  });
});

it('refuses to dispatch into a year without a calendar, and leaves the ticket accepted', async () => {
  const { ticketId } = await desk.tickets.open(aTicket(), agent);
  clock.set(cityInstant('2026-12-29', '10:00'));
  await expect(desk.tickets.act('dispatch', ticketId, 1, dispatchTo('unit-a'), agent)).rejects.toMatchObject({
    code: 'calendar-unknown',
    facts: { year: 2027 },
  });
  clock.set(cityInstant('2026-09-30', '10:00'));
  expect(await desk.reading.show(ticketId, agent)).toMatchObject({ state: 'accepted', version: 1 });
});

describe('a unit', () => {
  const clerk = person('unit', { personId: 'clerk', unitId: 'unit-z' });
  let open: string;
  let secret: string;
  let foreign: string;
  beforeAll(async () => {
    const call = { callId: 'call-1', unitId: 'unit-z', citizenName: '李四' };
    open = (await desk.tickets.open(aTicket({ ...call, title: '=HYPERLINK("http://x")' }), agent)).ticketId;
    secret = (await desk.tickets.open(aTicket({ ...call, type: 'report' }), agent)).ticketId;
    foreign = (await desk.tickets.open(aTicket({ unitId: 'unit-b' }), agent)).ticketId;
  });

  it('sees its own tickets only', async () => {
    const { items } = await desk.lists.list({}, { limit: 100 }, clerk);
    expect(items.map(({ ticketId }) => ticketId).sort()).toEqual([open, secret].sort());
    await expect(desk.reading.show(foreign, clerk)).rejects.toMatchObject({ code: 'not-found' });
    expect((await desk.lists.list({}, { limit: 100 }, { ...clerk, unitId: null })).items).toEqual([]);
  });

  it('never learns who reports: not in the view, the list, the export, nor the number', async () => {
    const view = await desk.reading.show(secret, clerk);
    const { items } = await desk.lists.list({ type: 'report' }, { limit: 10 }, clerk);
    const file = await buffer((await desk.lists.exportList({ type: 'report' }, 'csv', clerk)).stream);
    for (const text of [JSON.stringify(view), JSON.stringify(items), file.toString()])
      expect(text).not.toMatch(/李四|138|call-1|政务服务热线/);
    await expect(desk.reading.revealNumber(secret, clerk)).rejects.toMatchObject({ code: 'not-allowed' });
  });

  it('cannot find a confidential ticket by the call of another one, nor can the administrator', async () => {
    const found = async (caller: Caller) =>
      (await desk.lists.list({ callId: 'call-1' }, { limit: 50 }, caller)).items;
    expect((await found(agent)).map(({ ticketId }) => ticketId)).toContain(secret);
    for (const caller of [clerk, person('administrator')]) {
      const items = await found(caller);
      expect(items.length).toBeGreaterThan(0);
      expect(items.filter(({ type, confidential }) => confidential || type === 'report')).toEqual([]);
      const file = await buffer((await desk.lists.exportList({ callId: 'call-1' }, 'csv', caller)).stream);
      expect(file.toString()).not.toContain('举报');
    }
  });

  it('may look at an ordinary citizen’s number, which is audited', async () => {
    expect(await desk.reading.revealNumber(open, clerk)).toEqual({
      number: '13800138000',
      contactNumber: null,
    });
    expect(
      await desk.db('audit').where({ action: 'ticket.reveal-number', subject: open }).first(),
    ).toBeTruthy();
  });

  it('exports spreadsheets in which no cell is a formula', async () => {
    const csv = await buffer((await desk.lists.exportList({}, 'csv', clerk)).stream);
    expect(csv.toString()).toContain(`'=HYPERLINK`);
    const xlsx = await buffer((await desk.lists.exportList({}, 'xlsx', clerk)).stream);
    expect(xlsx.subarray(0, 2).toString()).toBe('PK');
  });
});

it('lists by pages without gap or repeat, and finds Chinese words literally', async () => {
  const seen: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await desk.lists.list({}, { limit: 7, ...(cursor ? { cursor } : {}) }, agent);
    seen.push(...page.items.map(({ number }) => number));
    if (!page.nextCursor) break;
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  await desk.tickets.open(aTicket({ title: '路灯 100% 不亮' }), agent);
  expect((await desk.lists.list({ text: '100%' }, { limit: 9 }, agent)).items).toHaveLength(1);
  expect((await desk.lists.list({ text: '_' }, { limit: 9 }, agent)).items).toHaveLength(0);
});

it('proposes the place’s unit before the city’s (R2)', async () => {
  expect(await desk.proposals.propose({ categoryCode: 'CG-01', areaCode: '140423' })).toMatchObject({
    unitId: 'county-xiangyuan',
  });
  expect(await desk.proposals.propose({ categoryCode: 'GY-01', areaCode: '140423' })).toMatchObject({
    unitId: 'util-gongshui',
  });
  expect(await desk.proposals.propose({ categoryCode: 'ZW-01', areaCode: null })).toMatchObject({
    unitId: null,
  });
  expect((await desk.reading.categories()).items.filter(({ leaf }) => leaf).length).toBeGreaterThanOrEqual(
    60,
  );
});
