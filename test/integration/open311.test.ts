import { open311Router } from '../../src/channels/open311.routes';
import { toGcj02, toWgs84 } from '../../src/channels/gcj02';
import { Open311 } from '../../src/channels/open311.service';
import { Open311Store } from '../../src/channels/open311.store';
import { xmlOf } from '../../src/channels/open311-xml.adapter';
import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { AuditStore } from '../../src/platform/audit.store';
import { HttpServer } from '../../src/platform/http-server';
import { openLogger } from '../../src/platform/logger';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { Sessions } from '../../src/platform/sessions';
import { SessionStore } from '../../src/platform/sessions.store';
import { Throttle } from '../../src/platform/throttle';
import { freePort } from '../../src/runtime/free-port.service';
import { CategoryStore } from '../../src/tickets/category.store';
import { Open311Client } from '../support/open311-client';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const administrator = person('administrator');
const clock = new SetClock(cityInstant('2026-10-12', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;
let http: HttpServer;
let redis: RedisClient;
let open311: Open311;
let url: string;
let key: string;

/** The interface as hotline.ts builds it, on real servers. */
async function serve(shown: 'own' | 'all', limits = { posts: 100, reads: 1000 }) {
  const port = await freePort();
  const limit = (name: string, points: number) =>
    new Throttle(redis, `open311-${port}`, { name, points, windowSeconds: 60 });
  const log = openLogger('silent');
  open311 = new Open311({
    store: new Open311Store(desk.db),
    categories: new CategoryStore(desk.db),
    tickets: desk.tickets,
    limits: { posts: limit('posts', limits.posts), reads: limit('reads', limits.reads) },
    ...{
      audit: new AuditStore(desk.db, clock),
      clock,
      areaCode: '0355',
      jurisdiction: 'changzhi.gov.cn',
      shown,
    },
  });
  http = new HttpServer({
    config: {
      ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: port, TLS: 'off', TLS_CERT_FILE: '', TLS_KEY_FILE: '' },
      ...{ TRUST_PROXY: false, VAR_DIR: 'var', PHONE_WS_URL: 'ws://127.0.0.1:1/ws' },
    },
    ...{
      log,
      database: desk.db,
      sessions: new Sessions({ store: new SessionStore(desk.db), clock, log, sessionHours: 1 }),
    },
  });
  http.mountGuest(
    '/open311',
    open311Router({ open311, xml: xmlOf, addressOf: () => '127.0.0.1', publicUrl: null, contact: '12345' }),
  );
  ({ url } = await http.start());
  ({ key } = await open311.addKey('随手拍', '张三', administrator));
}

beforeEach(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  redis = openRedis(testServers().redisUrl);
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await http.stop();
  redis.disconnect();
  await desk.stop();
  await database.drop();
});

const place = { lat: '36.195', long: '113.116' };
const sent = (changes: Record<string, string> = {}) => ({
  ...{ api_key: key, jurisdiction_id: 'changzhi.gov.cn', service_code: 'CG-06', ...place },
  ...{
    first_name: '三',
    last_name: '张',
    phone: '13800138000',
    email: 'zhang@example.com',
    device_id: 'dev-1',
  },
  description: '英雄南路路灯不亮，联系 13800138000 <b>&\u0001',
  ...changes,
});

const REFUSED: [string, Record<string, string>, number][] = [
  ['no key', { api_key: '' }, 403],
  ['a wrong key', { api_key: 'x'.repeat(32) }, 403],
  ['another jurisdiction', { jurisdiction_id: 'elsewhere' }, 404],
  ['no service', { service_code: '' }, 400],
  ['no such service', { service_code: "' or 1=1" }, 400],
  ['a branch as service', { service_code: 'CG' }, 400],
  ['half a point', { long: '' }, 400],
  ['a point beyond the world', { lat: '91' }, 400],
  ['no place', { lat: '', long: '', address_string: '' }, 400],
  ['no number as phone', { phone: 'call me' }, 400],
  ['too much text', { description: '长'.repeat(4001) }, 400],
  ['a NUL', { description: 'a\u0000b' }, 400],
];

