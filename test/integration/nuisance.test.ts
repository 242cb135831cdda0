import { EMPTY_BOOK } from '../../src/calls/nuisance';
import { nuisanceRoutes } from '../../src/calls/nuisance.routes';
import { NuisanceList } from '../../src/calls/nuisance.service';
import { NuisanceStore } from '../../src/calls/nuisance.store';
import { cityDay, cityWords, shiftDay } from '../../src/deadlines/city-time';
import { writeSheet } from '../../src/lines/line-sheet.adapter';
import { AuditStore } from '../../src/platform/audit.store';
import { Kept } from '../../src/platform/kept';
import { openLogger } from '../../src/platform/logger';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { freshDatabase, testServers } from '../support/servers';
import { until } from '../support/until';
import { startWeb, type Visitor, type Web } from '../support/web';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let web: Web;
let agent: Visitor;
let supervisor: Visitor;
let second: Visitor;
let admin: Visitor;
let here: ReturnType<typeof open>;
let there: ReturnType<typeof open>;

/** The clock of both services; noon in the city. */
let now = new Date('2026-06-15T04:00:00Z');
const clock = { now: () => now };

const CALLS: Record<string, { callerNumber: string | null; seatId: string }> = {
  'call-a': { callerNumber: '13800138000', seatId: 'p-agent' },
  'call-b': { callerNumber: '13800138001', seatId: 'p-other' },
  'call-hidden': { callerNumber: null, seatId: 'p-agent' },
  'call-unit': { callerNumber: '03552012319', seatId: 'p-agent' },
};

/** The list as hotline.ts joins it; two of them are two services on one database. */
function open() {
  const store = new NuisanceStore(db);
  const kept = new Kept({
    name: 'nuisance',
    source: store,
    first: EMPTY_BOOK,
    log: openLogger('silent'),
    lookEveryMs: 50,
  });
  const list = new NuisanceList({
    store,
    kept,
    audit: new AuditStore(db, clock),
    clock,
    areaCode: '0355',
    policy: { maxDays: 90, repeatCalls: 3, repeatMs: 600_000 },
    day: cityDay,
    shiftDay,
    guarded: () => [{ number: '03552012319', words: '市住房和城乡建设局' }],
    callFacts: async (callId) => CALLS[callId] ?? null,
    lineKnown: (lineId) => lineId === 'line-urgent',
  });
  return { list, kept };
}

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 4);
  [here, there] = [open(), open()];
  await here.kept.start();
  await there.kept.start();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: nuisanceRoutes({ nuisance: here.list, areaCode: '0355', maxDays: 90, writeSheet, cityWords }),
  });
  agent = await web.visitorAs('agent');
  supervisor = await web.visitorAs('supervisor');
  second = await web.visitorAs('supervisor', 'p-second');
  admin = await web.visitorAs('administrator');
});
afterAll(async () => {
  await web?.stop();
  await Promise.all([here?.kept.stop(), there?.kept.stop()]);
  await db?.destroy();
  await database?.drop();
});

const proposal = { callId: 'call-a', reason: '反复辱骂坐席', lastDay: '2026-07-15' };
const propose = (by: Visitor, change: object = {}) =>
  by.call('POST', '/api/nuisance', { ...proposal, ...change });
const act = (by: Visitor, id: unknown, how: string, body: object) =>
  by.call('POST', `/api/nuisance/${String(id)}/${how}`, body);
const verdict = (number = '13800138000', lineId = 'line-12345') => here.list.judge(number, lineId, now);

