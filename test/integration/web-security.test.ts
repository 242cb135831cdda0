import net from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { HotlineError } from '../../src/errors';
import { ROLES, may, type Action, type Role } from '../../src/permissions';
import { route, type Route } from '../../src/platform/http-route';
import { freshDatabase, testServers } from '../support/servers';
import { PASSWORD, startWeb, Visitor, type Web } from '../support/web';

const ran: string[] = [];
const about = { tag: 'test', summary: 'test' };
const ACTIONS: Action[] = [
  'seat.use',
  'call.view-all',
  'number.reveal',
  'line.edit',
  'ticket.open',
  'ticket.inbox',
  'people.edit',
  'audit.view',
];

const sample: Route[] = [
  ...ACTIONS.map((action) =>
    route({
      ...about,
      method: 'post',
      path: `/try/${action}`,
      action,
      reply: z.object({ ok: z.boolean() }),
      async handle() {
        ran.push(action);
        return { ok: true };
      },
    }),
  ),
  route({
    ...about,
    method: 'post',
    path: '/things/:id',
    action: 'signed-in',
    idempotent: true,
    status: 201,
    params: z.object({ id: z.string().max(5) }),
    body: z.strictObject({ name: z.string().min(1).max(20), count: z.int().min(1) }),
    reply: z.object({ id: z.string(), name: z.string(), count: z.int(), run: z.int() }),
    async handle({ params, body, idempotencyKey }) {
      ran.push(`thing ${idempotencyKey ?? ''}`);
      return { id: params.id, ...body, run: ran.length };
    },
  }),
  route({
    ...about,
    method: 'post',
    path: '/refuse',
    action: 'signed-in',
    idempotent: true,
    async handle() {
      ran.push('refuse');
      throw new HotlineError('line-overlaps', '重叠');
    },
  }),
  route({
    ...about,
    method: 'get',
    path: '/fault',
    action: 'public',
    async handle() {
      throw new Error('secret postgres://u:p@h');
    },
  }),
  route({
    ...about,
    method: 'get',
    path: '/file',
    action: 'signed-in',
    reply: 'file',
    async handle() {
      return { file: Buffer.from('a,b'), contentType: 'text/csv', fileName: '热线"1\r\n.csv' };
    },
  }),
  route({
    ...about,
    method: 'put',
    path: '/upload',
    action: 'signed-in',
    upload: 1000,
    reply: z.object({ size: z.int().optional(), name: z.string().optional() }),
    async handle({ upload }) {
      return { size: upload?.bytes.length, name: upload?.fileName };
    },
  }),
];

let web: Web;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let root: string;

beforeAll(async () => {
  database = await freshDatabase();
  root = mkdtempSync(join(tmpdir(), 'pages-'));
  const webRoot = join(root, 'web');
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(webRoot, 'desk.html'), '<!doctype html><title>desk</title>');
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>in</title>');
  writeFileSync(join(webRoot, 'assets', 'app-123.js'), 'export {};');
  writeFileSync(join(webRoot, '.secret'), 'dot');
  writeFileSync(join(root, 'outside.txt'), 'outside');
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: sample,
    webRoot,
  });
});
afterAll(async () => {
  await web?.stop();
  await database?.drop();
  rmSync(root, { recursive: true, force: true });
});

