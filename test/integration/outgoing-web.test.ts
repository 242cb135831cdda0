import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { readConfig } from '../../src/config';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { cityWords } from '../../src/deadlines/city-time';
import { startHotline } from '../../src/hotline';
import { readSheet } from '../../src/lines/line-sheet.adapter';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { freePort } from '../../src/runtime/free-port.service';
import { RECEIPT_SECRET } from '../support/outgoing-desk';
import { freshDatabase, testFolder, testServers } from '../support/servers';
import { until } from '../support/until';
import { Visitor } from '../support/web';

jest.setTimeout(60_000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let hotline: Awaited<ReturnType<typeof startHotline>> | undefined;
let folder: string;
const who: Record<string, Visitor> = {};

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 4);
  folder = testFolder('outgoing');
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  const port = await freePort();
  const config = readConfig({
    ...{ HTTP_PORT: String(port), POSTGRES_URL: database.url, REDIS_URL: testServers().redisUrl },
    ...{ REDIS_PREFIX: `outgoing-${port}`, SWITCH: 'simulated', VAR_DIR: folder, SMS: 'file' },
    ...{ SMS_RECEIPT_SECRET: RECEIPT_SECRET, SWEEP_SECONDS: '1', SMS_QUIET_HOURS: 'none' },
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  for (const name of ['admin', 'supervisor', 'agent1', 'clerk-gongshui']) {
    const visitor = new Visitor(`http://127.0.0.1:${port}`);
    const password = accounts.find((account) => account.name === name)?.password;
    expect((await visitor.signIn(name, password)).status).toBe(200);
    who[name] = visitor;
  }
});
afterAll(async () => {
  await hotline?.stop();
  await db?.destroy();
  await database?.drop();
});

const by = (name: string): Visitor => who[name] ?? new Visitor('');
type Message = Record<string, unknown> & { messageId: string; state: string; to: string };
const list = async (name: string, query = '') =>
  (await by(name).call('GET', `/api/outgoing-messages${query}`)).body as {
    items: Message[];
    nextCursor: string | null;
  };
