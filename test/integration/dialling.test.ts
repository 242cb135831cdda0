import { dialRuleRoutes } from '../../src/calls/dial-rule.routes';
import { DialRules } from '../../src/calls/dial-rule.service';
import { BUILT_IN_SET, DialRuleStore } from '../../src/calls/dial-rule.store';
import { DEFAULT_DIAL_RULES } from '../../src/calls/dial-rules';
import { destinationRoutes } from '../../src/desk/destination.routes';
import { contactRoutes } from '../../src/directory/contact.routes';
import { Contacts } from '../../src/directory/contact.service';
import { ContactStore } from '../../src/directory/contact.store';
import { readSheet, SHEET_LIMITS, writeSheet } from '../../src/lines/line-sheet.adapter';
import type { Seat } from '../../src/seats/seat';
import { AuditStore } from '../../src/platform/audit.store';
import { systemClock } from '../../src/platform/clock';
import { Kept } from '../../src/platform/kept';
import { openLogger } from '../../src/platform/logger';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { freshDatabase, testServers } from '../support/servers';
import { until } from '../support/until';
import { startWeb, type Visitor, type Web } from '../support/web';
import { input as lineInput } from './lines-support';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let web: Web;
let admin: Visitor;
let supervisor: Visitor;
let agent: Visitor;
let here: ReturnType<typeof open>;
let there: ReturnType<typeof open>;

/** Rules and contacts as hotline.ts joins them; two of them are two services on one database. */
function open() {
  const log = openLogger('silent');
  const audit = new AuditStore(db, systemClock);
  const ruleStore = new DialRuleStore(db);
  const ruleSet = new Kept({ name: 'r', source: ruleStore, first: BUILT_IN_SET, log, lookEveryMs: 50 });
  const rules = new DialRules({
    store: ruleStore,
    kept: ruleSet,
    areaCode: '0355',
    leadsHere: (number) => number === '12345',
    audit,
    clock: systemClock,
  });
  const contactStore = new ContactStore(db);
  const list = new Kept({ name: 'c', source: contactStore, first: [], log, lookEveryMs: 50 });
  const contacts = new Contacts({
    store: contactStore,
    kept: list,
    audit,
    unitKnown: (unitId) => unitId === 'dept-zhujian',
    areaCode: '0355',
  });
  const start = () => Promise.all([ruleSet.start(), list.start()]);
  const stop = () => Promise.all([ruleSet.stop(), list.stop()]);
  return { rules, contacts, start, stop };
}

const seat = (seatId: string, change: Partial<Seat>): Seat => ({
  seatId,
  name: seatId,
  account: `seat-${seatId}`,
  skills: ['general'],
  state: 'ready',
  since: 0,
  notReadyReason: null,
  callId: null,
  token: null,
  leaseUntil: null,
  idleSince: 0,
  wrapUpUntil: null,
  notReadyNext: null,
  phoneReachable: true,
  telephone: null,
  ...change,
});

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 4);
  [here, there] = [open(), open()];
  await here.start();
  await there.start();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: [
      ...dialRuleRoutes({ rules: here.rules }),
      ...contactRoutes({
        contacts: here.contacts,
        sheets: { read: readSheet, write: writeSheet, bytes: SHEET_LIMITS.bytes },
      }),
      ...destinationRoutes({
        seats: () => [
          seat('p-agent', {}),
          seat('busy', { state: 'talking' }),
          seat('meal', { state: 'notReady', notReadyReason: 'meal' }),
          seat('free', {}),
        ],
        queues: () => [{ queue: 'general', name: '综合', waiting: 2, readySeats: 1 }],
        lines: () => [
          {
            ...lineInput({ name: '法律服务热线', mode: 'parallel', numbers: ['12348'] }),
            parallelDestination: '03553012348',
            lineId: 'line-12348',
            version: 1,
          },
          {
            ...lineInput({ name: '旧线', mode: 'parallel', lastDay: '2022-01-01' }),
            lineId: 'l',
            version: 1,
          },
        ],
        contacts: () => here.contacts.all(),
        decideDial: (role, number) => here.rules.decide(role, number),
        cityTime: () => ({ day: '2026-06-01', time: '21:00' }),
      }),
    ],
  });
  admin = await web.visitorAs('administrator');
  supervisor = await web.visitorAs('supervisor');
  agent = await web.visitorAs('agent');
});
afterAll(async () => {
  await web?.stop();
  await Promise.all([here?.stop(), there?.stop()]);
  await db?.destroy();
  await database?.drop();
});