describe('sign-in', () => {
  it('opens a session with a guarded cookie and tells the CSRF token', async () => {
    await web.addPerson('agent', 'lina');
    const visitor = new Visitor(web.url);
    const reply = await visitor.signIn('  LiNa ');
    expect(reply.status).toBe(200);
    expect(reply.body.person).toEqual({ personId: 'p-lina', name: 'lina', role: 'agent', unitId: null });
    const cookie = reply.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^hotline_session=[A-Za-z0-9_-]{43}; /);
    for (const flag of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(flag);
    expect(cookie).not.toContain('Secure');
    const me = await visitor.call('GET', '/api/me');
    expect(me.body).toEqual(reply.body);
    const rows = await web.database('sessions').where({ person_id: 'p-lina' });
    expect(JSON.stringify(rows)).not.toContain(visitor.cookie.split('=')[1]);
  });

  it('gives a new token whatever the browser brought, and ends the old session', async () => {
    await web.addPerson('agent', 'fixa');
    const fixed = 'A'.repeat(43);
    const visitor = new Visitor(web.url);
    visitor.cookie = `hotline_session=${fixed}`;
    await visitor.signIn('fixa');
    expect(visitor.cookie).not.toContain(fixed);
    const before = visitor.cookie;
    await visitor.signIn('fixa');
    expect(visitor.cookie).not.toBe(before);
    const old = Object.assign(new Visitor(web.url), { cookie: before });
    expect((await old.call('GET', '/api/me')).status).toBe(401);
  });

  it('ends the session at sign-out', async () => {
    const visitor = await web.visitorAs('agent');
    const reply = await visitor.call('POST', '/api/sign-out');
    expect(reply.status).toBe(204);
    expect(reply.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await visitor.call('GET', '/api/me')).body.code).toBe('not-signed-in');
  });

  it('refuses unknown, ended and wrong alike, in about the same time', async () => {
    await web.addPerson('agent', 'wang');
    await web.addPerson('agent', 'gone');
    await web.database('people').where({ person_id: 'p-gone' }).update({ active: false });
    const times: number[] = [];
    for (const [name, password] of [
      ['wang', 'wrong wrong'],
      ['nobody-here', PASSWORD],
      ['gone', PASSWORD],
    ] as const) {
      const began = performance.now();
      const reply = await new Visitor(web.url).signIn(name, password);
      times.push(performance.now() - began);
      expect(reply.status).toBe(401);
      expect(reply.body.code).toBe('wrong-password');
      expect(reply.body.detail).toBe('登录名或密码不正确');
    }
    expect(Math.min(...times)).toBeGreaterThan(5);
  });

  it('throttles guesses on one name, even with the right password then, and says when to come back', async () => {
    await web.addPerson('agent', 'guessed');
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, n) => new Visitor(web.url).signIn('guessed', `wrong-${n}`)),
    );
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(5);
    const refused = replies.filter((reply) => reply.status === 429);
    expect(refused).toHaveLength(7);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await new Visitor(web.url).signIn('guessed')).status).toBe(429);
    await web.addPerson('agent', 'another');
    expect((await new Visitor(web.url).signIn('another')).status).toBe(200);
  });

  it('refuses a sign-in form posted from another site', async () => {
    const reply = await new Visitor(web.url).call(
      'POST',
      '/api/sign-in',
      { name: 'a', password: 'b' },
      { origin: 'http://evil.example' },
    );
    expect(reply.status).toBe(403);
  });

  it('changes the own password by its rules and ends the other sessions', async () => {
    await web.addPerson('agent', 'changer');
    const here = new Visitor(web.url);
    const there = new Visitor(web.url);
    await here.signIn('changer');
    await there.signIn('changer');
    const change = (newPassword: string, oldPassword = PASSWORD) =>
      here.call('POST', '/api/me/password', { oldPassword, newPassword });
    expect((await change('short')).body.code).toBe('invalid-input');
    expect((await change('1234567890')).body.code).toBe('invalid-input');
    expect((await change('新的密码-很长-8842', 'wrong')).status).toBe(401);
    expect((await change('新的密码-很长-8842')).status).toBe(204);
    expect((await here.call('GET', '/api/me')).status).toBe(200);
    expect((await there.call('GET', '/api/me')).status).toBe(401);
    expect((await new Visitor(web.url).signIn('changer', '新的密码-很长-8842')).status).toBe(200);
  });
});

