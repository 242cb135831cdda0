import { buffer } from 'node:stream/consumers';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import type { Caller } from '../../src/platform/http-route';
import { brokenAt } from '../../src/platform/hash-chain';
import type { TicketInput } from '../../src/tickets/ticket';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import type { TicketAction } from '../../src/tickets/ticket-lifecycle';
import { timelineRecord } from '../../src/tickets/timeline-record';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

/** Whole walks of work orders (B1), through the service and its database, each read again as its people read it. */
jest.setTimeout(60_000);

const agent = person('agent');
const supervisor = person('supervisor', { name: '李班长' });
const clerkOf = (unit: string) => person('unit', { personId: `clerk-${unit}`, unitId: `unit-${unit}` });
const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeAll(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await seedDemoCategories(desk.db);
});
beforeEach(() => clock.set(cityInstant('2026-11-24', '10:00')));
afterAll(async () => {
  await desk.stop();
  await database.drop();
});

const open = async (changes: Partial<TicketInput> = {}) =>
  (await desk.tickets.open(aTicket({ callId: 'call-1', citizenName: '张三', ...changes }), agent)).ticketId;
const show = (ticketId: string, by: Caller = agent) => desk.reading.show(ticketId, by);

/** As the API does it: on the version that is there now. */
async function act(action: TicketAction, ticketId: string, input: object, by: Caller) {
  const row = await desk.store.find(ticketId);
  const parsed = ACTION_INPUT[action].parse(input) as never;
  await desk.tickets.act(action, ticketId, row?.version ?? 0, parsed, by);
  return show(ticketId, supervisor);
}
const ANSWER = { handling: '派人到现场抢修', publicAnswer: '已恢复供水', truthful: true, solved: true };
const pendingOf = async (ticketId: string) =>
  (await show(ticketId, supervisor)).requests.find(({ state }) => state === 'pending')?.requestId;
const due = ({ dueAt }: { dueAt: string | null }) => cityWords(new Date(dueAt ?? 0));

/** The whole walk is one unbroken chain, one row per step. */
async function walked(ticketId: string): Promise<string[]> {
  const rows = await desk.store.timeline(ticketId);
  const links = rows.map((row) => ({
    record: timelineRecord(row),
    previousHash: row.previous_hash,
    hash: row.hash,
  }));
  expect(brokenAt(links)).toBeNull();
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
  return rows.map(({ kind }) => kind);
}

it('answered directly, with the article, and archived (D1)', async () => {
  const ticketId = await open({ type: 'consultation' });
  expect((await show(ticketId)).actions).toEqual(expect.arrayContaining(['answer', 'refuse', 'dispatch']));
  const answered = await act('answer', ticketId, { answer: '请拨供水公司抢修电话', articleId: 'a1' }, agent);
  expect(answered).toMatchObject({
    state: 'answered',
    answer: '请拨供水公司抢修电话',
    article: { articleId: 'a1', version: 3, title: '停水怎么办' },
    dueAt: null,
  });
  expect((await act('archive', ticketId, {}, agent)).actions).not.toContain('archive');
  expect(await walked(ticketId)).toEqual(['opened', 'answered', 'archived']);
});

it('refused: which of the eight, what was explained, where the citizen was guided (D3)', async () => {
  const ticketId = await open({ channel: 'website', callId: null, contactNumber: '13800138001' });
  const refusal = { kind: 'judicial', explanation: '属于民事纠纷', guidedTo: '潞州区人民法院' };
  const refused = await act('refuse', ticketId, refusal, agent);
  expect(refused).toMatchObject({
    state: 'refused',
    refusal: { ...refusal, kindWords: '行政职权以外的民事纠纷和刑事案件' },
  });
  // On the telephone it would have been explained; here a message does.
  expect(desk.told).toContainEqual({
    number: refused.number,
    template: 'ticketRefused',
    words: '属于民事纠纷，请向潞州区人民法院反映',
  });
  await expect(act('dispatch', ticketId, { unitId: 'unit-a' }, agent)).rejects.toMatchObject({
    code: 'wrong-state',
  });
  expect(await walked(ticketId)).toEqual(['opened', 'refused']);
});