const sent = (): Record<string, string>[] =>
  readdirSync(join(folder, 'sms')).flatMap((file) =>
    readFileSync(join(folder, 'sms', file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
const aTicket = (more: object = {}) => ({
  ...{ type: 'help', categoryCode: 'GY-01', title: '张三家停水', content: '停水三天' },
  ...{ citizenName: '张三', contactNumber: '138 0013 8000', unitId: 'util-gongshui', ...more },
});

test('a whole service: the citizen gets number and query code, the clerk the work without the citizen', async () => {
  const { body: people } = await by('admin').call('GET', '/api/people');
  const clerk = (people as unknown as { personId: string; version: number; unitId: string }[]).find(
    ({ personId }) => personId === 'clerk-gongshui',
  );
  const reach = { version: clerk?.version, mobile: '+86 139 0013 9000', email: 'Clerk@Changzhi.gov.cn' };
  const changed = await by('admin').call('PATCH', '/api/people/clerk-gongshui', reach);
  expect([changed.status, changed.body.mobile, changed.body.email]).toEqual([
    ...[200, '13900139000', 'clerk@changzhi.gov.cn'],
  ]);
  for (const wrong of [{ mobile: '0355-2012319' }, { email: 'a@b' }]) {
    const reply = await by('admin').call('PATCH', '/api/people/clerk-gongshui', { ...wrong, version: 9 });
    expect(reply.body.code).toBe('invalid-input');
  }
  const trail = await by('admin').call('GET', '/api/audit?action=people.change');
  expect(trail.text).toContain('139****9000');
  expect(trail.text).not.toContain('13900139000');

  const opened = await by('agent1').call('POST', '/api/tickets', aTicket());
  expect(opened.status).toBe(201);
  const { number, ticketId } = opened.body as { number: string; ticketId: string };
  await until('both have been told', () => sent().length === 2, 20_000);
  const [code] = await db('tickets').where({ ticket_id: ticketId }).pluck<string[]>('query_code');
  const [citizen, unit] = ['13800138000', '13900139000'].map((to) => sent().find((line) => line.to === to));
  expect(citizen?.text).toContain(number);
  expect(citizen?.text).toContain(code);
  expect(unit).toMatchObject({ template: 'unitDispatched', text: expect.stringContaining(number) });
  expect(JSON.stringify(unit)).not.toMatch(/张三|停水|13800138000/);

  await until('all is marked', async () => (await list('supervisor', '?state=sent')).items.length === 2);
  const { items } = await list('supervisor', `?ticketId=${ticketId}`);
  expect(items.map(({ channel, to, state, why }) => [channel, to, state, why]).sort()).toEqual([
    ['email', 'c***@changzhi.gov.cn', 'skipped', '电子邮件未启用'],
    ['sms', '138****8000', 'sent', ''],
    ['sms', '139****9000', 'sent', ''],
  ]);
  expect(JSON.stringify(items)).not.toContain(code);
});

test('a granted extension is told to the clerk, and explained to the citizen (T2)', async () => {
  const [row] = await db('tickets').select('ticket_id', 'number');
  const path = `/api/tickets/${row.ticket_id}`;
  const act = async (name: string, action: string, body: object) => {
    const { version } = (await by(name).call('GET', path)).body;
    const reply = await by(name).call('POST', `${path}/${action}`, { version, ...body });
    expect([action, reply.status]).toEqual([action, 200]);
    return reply.body;
  };
  await act('clerk-gongshui', 'acknowledge', {});
  await act('clerk-gongshui', 'ask-extension', { reason: '管道需开挖更换', workingDays: 3 });
  const { requests } = (await by('supervisor').call('GET', path)).body as {
    requests: { requestId: string }[];
  };
  await act('supervisor', 'decide', { requestId: requests[0]?.requestId, granted: true });
  const told = (template: string) => sent().find((line) => line.template === template);
  await until('both are told', () => told('ticketExtended') && told('unitExtensionDecided'), 20_000);
  const { dueAt } = (await by('supervisor').call('GET', path)).body as { dueAt: string };
  const newTerm = cityWords(new Date(dueAt));
  expect(told('unitExtensionDecided')).toMatchObject({
    ...{ to: '13900139000', text: `工单${row.number}的延期申请已同意，办理期限为${newTerm}。` },
  });
  expect(told('ticketExtended')).toMatchObject({
    to: '13800138000',
    text: `您反映的事项（工单${row.number}）延期至${newTerm}办结，原因：管道需开挖更换。敬请谅解。`,
  });
});

test('a confidential citizen stays hidden from whoever may not know him, also from a search by number', async () => {
  const report = aTicket({ type: 'report', contactNumber: '13700137000', unitId: null });
  expect((await by('agent1').call('POST', '/api/tickets', report)).status).toBe(201);
  const query = '?address=137-0013-7000';
  await until('it is sent', async () => (await list('supervisor', query)).items[0]?.state === 'sent');
  expect((await list('supervisor', query)).items).toMatchObject([{ to: '137****7000' }]);
  expect((await list('admin', query)).items).toEqual([]);
  const seen = (await list('admin', '?template=ticketAccepted')).items.map(({ to }) => to);
  expect(seen.sort()).toEqual(['138****8000', '（保密）']);
});

test('the list goes on by its cursor, narrows by filters, and leaves as a file without whole numbers', async () => {
  const first = await list('supervisor', '?limit=2');
  expect(first.items).toHaveLength(2);
  const rest = await list('supervisor', `?limit=100&cursor=${first.nextCursor}`);
  const all = [...first.items, ...rest.items].map(({ messageId }) => messageId);
  expect(new Set(all).size).toBe(7);
  expect(rest.nextCursor).toBeNull();
  expect((await list('supervisor', '?channel=email')).items).toHaveLength(2);
  expect((await list('supervisor', '?to=2020-01-01T00:00:00Z')).items).toEqual([]);
  for (const format of ['csv', 'xlsx']) {
    const { url, cookie } = by('supervisor');
    const reply = await fetch(`${url}/api/outgoing-messages/export?format=${format}`, {
      headers: { cookie },
    });
    const sheet = await readSheet(Buffer.from(await reply.arrayBuffer()));
    expect(sheet).toHaveLength(8);
    expect(sheet[0]?.cells.slice(0, 4)).toEqual(['时间', '渠道', '类别', '接收方']);
    expect(JSON.stringify(sheet)).not.toMatch(/1[3-9]\d{9}/);
  }
  for (const bad of ['?cursor=x', '?state=lost', '?ticketId=a%00', '?limit=1000'])
    expect((await by('supervisor').call('GET', `/api/outgoing-messages${bad}`)).status).toBe(400);
});

test('an administrator changes the words; their parameters stay checked, before and after are in the audit trail', async () => {
  const path = '/api/message-templates/ticketConcluded';
  const { body } = await by('supervisor').call('GET', '/api/message-templates');
  const templates = body.templates as { code: string; version: number; preview: { segments: number } }[];
  expect(templates).toHaveLength(11);
  const change = { version: 1, words: '工单{number}办结了。', providerCode: 'SMS_1001', enabled: true };
  expect((await by('supervisor').call('PUT', path, change)).status).toBe(403);
  const wrong = await by('admin').call('PUT', path, { ...change, words: '{number}{citizen}' });
  expect([wrong.status, wrong.body.detail]).toEqual([400, '没有参数{citizen}']);
  const done = await by('admin').call('PUT', path, change);
  expect(done.body).toMatchObject({ version: 2, words: '工单{number}办结了。', preview: { segments: 1 } });
  expect((await by('admin').call('PUT', path, change)).body.code).toBe('stale-version');
  const both = await Promise.all(
    ['甲{number}', '乙{number}'].map((words) =>
      by('admin').call('PUT', path, { ...change, version: 2, words }),
    ),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const trail = await by('admin').call('GET', '/api/audit?subject=template:ticketConcluded');
  expect(trail.body).toMatchObject([
    { facts: { before: { version: 2 }, after: { version: 3 } } },
    { facts: { before: { version: 1 }, after: { version: 2, words: '工单{number}办结了。' } } },
  ]);
  const preview = await by('admin').call('POST', `${path}/preview`, { words: `${'长'.repeat(60)}{number}` });
  expect(preview.body).toMatchObject({ characters: 75, segments: 2 });
});

test('a test message goes to the administrator’s own telephone, once per request', async () => {
  const path = '/api/message-templates/ticketExtended/test';
  const before = sent().length;
  const key = { 'idempotency-key': 'test-message-1' };
  const to = { channel: 'sms', number: '13600136000' };
  const replies = await Promise.all([1, 2].map(() => by('admin').call('POST', path, to, key)));
  expect(replies.some(({ status }) => status === 200)).toBe(true);
  expect((await by('admin').call('POST', path, to, key)).status).toBe(200);
  await until('it is sent', () => sent().some((line) => line.to === '13600136000'));
  expect(sent()).toHaveLength(before + 1);
  const fixed = await by('admin').call('POST', path, { channel: 'sms', number: '0355-2012319' });
  expect([fixed.status, fixed.body.detail]).toEqual([400, '不是手机号码，不能接收短信']);
  const off = await by('admin').call('POST', path, { channel: 'email', address: 'a@b.cn' });
  expect([off.status, off.body.detail]).toEqual([400, '电子邮件未启用']);
});

test('receipts need the secret, and say what became of a message', async () => {
  const [message] = (await list('supervisor', '?state=sent&template=unitDispatched')).items;
  const provider = new Visitor(by('admin').url);
  const receipt = {
    ...{ phone_number: '13900139000', send_time: '2026-11-24 10:00:00', report_time: '2026-11-24 10:00:03' },
    ...{ success: false, err_code: 'MOBILE_NOT_ON_SERVICE', err_msg: '停机', sms_size: '1', biz_id: '9^0' },
    out_id: message?.messageId,
  };
  const post = (secret: string, body: unknown) =>
    provider.call('POST', `/api/sms-receipts?secret=${secret}`, body);
  for (const secret of ['', 'x'.repeat(RECEIPT_SECRET.length), `${RECEIPT_SECRET}x`])
    expect((await post(secret, [receipt])).status).toBe(403);
  expect((await post(RECEIPT_SECRET, { out_id: 'x' })).status).toBe(400);
  const unknown = { ...receipt, out_id: 'of-another-system' };
  const taken = await post(RECEIPT_SECRET, [receipt, unknown, { ...receipt, out_id: "' or 1=1" }]);
  expect([taken.status, taken.body]).toEqual([200, { code: 0, msg: '接收成功' }]);
  const { items } = await list('supervisor', '?state=failed');
  expect(items).toMatchObject([
    { messageId: message?.messageId, why: '未送达：停机（MOBILE_NOT_ON_SERVICE）', actions: ['retry'] },
  ]);
  const again = await by('supervisor').call('POST', `/api/outgoing-messages/${message?.messageId}/retry`, {});
  expect(again.status).toBe(200);
  await until('it is sent again', () => sent().filter(({ id }) => id === message?.messageId).length === 2);
  const cancel = `/api/outgoing-messages/${message?.messageId}/cancel`;
  expect((await by('supervisor').call('POST', cancel, { reason: '' })).status).toBe(400);
  await until('it is marked', async () => (await list('supervisor', '?state=failed')).items.length === 0);
  expect((await by('supervisor').call('POST', cancel, { reason: '不必了' })).body.code).toBe('wrong-state');
});

test('a clerk and an agent see none of it; the metrics tell what waits', async () => {
  for (const name of ['agent1', 'clerk-gongshui'])
    expect((await by(name).call('GET', '/api/outgoing-messages')).status).toBe(403);
  await db('outgoing_messages').insert({
    ...{ message_id: 'stuck', source_id: 'x', channel: 'email', address: 'a@b.cn', template: 'unitOverdue' },
    ...{
      text: 'x',
      params: '{}',
      state: 'sending',
      created_at: new Date(0),
      next_at: new Date(Date.now() - 90_000),
    },
    handed_at: new Date(),
  });
  const { url } = by('admin');
  const text = await (await fetch(`${url}/metrics`, { headers: { cookie: by('admin').cookie } })).text();
  expect(text).toMatch(/^hotline_messages_waiting 1$/m);
  expect(Number(/^hotline_messages_oldest_seconds (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(89);
});