const trying = (by: Visitor, role: string, number: string, rules?: unknown) =>
  by.call('POST', '/api/dial-rules/try', { role, number, rules });

test('without rules of its own a city has the built-in ones; premium and foreign numbers are refused', async () => {
  const { body } = await supervisor.call('GET', '/api/dial-rules');
  expect(body).toEqual({ version: 0, rules: DEFAULT_DIAL_RULES, at: null, whoName: null });
  expect((await trying(supervisor, 'agent', '0355-2033333')).body).toEqual({
    allowed: true,
    dial: '03552033333',
    number: '03552033333',
    kind: 'local',
    rule: '本地固定电话',
    words: '按“本地固定电话”允许拨打',
  });
  for (const number of ['0085223456789', '16812345', 'sip:13800138000@evil', '１３８００１３８０００'])
    expect((await trying(supervisor, 'agent', number)).body).toMatchObject({ allowed: false, dial: null });
  expect((await agent.call('GET', '/api/dial-rules')).status).toBe(403);
});

test('rules are tried before they are saved, replaced whole, heard by every service and audited', async () => {
  const rules = [
    { ...DEFAULT_DIAL_RULES[1], name: '香港', allow: true, roles: ['supervisor'], patterns: ['+852*'] },
    ...DEFAULT_DIAL_RULES,
  ];
  expect((await trying(admin, 'supervisor', '0085223456789', rules)).body).toMatchObject({ rule: '香港' });
  expect(here.rules.decide('supervisor', '0085223456789').allowed).toBe(false);
  expect((await supervisor.call('PUT', '/api/dial-rules', { version: 0, rules })).status).toBe(403);
  const saved = await admin.call('PUT', '/api/dial-rules', { version: 0, rules });
  expect([saved.status, saved.body.version, saved.body.whoName]).toEqual([200, 1, 'p-administrator']);
  expect(here.rules.decide('supervisor', '0085223456789')).toMatchObject({ dial: '0085223456789' });
  expect(here.rules.decide('agent', '0085223456789').allowed).toBe(false);
  await until('the other service knows', () => there.rules.inForce().version === 1);
  const late = await admin.call('PUT', '/api/dial-rules', { version: 0, rules: [] });
  expect([late.status, late.body.code, late.body.version]).toEqual([409, 'stale-version', 1]);
  const history = await admin.call('GET', '/api/dial-rules/history');
  expect((history.body.sets as { version: number }[]).map(({ version }) => version)).toEqual([1]);
  const [entry] = await web.audit.list({ action: 'dial-rules.change' }, 5);
  expect(entry).toMatchObject({
    who: 'p-administrator',
    facts: { version: 1, before: DEFAULT_DIAL_RULES, after: rules },
  });
  await expect(db('dial_rule_sets').delete()).rejects.toThrow('append-only');
});