describe.each(['json', 'xml'] as const)('a stranger’s client in %s', (form) => {
  let client: Open311Client;
  beforeEach(async () => {
    await serve('own');
    client = new Open311Client(url, form);
  });

  it('discovers, lists services, sends a request and follows it to its end', async () => {
    expect(await client.discover()).toBe(`${url}/open311/v2`);
    const { items: services, type, root } = await client.services();
    expect(type).toBe(form === 'json' ? 'application/json; charset=utf-8' : 'text/xml; charset=utf-8');
    expect(root).toBe(form === 'json' ? null : 'services');
    const lamp = services.find(({ service_code }) => service_code === 'CG-06');
    expect(lamp).toMatchObject({ service_name: '路灯照明', type: 'realtime', group: '城市管理' });
    expect(String(lamp?.metadata)).toBe('false');
    expect((await client.service('CG-06')).items).toMatchObject([{ service_code: 'CG-06' }]);
    const made = await client.post(sent());
    expect(made.status).toBe(201);
    const id = String(made.items[0]?.service_request_id);
    const token = String(made.items[0]?.token);
    expect((await client.token(token)).items).toMatchObject([{ service_request_id: id, token }]);
    const shown = (await client.request(id)).items[0];
    expect(shown).toMatchObject({
      ...{ service_request_id: id, status: 'open', service_code: 'CG-06', service_name: '路灯照明' },
      description: expect.stringContaining('英雄南路路灯不亮，联系 138****8000 <b>&'),
      requested_datetime: '2026-10-12T02:00:00.000Z',
    });
    expect(Number(shown?.lat)).toBeCloseTo(36.195, 5);
    expect(Number(shown?.long)).toBeCloseTo(113.116, 5);
    const row = await desk.db('tickets').where({ number: id }).first();
    expect(row).toMatchObject({
      ...{ channel: 'open311', state: 'accepted', citizen_name: '张三', caller_number: '13800138000' },
      opened_by: 'open311',
    });
    expect(row.longitude).toBeCloseTo(113.122, 2);
    await desk.tickets.act('answer', row.ticket_id, 1, { answer: '已修复', articleId: null }, agent);
    const closed = await client.requests({ status: 'closed', service_code: 'CG-06' });
    expect(closed.items).toMatchObject([
      { service_request_id: id, status: 'closed', status_notes: '直接答复：已修复' },
    ]);
    expect((await client.requests({ status: 'open' })).items).toEqual([]);
    expect(
      (await client.requests({ status: 'open,closed', service_request_id: `${id},x` })).items,
    ).toHaveLength(1);
  });

  it('is refused in the specification’s form, and changes nothing', async () => {
    for (const [what, changes, status] of REFUSED) {
      const fields = Object.entries(sent(changes)).filter(
        ([name, value]) => value !== '' || name === 'api_key',
      );
      const answer = await client.post(Object.fromEntries(fields));
      expect([what, answer.status]).toEqual([what, status]);
      expect(answer.items).toMatchObject([{ description: expect.stringMatching(/.+/) }]);
      expect(Number(answer.items[0]?.code)).toBe(status);
    }
    expect(await desk.db('tickets').count('* as n').first()).toEqual({ n: '0' });
  });

  it('is told what is not there, and what it cannot ask', async () => {
    expect((await client.request('20261012-000099')).status).toBe(404);
    expect((await client.token('none')).status).toBe(404);
    expect((await client.service('none')).status).toBe(404);
    expect((await client.requests({ jurisdiction_id: 'elsewhere' })).status).toBe(404);
    for (const query of [
      { status: 'broken' },
      { start_date: 'yesterday' },
      { start_date: '2026-01-01T00:00:00Z', end_date: '2026-06-01T00:00:00Z' },
      { service_request_id: 'a\u0000' },
    ] as Record<string, string>[])
      expect([query, (await client.requests(query)).status]).toEqual([query, 400]);
  });
});