it('returned within the day and redispatched with a clock of its own (T3)', async () => {
  const ticketId = await open({ unitId: 'unit-a' });
  clock.set(cityInstant('2026-11-25', '09:00'));
  await act('askReturn', ticketId, { reason: '属城管职责', suggestedUnitId: 'unit-b' }, clerkOf('a'));
  expect((await show(ticketId, supervisor)).pending).toEqual(['return']);
  const decision = { requestId: await pendingOf(ticketId), granted: true, words: '情况属实' };
  const back = await act('decide', ticketId, decision, supervisor);
  expect(back).toMatchObject({ state: 'returned', unitId: null, dueAt: null });
  await expect(show(ticketId, clerkOf('a'))).rejects.toMatchObject({ code: 'not-found' });
  const again = await act('dispatch', ticketId, { unitId: 'unit-b' }, agent);
  expect(again).toMatchObject({ state: 'dispatched', unitId: 'unit-b' });
  expect([due(again), again.parts.map(({ round, state }) => [round, state])]).toEqual([
    '2026年12月2日 18:00',
    [
      [1, 'returned'],
      [2, 'dispatched'],
    ],
  ]);
  expect(await walked(ticketId)).toEqual([
    'opened',
    'dispatched',
    'returnAsked',
    'returnDecided',
    'dispatched',
  ]);
});

it('a refused return stops no clock; an objection refused is a final ruling; too late is too late (T3)', async () => {
  const ticketId = await open({ unitId: 'unit-a' });
  const before = due(await show(ticketId));
  await act('askReturn', ticketId, { reason: '非我职责' }, clerkOf('a'));
  const refusal = { granted: false, words: '属你单位职责' };
  await act('decide', ticketId, { requestId: await pendingOf(ticketId), ...refusal }, supervisor);
  await expect(act('askReturn', ticketId, { reason: '再退' }, clerkOf('a'))).rejects.toMatchObject({
    code: 'wrong-state',
  });
  await act('object', ticketId, { reason: '有三定方案为证' }, clerkOf('a'));
  const ruled = await act(
    'decide',
    ticketId,
    { requestId: await pendingOf(ticketId), ...refusal },
    supervisor,
  );
  expect(ruled.part).toMatchObject({ final: true });
  expect(due(ruled)).toBe(before);
  await expect(act('object', ticketId, { reason: '还是不服' }, clerkOf('a'))).rejects.toMatchObject({
    code: 'wrong-state',
  });
  const other = await open({ unitId: 'unit-b' });
  clock.set(cityInstant('2026-11-26', '08:30'));
  await expect(act('askReturn', other, { reason: '非我职责' }, clerkOf('b'))).rejects.toMatchObject({
    code: 'return-too-late',
  });
  // Only 12345 itself can still take it back.
  expect(await act('recall', other, { reason: '确系派错' }, supervisor)).toMatchObject({ state: 'returned' });
});

it('extended before expiry, told to the citizen; after it, no more (T2)', async () => {
  const ticketId = await open({ unitId: 'unit-a' });
  await act('acknowledge', ticketId, {}, clerkOf('a'));
  await act('askExtension', ticketId, { reason: '须更换管道', workingDays: 3 }, clerkOf('a'));
  const decision = { requestId: await pendingOf(ticketId), granted: true };
  const extended = await act('decide', ticketId, decision, supervisor);
  expect(due(extended)).toBe('2026年12月4日 18:00');
  expect(extended.dueWhy).toContain('经同意延期 3 个工作日（T2）');
  expect(desk.told).toContainEqual(
    expect.objectContaining({ number: extended.number, template: 'ticketExtended' }),
  );
  const late = await open({ unitId: 'unit-b' });
  clock.set(cityInstant('2026-12-02', '09:00'));
  await expect(
    act('askExtension', late, { reason: '来不及', workingDays: 1 }, clerkOf('b')),
  ).rejects.toMatchObject({ code: 'extension-too-late' });
});