test('an agent proposes from an own call, a supervisor approves, every service knows, and it ends by itself', async () => {
  const made = await propose(agent);
  expect([made.status, made.body.state, made.body.masked]).toEqual([201, 'proposed', '138****8000']);
  expect(JSON.stringify(made.body)).not.toContain('13800138000');
  expect(verdict()).toBeNull();
  expect((await propose(agent)).body.code).toBe('already-exists');
  const { entryId } = made.body;
  expect((await act(agent, entryId, 'approve', { version: 1 })).status).toBe(403);
  const approved = await act(supervisor, entryId, 'approve', { version: 1, words: '录音属实' });
  expect(approved.body).toMatchObject({
    state: 'active',
    version: 2,
    decided: { personId: 'p-supervisor', words: '录音属实' },
  });
  expect(verdict()).toMatchObject({ entryId, treatment: 'announce' });
  await until('the other service knows', () => there.list.judge('13800138000', 'x', now) !== null);
  expect((await propose(agent)).body.code).toBe('already-exists');
  now = new Date('2026-07-15T15:59:59Z');
  expect(verdict()).not.toBeNull();
  now = new Date('2026-07-15T16:00:00Z');
  expect(verdict()).toBeNull();
  const { body } = await supervisor.call('GET', '/api/nuisance?state=expired');
  expect(body.entries).toMatchObject([{ entryId, state: 'expired' }]);
  expect((await propose(agent, { lastDay: '2026-07-20' })).status).toBe(201);
  now = new Date('2026-06-15T04:00:00Z');
});

test('nobody approves the own proposal; a refusal and an early end need a reason', async () => {
  const own = await propose(supervisor, { callId: null, number: '0355-3019999' });
  expect(own.status).toBe(201);
  const { entryId } = own.body;
  for (const how of ['approve', 'refuse']) {
    const reply = await act(supervisor, entryId, how, { version: 1, words: '可以' });
    expect([reply.status, reply.body.code]).toEqual([403, 'not-allowed']);
  }
  expect((await act(second, entryId, 'refuse', { version: 1, words: '' })).status).toBe(400);
  const changed = await act(second, entryId, 'approve', {
    version: 1,
    lastDay: '2026-06-20',
    treatment: 'last',
  });
  expect(changed.body).toMatchObject({ lastDay: '2026-06-20', treatment: 'last', state: 'active' });
  expect(verdict('03553019999')).toMatchObject({ treatment: 'last' });
  expect((await act(second, entryId, 'approve', { version: 2 })).body.code).toBe('wrong-state');
  expect((await act(supervisor, entryId, 'lift', { version: 2, words: ' ' })).status).toBe(400);
  expect((await act(supervisor, entryId, 'lift', { version: 1, words: '误报' })).body.code).toBe(
    'stale-version',
  );
  const lifted = await act(supervisor, entryId, 'lift', { version: 2, words: '误报' });
  expect(lifted.body).toMatchObject({ state: 'lifted', lifted: { words: '误报' } });
  expect(verdict('03553019999')).toBeNull();
  const trail = await web.audit.list({ subject: `nuisance:${String(entryId)}` }, 9);
  expect(trail.map(({ action, who, facts }) => [action, who, facts.number])).toEqual([
    ['nuisance.lift', 'p-supervisor', '0355***9999'],
    ['nuisance.approve', 'p-second', '0355***9999'],
    ['nuisance.propose', 'p-supervisor', '0355***9999'],
  ]);
  await expect(
    db('nuisance_entries')
      .where({ entry_id: String(entryId) })
      .update({ proposed_by: 'p-second' }),
  ).rejects.toThrow('nuisance_two_people');
});