describe('every request', () => {
  it('needs the CSRF token, its own one, for what changes something', async () => {
    const visitor = await web.visitorAs('agent');
    const other = await web.visitorAs('agent', 'p-other');
    const body = { name: 'x', count: 1 };
    for (const csrf of ['', 'nonsense', other.csrf]) {
      visitor.csrf = csrf;
      const reply = await visitor.call('POST', '/api/things/1', body);
      expect([reply.status, reply.body.code]).toEqual([403, 'csrf-missing']);
    }
  });

  it('refuses another origin even with cookie and token', async () => {
    const visitor = await web.visitorAs('agent');
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ] as Record<string, string>[]) {
      expect((await visitor.call('POST', '/api/things/1', { name: 'x', count: 1 }, headers)).body.code).toBe(
        'not-allowed',
      );
    }
    expect(
      (await visitor.call('POST', '/api/things/1', { name: 'x', count: 1 }, { origin: web.url })).status,
    ).toBe(201);
  });

  it.each(ROLES.flatMap((role) => ACTIONS.map((action) => [role, action] as [Role, Action])))(
    'role %s, action %s: as the table says',
    async (role, action) => {
      const visitor = await web.visitorAs(role);
      const before = ran.length;
      const reply = await visitor.call('POST', `/api/try/${action}`);
      expect(reply.status).toBe(may(role, action) ? 200 : 403);
      expect(ran.length - before).toBe(may(role, action) ? 1 : 0);
    },
  );

  it('is refused without session on every mounted route that is not public', async () => {
    for (const { method, path, action } of web.http.mounted().filter((entry) => entry.action !== 'public')) {
      const reply = await new Visitor(web.url).call(
        method.toUpperCase(),
        `/api${path.replace(/:\w+/g, 'x')}`,
      );
      expect([path, action, reply.status]).toEqual([path, action, 401]);
    }
  });

  it('names faulty fields in Chinese with their paths', async () => {
    const visitor = await web.visitorAs('agent');
    const reply = await visitor.call('POST', '/api/things/1', { name: '', count: 'x', more: 1 });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    const errors = reply.body.errors as { path: string; message: string }[];
    expect(errors.map((entry) => entry.path)).toEqual(
      expect.arrayContaining(['body.name', 'body.count', 'body']),
    );
    for (const entry of errors) expect(entry.message).toMatch(/[\u4e00-\u9fff]/);
  });

  it('gets clear problems for bad JSON, wrong type, oversize, bad encoding, unknown paths', async () => {
    const visitor = await web.visitorAs('agent');
    const post = (body: string, headers = {}) => visitor.call('POST', '/api/things/1', body, headers);
    expect((await post('{"a":')).body.code).toBe('invalid-input');
    expect((await post('"text"')).body.code).toBe('invalid-input');
    expect((await post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await post(JSON.stringify({ name: 'x'.repeat(300_000), count: 1 }))).status).toBe(413);
    expect((await visitor.call('POST', '/api/things/%E0%A4%A', { name: 'x', count: 1 })).body.code).toBe(
      'invalid-input',
    );
    expect((await visitor.call('GET', '/api/nothing')).body.code).toBe('not-found');
    expect((await post('{"__proto__":{"polluted":1},"name":"x","count":1}')).status).toBe(400);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('does not read a body before the caller is found to be allowed', async () => {
    const reply = await new Visitor(web.url).call('POST', '/api/things/1', 'x'.repeat(2_000_000));
    expect(reply.status).toBe(401);
  });

  it('hides what went wrong inside', async () => {
    const reply = await new Visitor(web.url).call('GET', '/api/fault');
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('postgres');
    expect(reply.body.requestId).toBe(reply.headers.get('x-request-id'));
  });

  it('takes uploads up to their limit with a harmless name', async () => {
    const visitor = await web.visitorAs('agent');
    const put = (body: string, name: string) =>
      visitor.call('PUT', '/api/upload', body, { 'content-type': 'text/csv', 'x-file-name': name });
    expect((await put('x'.repeat(900), encodeURIComponent('../../etc/热线.csv'))).body).toEqual({
      size: 900,
      name: '.._.._etc_热线.csv',
    });
    expect((await put('x'.repeat(1100), 'a')).status).toBe(413);
    expect((await put('x', '%')).status).toBe(400);
  });

  it('sends files with a name that breaks no header', async () => {
    const reply = await (await web.visitorAs('agent')).call('GET', '/api/file');
    expect(reply.text).toBe('a,b');
    expect(reply.headers.get('content-disposition')).toContain("filename*=UTF-8''%E7%83%AD");
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('idempotency', () => {
  const key = { 'idempotency-key': 'key-000001' };
  it('runs once, replays the reply, refuses other content, and keeps people apart', async () => {
    const visitor = await web.visitorAs('agent', 'p-idem');
    const post = (body: unknown, headers = key) => visitor.call('POST', '/api/things/7', body, headers);
    const before = ran.length;
    const first = await post({ name: 'a', count: 1 });
    const again = await post({ name: 'a', count: 1 });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(ran.length - before).toBe(1);
    expect((await post({ name: 'b', count: 1 })).body.code).toBe('idempotency-mismatch');
    const other = await web.visitorAs('agent', 'p-idem2');
    expect((await other.call('POST', '/api/things/7', { name: 'b', count: 1 }, key)).status).toBe(201);
  });

  it('runs one of many sent at once', async () => {
    const visitor = await web.visitorAs('agent', 'p-idem3');
    const before = ran.length;
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => visitor.call('POST', '/api/things/8', { name: 'a', count: 1 }, key)),
    );
    expect(ran.length - before).toBe(1);
    for (const reply of replies) expect([201, 409]).toContain(reply.status);
  });

  it('frees the key of a refused request and refuses a malformed key', async () => {
    const visitor = await web.visitorAs('agent', 'p-idem4');
    for (let n = 0; n < 2; n += 1)
      expect((await visitor.call('POST', '/api/refuse', undefined, key)).body.code).toBe('line-overlaps');
    expect((await visitor.call('POST', '/api/refuse', undefined, { 'idempotency-key': 'x' })).body.code).toBe(
      'invalid-input',
    );
  });
});

describe('pages', () => {
  it('serves the pages, their depths and the assets with their cache times', async () => {
    const visitor = new Visitor(web.url);
    for (const path of ['/desk', '/desk/calls/1']) {
      const reply = await visitor.call('GET', path);
      expect([reply.status, reply.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(reply.text).toContain('desk');
    }
    expect((await visitor.call('GET', '/')).text).toContain('in');
    const asset = await visitor.call('GET', '/assets/app-123.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    const policy = asset.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect((await visitor.call('GET', '/assets/nothing.js')).status).toBe(404);
  });

  it.each([
    '/../outside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/%2e%2e/outside.txt',
    '/assets/%2e%2e%5c%2e%2e%5coutside.txt',
    '/.secret',
    '/desk%00.html',
  ])('serves nothing outside: %s', async (path) => {
    const { port } = new URL(web.url);
    const text = await new Promise<string>((resolve) => {
      const socket = net.connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      let all = '';
      socket.on('data', (data) => (all += data.toString())).on('close', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1.1 4\d\d/);
    expect(text).not.toMatch(/outside$|dot$/);
  });
});

describe('health and documents', () => {
  it('is alive, and says what is missing', async () => {
    const visitor = new Visitor(web.url);
    expect((await visitor.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    web.http.addReadiness('switch', async () => '交换机未连接');
    web.http.addReadiness('broken', async () => {
      throw new Error('x');
    });
    web.http.addReadiness('fine', async () => null);
    const reply = await visitor.call('GET', '/readyz');
    expect(reply.status).toBe(503);
    expect(reply.body).toEqual({
      ready: false,
      missing: [
        { name: 'switch', why: '交换机未连接' },
        { name: 'broken', why: '检查失败或超时' },
      ],
    });
  });

  it('gives figures to this machine, not through a proxy', async () => {
    const visitor = new Visitor(web.url);
    expect((await visitor.call('GET', '/metrics')).text).toContain('http_request_seconds');
    const proxied = { 'x-forwarded-for': '10.0.0.1' };
    expect((await visitor.call('GET', '/metrics', undefined, proxied)).status).toBe(403);
    expect(
      (await (await web.visitorAs('supervisor')).call('GET', '/metrics', undefined, proxied)).status,
    ).toBe(200);
  });

  it('documents every mounted route from its schemas', async () => {
    const visitor = new Visitor(web.url);
    const { body } = await visitor.call('GET', '/api/openapi.json');
    const paths = body.paths as Record<
      string,
      Record<string, { requestBody?: unknown; parameters: { name: string }[] }>
    >;
    for (const { method, path } of web.http.mounted())
      expect(paths[`/api${path.replace(/:(\w+)/g, '{$1}')}`]?.[method]).toBeDefined();
    const things = paths['/api/things/{id}']?.post;
    expect(things?.parameters.map((entry) => entry.name)).toEqual(['id', 'X-CSRF-Token', 'Idempotency-Key']);
    expect(JSON.stringify(things?.requestBody)).toContain('"maxLength":20');
    const page = await visitor.call('GET', '/api/docs');
    expect(page.text).toContain('/api/things/:id');
    expect(page.text).not.toContain('<script');
  });
});