it('publishes nothing confidential, no identity, and of others’ channels the title alone', async () => {
  await serve('all');
  const client = new Open311Client(url, 'json');
  const said = { citizenName: '李四', contactNumber: '13900139000', company: '某公司', address: '长兴路1号' };
  await desk.tickets.open(aTicket({ ...said, title: '公开的' }), agent);
  await desk.tickets.open(aTicket({ ...said, title: '保密的', confidential: true }), agent);
  await desk.tickets.open(aTicket({ ...said, title: '举报的', type: 'report' }), agent);
  await desk.tickets.open(aTicket({ ...said, title: '草稿', draft: true }), agent);
  const { items } = await client.requests();
  expect(items.map(({ description }) => description)).toEqual(['公开的']);
  expect(JSON.stringify(items)).not.toMatch(/李四|139|某公司|长兴路|停水三天/);
  const id = (await client.post(sent())).items[0]?.service_request_id;
  const row = await desk.db('tickets').where({ number: id }).first();
  await desk.tickets.act('amend', row.ticket_id, 1, { confidential: true, reason: '' } as never, agent);
  expect((await client.request(String(id))).status).toBe(404);
  expect((await client.requests()).items).toHaveLength(1);
});

it('keeps keys as hashes, ends them, and limits each', async () => {
  await serve('own', { posts: 2, reads: 1000 });
  const client = new Open311Client(url, 'json');
  const [row] = await desk.db('open311_keys');
  expect(JSON.stringify(row)).not.toContain(key);
  expect([(await client.post(sent())).status, (await client.post(sent())).status]).toEqual([201, 201]);
  const third = await client.post(sent());
  expect([third.status, third.items[0]?.code]).toEqual([429, 429]);
  await open311.revokeKey(row.key_id, administrator);
  expect((await client.post(sent())).status).toBe(403);
  await expect(open311.revokeKey(row.key_id, administrator)).rejects.toMatchObject({ code: 'not-found' });
  expect(await desk.db('audit').where('action', 'like', 'open311.%').orderBy('seq').pluck('action')).toEqual([
    'open311.key-create',
    'open311.key-revoke',
  ]);
  expect(JSON.stringify(await desk.db('audit'))).not.toContain(key);
});

it('limits an address that asks without end, and takes no other body', async () => {
  await serve('own', { posts: 100, reads: 3 });
  const statuses: number[] = [];
  for (let ask = 0; ask < 4; ask += 1) statuses.push((await fetch(`${url}/open311/v2/services.json`)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

it('takes broken bodies and unknown paths without a fault of its own', async () => {
  await serve('own');
  const post = (body: string, type: string) =>
    fetch(`${url}/open311/v2/requests.json`, { method: 'POST', body, headers: { 'content-type': type } });
  const form = 'application/x-www-form-urlencoded';
  expect((await post('{"api_key":"x"}', 'application/json')).status).toBe(403);
  expect((await post(`api_key=${key}&api_key=${key}`, form)).status).toBe(400);
  expect((await post(`api_key=${'x'.repeat(70_000)}`, form)).status).toBe(400);
  expect((await post('a=1', `${form}; charset=utf-16`)).status).toBe(400);
  expect((await fetch(`${url}/open311/v2/nothing.xml`)).status).toBe(404);
  expect((await fetch(`${url}/open311/v2/requests/%00.json`)).status).toBe(404);
  const plain = await fetch(`${url}/open311/v2/services`);
  expect(plain.headers.get('content-type')).toBe('text/xml; charset=utf-8');
});

it('GCJ-02 goes back to where it came from, and leaves the rest of the world alone', () => {
  const changzhi = { longitude: 113.116, latitude: 36.195 };
  const shifted = toGcj02(changzhi);
  expect(Math.hypot(shifted.longitude - 113.116, shifted.latitude - 36.195)).toBeGreaterThan(0.002);
  const back = toWgs84(shifted);
  expect([back.longitude, back.latitude].map((value) => value.toFixed(6))).toEqual([
    '113.116000',
    '36.195000',
  ]);
  // Tian'anmen, as maps that use either give it.
  const square = toGcj02({ longitude: 116.39122, latitude: 39.90735 });
  expect([square.longitude, square.latitude].map((value) => value.toFixed(3))).toEqual(['116.397', '39.909']);
  expect(toGcj02({ longitude: -0.1276, latitude: 51.5072 })).toEqual({
    longitude: -0.1276,
    latitude: 51.5072,
  });
});
