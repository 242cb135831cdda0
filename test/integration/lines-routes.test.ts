import ExcelJS from 'exceljs';
import { lineRoutes } from '../../src/lines/line.routes';
import { systemClock } from '../../src/platform/clock';
import { freshDatabase, testServers } from '../support/servers';
import { startWeb, type Visitor, type Web } from '../support/web';
import { closeAll, input, openLines, SETTINGS, type Side } from './lines-support';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let side: Side;
let web: Web;
let admin: Visitor;
let agent: Visitor;

beforeAll(async () => {
  database = await freshDatabase();
  side = openLines(database.url);
  await side.lines.start();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: lineRoutes({ lines: side.lines, settings: SETTINGS, clock: systemClock }),
  });
  admin = await web.visitorAs('administrator');
  agent = await web.visitorAs('agent');
});
afterAll(async () => {
  await web?.stop();
  await closeAll();
  await database?.drop();
});

const HEAD = '编号,热线名称,整合方式,号码,启用日期,停用日期,并行转接号码,优先级';
const upload = (dryRun: boolean, text: string, by = admin) =>
  by.call('POST', `/api/lines-import?dryRun=${dryRun}`, text, {
    'content-type': 'text/csv',
    'x-file-name': 'lines.csv',
  });

test('create, show, change, end and history over HTTP', async () => {
  const made = await admin.call('POST', '/api/lines', input());
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ version: 1, numbers: ['03552012319'] });
  const path = `/api/lines/${String(made.body.lineId)}`;
  expect((await agent.call('GET', path)).body).toMatchObject({ name: '城建热线' });
  const changed = await admin.call('PUT', path, { version: 1, input: input({ priority: 4 }) });
  expect(changed.body).toMatchObject({ version: 2, priority: 4 });
  const stale = await admin.call('PUT', path, { version: 1, input: input({ priority: 5 }) });
  expect([stale.status, stale.body.code, stale.body.version]).toEqual([409, 'stale-version', 2]);
  const ended = await admin.call('POST', `${path}/end`, { version: 2, lastDay: '2026-01-31' });
  expect(ended.body).toMatchObject({ version: 3, lastDay: '2026-01-31' });
  const history = (await agent.call('GET', `${path}/history`)).body.changes as {
    action: string;
    whoName: string;
  }[];
  expect(history.map((one) => one.action)).toEqual(['ended', 'changed', 'created']);
  expect((await agent.call('GET', '/api/lines/nowhere')).status).toBe(404);
  expect((await agent.call('GET', '/api/lines/nowhere/history')).status).toBe(404);
});

test('a repeated create with one key makes one line', async () => {
  const key = { 'idempotency-key': 'make-12318-once' };
  const body = input({ name: '文化', numbers: ['12318'] });
  const first = await admin.call('POST', '/api/lines', body, key);
  const second = await admin.call('POST', '/api/lines', body, key);
  expect(second.body.lineId).toBe(first.body.lineId);
});

test('only administrators change lines; units see none', async () => {
  expect((await agent.call('POST', '/api/lines', input({ numbers: ['12320'] }))).status).toBe(403);
  expect((await upload(false, HEAD, agent)).status).toBe(403);
  const unit = await web.visitorAs('unit', 'p-unit', 'dept-zhujian');
  expect((await unit.call('GET', '/api/lines')).status).toBe(403);
});

test('M0 is refused with its clause', async () => {
  const refused = await admin.call('POST', '/api/lines', input({ numbers: ['+86355119'] }));
  expect([refused.status, refused.body.code, refused.body.clause]).toEqual([422, 'line-not-mergeable', 'M0']);
});