test('of two administrators who save at once one is told to look again', async () => {
  const [{ version }, rules] = [here.rules.inForce(), DEFAULT_DIAL_RULES];
  const by = { personId: 'p', name: 'p', address: '' };
  const results = await Promise.allSettled([
    here.rules.replace(version, rules, by),
    there.rules.replace(version, rules, by),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a rule that says nothing, or refuses without a reason, is refused in Chinese', async () => {
  const { version } = here.rules.inForce();
  const [first] = DEFAULT_DIAL_RULES;
  for (const bad of [
    { ...first, kinds: [] },
    { ...first, reason: '' },
    { ...first, patterns: ['12;DROP'] },
  ]) {
    const reply = await admin.call('PUT', '/api/dial-rules', { version, rules: [bad] });
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid-input']);
  }
});

const contact = {
  kind: 'unit',
  name: '住建局值班室',
  number: '(0355) 301-8001',
  unitId: 'dept-zhujian',
  language: null,
  hours: null,
  note: '',
};

test('contacts are made, changed and removed with their audit entries; agents do not edit', async () => {
  const made = await admin.call('POST', '/api/contacts', contact);
  expect([made.status, made.body.number, made.body.version]).toEqual([201, '03553018001', 1]);
  const path = `/api/contacts/${String(made.body.contactId)}`;
  const change = { version: 1, input: { ...contact, hours: '08:00-18:00' } };
  expect((await agent.call('PUT', path, change)).status).toBe(403);
  expect((await supervisor.call('PUT', path, change)).body).toMatchObject({
    version: 2,
    hours: '08:00-18:00',
  });
  expect((await supervisor.call('PUT', path, change)).body.code).toBe('stale-version');
  expect((await admin.call('POST', '/api/contacts', contact)).body.code).toBe('already-exists');
  for (const [field, value] of Object.entries({
    number: 'abc',
    unitId: 'nobody',
    hours: '25:00-26:00',
    kind: 'x',
  }))
    expect(
      (await admin.call('POST', '/api/contacts', { ...contact, name: 'x', [field]: value })).status,
    ).toBe(400);
  expect(
    (await admin.call('POST', '/api/contacts', { ...contact, name: 'x', kind: 'interpreter' })).status,
  ).toBe(400);
  await until('the other service knows', () => there.contacts.all().length === 1);
  expect((await admin.call('DELETE', `${path}?version=2`)).status).toBe(204);
  expect((await admin.call('DELETE', `${path}?version=2`)).status).toBe(404);
  expect(here.contacts.all()).toEqual([]);
  const trail = await web.audit.list({ subject: `contact:${String(made.body.contactId)}` }, 9);
  expect(trail.map(({ action, who }) => [action, who])).toEqual([
    ['contact.remove', 'p-administrator'],
    ['contact.change', 'p-supervisor'],
    ['contact.create', 'p-administrator'],
  ]);
});

const upload = (dryRun: boolean, text: string) =>
  admin.call('POST', `/api/contacts-import?dryRun=${dryRun}`, text, {
    'content-type': 'text/csv',
    'x-file-name': 'contacts.csv',
  });

test('a sheet of contacts is checked first, then taken row by row; an export reads back as itself', async () => {
  const sheet = [
    '类别,名称,号码,语种,时段,备注',
    '口译,英语口译,13900000000,英语,08:00-20:00,',
    '承办单位,供水抢修,0355-3018011,,,爆管',
    '口译,无语种,3018012,,,',
    '承办单位,供水抢修,3018013,,,',
    '承办单位,香港联络,0085223456789,,,',
  ].join('\n');
  const outcomes = (reply: { body: Record<string, unknown> }) =>
    (reply.body.rows as { outcome: string; reason: string | null }[]).map(({ outcome }) => outcome);
  const expected = ['created', 'created', 'refused', 'refused', 'created'];
  expect(outcomes(await upload(true, sheet))).toEqual(expected);
  expect(here.contacts.all()).toEqual([]);
  const taken = await upload(false, sheet);
  expect(outcomes(taken)).toEqual(expected);
  expect((taken.body.rows as { reason: string }[])[2]?.reason).toContain('口译须选择语种');
  const csv = await supervisor.call('GET', '/api/contacts-export?format=csv');
  expect(outcomes(await upload(false, csv.text))).toEqual(['unchanged', 'unchanged', 'unchanged']);
  expect((await upload(false, '名称,号码\nx,1')).body.code).toBe('invalid-input');
});

test('an agent finds every destination in one list, with what can be tried now', async () => {
  const list = async (query = '') => {
    const { body } = await agent.call('GET', `/api/desk/destinations?${query}`);
    return body.destinations as {
      kind: string;
      id: string;
      number: string;
      available: boolean;
      words: string;
    }[];
  };
  const all = await list();
  expect(all.map(({ kind, id, available }) => [kind, id.length > 20 ? '' : id, available])).toEqual([
    ['emergency', '110', true],
    ['emergency', '119', true],
    ['emergency', '120', true],
    ['emergency', '122', true],
    ['seat', 'free', true],
    ['seat', 'busy', false],
    ['seat', 'meal', false],
    ['queue', 'general', true],
    ['line', 'line-12348', true],
    ['contact', '', true],
    ['contact', '', false],
    ['contact', '', false],
  ]);
  expect(all.find(({ id }) => id === 'meal')?.words).toBe('示忙：用餐');
  const [interpreter] = await list('q=%E8%8B%B1%E8%AF%AD%20%E5%8F%A3%E8%AF%91');
  expect(interpreter).toMatchObject({
    number: '139****0000',
    available: false,
    words: '不在服务时段（08:00-20:00）',
  });
  expect((await list('q=0085')).length).toBe(0);
  expect(await list('q=%E9%A6%99%E6%B8%AF')).toMatchObject([
    { available: false, words: '不允许拨打国际及港澳台号码' },
  ]);
  expect((await list('kind=line')).map(({ number }) => number)).toEqual(['03553012348']);
  const unit = await web.visitorAs('unit', 'p-unit', 'dept-zhujian');
  expect((await unit.call('GET', '/api/desk/destinations')).status).toBe(403);
});