test('of two supervisors who decide at once one is told', async () => {
  const { body } = await propose(agent, { callId: null, number: '1' });
  expect(body.code).toBe('not-allowed');
  const made = await propose(supervisor, { callId: null, number: '13900000001' });
  const third = await web.visitorAs('supervisor', 'p-third');
  const replies = await Promise.all([
    act(second, made.body.entryId, 'approve', { version: 1 }),
    act(third, made.body.entryId, 'refuse', { version: 1, words: '证据不足' }),
  ]);
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('never: emergency numbers, units, hidden callers, calls of others, no end, too late an end', async () => {
  const faults = [
    { callId: 'call-hidden' },
    { callId: 'call-unit' },
    { lastDay: '2026-06-14' },
    { lastDay: '2026-09-14' },
    { lastDay: undefined },
    { reason: '' },
    { reason: 'x\u0000y' },
    { callId: 'call-a', number: '13800138000' },
  ];
  for (const fault of faults) {
    const reply = await propose(agent, fault);
    expect([fault, reply.status, reply.body.code]).toEqual([fault, 400, 'invalid-input']);
  }
  expect((await propose(agent, { callId: 'call-b' })).status).toBe(404);
  expect((await propose(agent, { callId: 'nothing' })).status).toBe(404);
  for (const number of ['110', '0355119', '+86355120', '122', '(0355) 201-2319', "1' or '1'='1"])
    expect((await propose(supervisor, { callId: null, number })).status).toBe(400);
  const wide = { callId: null, number: '0355201', match: 'prefix' };
  expect((await propose(supervisor, wide)).body.detail).toContain('市住房和城乡建设局');
});

test('a caller who tries again and again is put through; the third call within the time counts', async () => {
  const number = '13900000002';
  const made = await propose(supervisor, { callId: null, number });
  await act(second, made.body.entryId, 'approve', { version: 1 });
  const call = () => here.list.nuisanceOf(number, 'line-12345', now)?.treatment;
  expect([call(), call(), call(), call()]).toEqual(['announce', 'announce', 'through', 'through']);
  now = new Date(now.getTime() + 600_000);
  expect([call(), call(), call()]).toEqual(['announce', 'announce', 'through']);
});

test('on lines that are kept open nobody is blocked', async () => {
  const number = '13900000003';
  const made = await propose(supervisor, { callId: null, number });
  await act(second, made.body.entryId, 'approve', { version: 1 });
  const open = (by: Visitor, lineIds: string[]) => by.call('PUT', '/api/nuisance/open-lines', { lineIds });
  expect((await open(admin, ['line-urgent'])).status).toBe(403);
  expect((await open(supervisor, ['nowhere'])).status).toBe(404);
  expect((await open(supervisor, ['line-urgent'])).body).toEqual({ lineIds: ['line-urgent'] });
  const tried = async (lineId: string) =>
    (await admin.call('POST', '/api/nuisance/try', { number: '+86 139 0000 0003', lineId })).body.treatment;
  expect([await tried('line-urgent'), await tried('line-12345')]).toEqual(['through', 'announce']);
  await until(
    'the other service knows',
    () => there.list.judge(number, 'line-urgent', now)?.treatment === 'through',
  );
  const [entry] = await web.audit.list({ action: 'nuisance.open-lines' }, 5);
  expect(entry?.facts).toEqual({ before: [], after: ['line-urgent'] });
});

test('the list is masked, found by number, exported; a look at a number is audited', async () => {
  const { body } = await admin.call('GET', '/api/nuisance?number=139-0000-0003');
  const [entry, ...more] = body.entries as { entryId: string; masked: string }[];
  expect([entry?.masked, more]).toEqual(['139****0003', []]);
  const all = await supervisor.call('GET', '/api/nuisance');
  expect(all.text).not.toMatch(/1390000000\d|13800138000/);
  const csv = await supervisor.call('GET', '/api/nuisance-export?format=csv');
  expect(csv.text).toContain('139****0003');
  expect(csv.text).not.toMatch(/1390000000\d/);
  expect((await act(admin, entry?.entryId, 'reveal', {})).body).toEqual({ number: '13900000003' });
  const [look] = await web.audit.list({ action: 'number.reveal' }, 1);
  expect(look).toMatchObject({ who: 'p-administrator', subject: `nuisance:${entry?.entryId}` });
  expect((await agent.call('GET', '/api/nuisance')).status).toBe(403);
  const mine = await agent.call('GET', '/api/desk/nuisance');
  expect((mine.body.entries as { proposed: { personId: string } }[]).length).toBe(2);
});