test('import: dry run, then for real, a report for every row; again changes nothing', async () => {
  const sheet = [
    HEAD,
    ',商务热线,直接合并,12312,2021-01-01,,,2',
    ',报警,直接合并,0355-110,2021-01-01,,,',
    ',法院诉讼服务,直接合并,2055001,2021-01-01,,,',
    ',市场监管,并行接听,12315,2021-01-01,,03553012315,',
    ',商务另一条,直接合并,0355 12312,2022-01-01,,,',
    ',没有去处,并行接听,12329,2021-01-01,,,',
    ',坏号码,直接合并,abc,2021-01-01,,,',
    ',<script>alert(1)</script>,直接合并,2055002,2021-13-01,,,',
    'nowhere,不存在,直接合并,2055003,2021-01-01,,,',
  ].join('\n');
  const expected = [
    [2, 'created', null],
    [3, 'refused', 'line-not-mergeable'],
    [4, 'refused', 'line-not-mergeable'],
    [5, 'created', null],
    [6, 'refused', 'line-overlaps'],
    [7, 'refused', 'invalid-input'],
    [8, 'refused', 'invalid-input'],
    [9, 'refused', 'invalid-input'],
    [10, 'refused', 'invalid-input'],
  ];
  const rowsOf = (reply: { body: Record<string, unknown> }) =>
    (reply.body.rows as { row: number; outcome: string; code: string | null }[]).map((row) => [
      row.row,
      row.outcome,
      row.code,
    ]);
  const before = side.lines.list().length;
  const dry = await upload(true, sheet);
  expect(dry.status).toBe(200);
  expect(rowsOf(dry)).toEqual(expected);
  expect(side.lines.list()).toHaveLength(before);
  const real = await upload(false, sheet);
  expect(rowsOf(real)).toEqual(expected);
  expect(real.body.counts).toEqual({ created: 2, changed: 0, unchanged: 0, refused: 7 });
  expect(side.lines.list()).toHaveLength(before + 2);
  expect((await upload(false, sheet)).body.counts).toEqual({
    created: 0,
    changed: 0,
    unchanged: 2,
    refused: 7,
  });
  const changed = await upload(false, `${HEAD}\n,商务热线,直接合并,12312,2021-01-01,,,7`);
  expect(changed.body.counts).toMatchObject({ changed: 1 });
});

test('what was exported can be imported again; a version that is not there any more is refused', async () => {
  const csv = await agent.call('GET', '/api/lines-export?format=csv');
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const again = await upload(false, csv.text);
  expect(again.body.counts).toMatchObject({ created: 0, changed: 0, refused: 0 });
  const line = side.lines.list().find((one) => one.numbers.includes('12312'));
  const stale = await upload(
    false,
    `编号,版本,热线名称,整合方式,号码,启用日期\n${line?.lineId},99,改名,直接合并,12312,2021-01-01`,
  );
  expect(stale.body.rows).toMatchObject([{ outcome: 'refused', code: 'stale-version' }]);
});

test('XLSX export is a workbook with Chinese headings and text cells', async () => {
  const response = await fetch(`${web.url}/api/lines-export?format=xlsx&search=12312`, {
    headers: { cookie: agent.cookie },
  });
  expect(decodeURIComponent(response.headers.get('content-disposition') ?? '')).toMatch(
    /热线-\d{4}-\d\d-\d\d\.xlsx/,
  );
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(await response.arrayBuffer());
  const sheet = workbook.worksheets[0];
  expect(sheet?.getRow(1).getCell(3).value).toBe('热线名称');
  expect(sheet?.rowCount).toBe(2);
});

test('list filters and sorts', async () => {
  const names = async (query: string) =>
    ((await agent.call('GET', `/api/lines?${query}`)).body.lines as { name: string }[]).map(
      (one) => one.name,
    );
  expect(await names('search=0355-12312')).toEqual(['商务热线']);
  expect(await names('mode=parallel')).toEqual(['市场监管']);
  expect(await names('state=ended')).toEqual(['城建热线']);
  expect((await names('sort=priority&order=descending'))[0]).toBe('商务热线');
  expect((await agent.call('GET', '/api/lines?sort=password')).status).toBe(400);
});

test('try says which line, greeting, queue, and why', async () => {
  const reply = await agent.call('POST', '/api/lines-try', {
    dialled: '+8635512345',
    diversions: [{ number: 'sip:035512312@carrier' }],
    at: '2026-06-01T12:00:00+08:00',
  });
  expect(reply.body).toMatchObject({
    line: { name: '商务热线' },
    matchedBy: 'diversion',
    matchedNumber: '12312',
    day: '2026-06-01',
    queue: 'general',
    greeting: { sound: 'greeting-merged' },
    dialledRead: { kind: 'short', canonical: '12345' },
  });
  expect(reply.body.why).toContain('Diversion');
  const ended = await agent.call('POST', '/api/lines-try', {
    dialled: '2012319',
    at: '2026-06-01T00:00:00Z',
  });
  expect(ended.body).toMatchObject({
    matchedBy: 'default',
    why: expect.stringContaining('2026-01-31停用') as string,
  });
  expect((await agent.call('POST', '/api/lines-try', { dialled: '\u0000<script>' })).status).toBe(200);
});