it('a lead with two assistants: each its own clock; concluded only when all have answered (R3)', async () => {
  const ticketId = await open();
  const units = { unitId: 'unit-a', assistingUnitIds: ['unit-b', 'unit-c'] };
  const sent = await act('dispatch', ticketId, units, agent);
  expect(sent.parts.map(({ unitId, role }) => [unitId, role]).sort()).toEqual([
    ['unit-a', 'lead'],
    ['unit-b', 'assisting'],
    ['unit-c', 'assisting'],
  ]);
  for (const unit of ['a', 'b', 'c']) await act('acknowledge', ticketId, {}, clerkOf(unit));
  const meeting = {
    heldAt: cityInstant('2026-11-24', '09:00').toISOString(),
    unitIds: ['unit-a', 'unit-b'],
    decision: '由单位a牵头抢修',
  };
  expect((await act('meet', ticketId, meeting, agent)).meetings).toHaveLength(1);
  expect(await act('reply', ticketId, ANSWER, clerkOf('a'))).toMatchObject({ state: 'replied' });
  await act('reply', ticketId, ANSWER, clerkOf('b'));
  await expect(act('check', ticketId, {}, agent)).rejects.toMatchObject({
    code: 'wrong-state',
    detail: '单位c尚未答复。',
  });
  // The assistant that still works sees the same work order with its own state.
  expect(await show(ticketId, clerkOf('c'))).toMatchObject({
    state: 'replied',
    part: { state: 'acknowledged', role: 'assisting' },
  });
  await act('reply', ticketId, ANSWER, clerkOf('c'));
  const done = await act('check', ticketId, {}, agent);
  expect(done).toMatchObject({ state: 'checked', answer: '已恢复供水' });
  expect(done.parts.map(({ state }) => state)).toEqual(['concluded', 'concluded', 'concluded']);
  expect(await desk.db('due_timers').where({ ticket_id: ticketId, state: 'waiting' })).toHaveLength(0);
  expect(await walked(ticketId)).toHaveLength(10);
});

it('a whistle-blower: nothing that a unit or an overseer can read leads to the citizen', async () => {
  const ticketId = await open({
    type: 'report',
    unitId: 'unit-a',
    citizenName: '赵举报',
    contactNumber: '13900139000',
    company: '某某公司',
    title: '举报违规排污',
    content: '夜间偷排',
  });
  await act('urge', ticketId, { words: '请尽快查处' }, agent);
  const clerk = clerkOf('a');
  const file = async (by: Caller) => {
    const reply = await desk.lists.exportList({}, 'csv', by);
    return (await buffer(reply.stream)).toString('utf8');
  };
  const read: unknown[] = [
    await show(ticketId, clerk),
    await desk.inbox.list(clerk, { unread: false, limit: 50 }),
  ];
  for (const by of [clerk, person('overseer')]) {
    const page = { limit: 50, sort: 'number' } as const;
    read.push(await show(ticketId, by), await desk.lists.list({ type: 'report' }, page, by));
    for (const text of ['赵举报', '13900139000', '13800138000'])
      expect((await desk.lists.list({ text }, page, by)).items).toEqual([]);
  }
  const mine = (await file(clerk)).split('\n').filter((line) => line.includes('举报违规排污'));
  expect(mine).toHaveLength(1);
  read.push(mine);
  expect(JSON.stringify(read)).not.toMatch(/赵举报|139\D*9000|138\D*8000|call-1|某某公司|12345政务服务热线/);
  await expect(desk.reading.revealNumber(ticketId, clerk)).rejects.toMatchObject({ code: 'not-allowed' });
  // The hotline's own people know whom to call back.
  expect(await show(ticketId)).toMatchObject({ citizenName: '赵举报', citizenMasked: '138****8000' });
});

it('sent back, answered better, reopened as often as set and no more (E1)', async () => {
  const ticketId = await open({ unitId: 'unit-a' });
  await act('acknowledge', ticketId, {}, clerkOf('a'));
  await act('reply', ticketId, ANSWER, clerkOf('a'));
  expect(await act('sendBack', ticketId, { reason: '没有说明原因' }, agent)).toMatchObject({
    state: 'acknowledged',
    answer: null,
  });
  for (const times of [1, 2, 3]) {
    await act('reply', ticketId, ANSWER, clerkOf('a'));
    await act('check', ticketId, {}, agent);
    if (times === 3) break;
    const again = await act('reopen', ticketId, { reason: '又停水了' }, agent);
    expect(again).toMatchObject({ state: 'dispatched', unitId: 'unit-a', reopened: times, answer: null });
    expect(again.dueWhy).toContain('E1');
    await act('acknowledge', ticketId, {}, clerkOf('a'));
  }
  await expect(act('reopen', ticketId, { reason: '第三次' }, agent)).rejects.toMatchObject({
    code: 'wrong-state',
    detail: expect.stringContaining('达到上限') as string,
  });
});
