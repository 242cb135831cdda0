import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { readConfig } from '../../src/config';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { startHotline } from '../../src/hotline';
import { ROLES, may, type Action, type Role } from '../../src/permissions';
import { openPostgres } from '../../src/platform/postgres';
import { freePort } from '../../src/runtime/free-port.service';
import { freshDatabase, testServers } from '../support/servers';
import { until } from '../support/until';
import { Visitor } from '../support/web';

interface Operation {
  method: string;
  path: string;
  action: Action | 'public' | 'signed-in';
}

/** The parts of an OpenAPI 3.1 document that every operation must have. */
interface Document {
  openapi: string;
  info: { title: string; version: string };
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
  paths: Record<
    string,
    Record<
      string,
      {
        summary: string;
        tags: string[];
        'x-action': Operation['action'];
        security?: Record<string, unknown>[];
        parameters: { name: string; in: string; required: boolean; schema: object }[];
        requestBody?: { content: Record<string, object> };
        responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
      }
    >
  >;
}

let hotline: Awaited<ReturnType<typeof startHotline>> | undefined;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let operations: Operation[];
let passwords: Map<string, string>;
let document: Document;
const visitors = new Map<Role, Visitor>();

beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  const db = openPostgres(database.url, 2);
  const { accounts } = await seedDemoCity(db, { passwords: {} });
  await db.destroy();
  passwords = new Map(accounts.map(({ name, password }) => [name, password]));
  const port = await freePort();
  const config = readConfig({
    HTTP_PORT: String(port),
    POSTGRES_URL: database.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: `matrix-${port}`,
    SWITCH: 'simulated',
    VAR_DIR: folder,
  });
  hotline = await startHotline(config, pino({ level: 'silent' }));
  const url = `http://127.0.0.1:${port}`;
  const { body } = await new Visitor(url).call('GET', '/api/openapi.json');
  document = body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, facts]) => ({ method, path, action: facts['x-action'] })),
  );
  for (const role of ROLES) {
    const account = accounts.find((entry) => entry.role === role);
    const visitor = new Visitor(url);
    expect((await visitor.signIn(account?.name ?? '', account?.password)).status).toBe(200);
    visitors.set(role, visitor);
  }
}, 60_000);

afterAll(async () => {
  await hotline?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** Every operation of the whole service, asked with nothing useful in it: what is not allowed must be refused first. */
const ask = (visitor: Visitor, { method, path }: Operation) =>
  visitor.call(method.toUpperCase(), path.replace(/\{\w+\}/g, 'none'), method === 'get' ? undefined : {});

it('has operations of every part', () => {
  expect(operations.length).toBeGreaterThan(25);
  expect(operations.filter(({ action }) => action === 'public').map(({ path }) => path)).toEqual([
    '/api/sign-in',
    // With a secret of its own.
    '/api/sms-receipts',
    '/api/citizen/ticket',
    '/api/citizen/urge',
    '/api/citizen/supplement',
    // With a link's token, or number and query code.
    '/api/survey/token',
    '/api/survey/show',
    '/api/survey/answer',
  ]);
});

it('answers nobody who is not signed in', async () => {
  const stranger = new Visitor(visitors.get('agent')?.url ?? '');
  for (const operation of operations.filter(({ action }) => action !== 'public')) {
    const reply = await ask(stranger, operation);
    expect([operation.path, reply.status]).toEqual([operation.path, 401]);
  }
}, 30_000);

it('changes nothing for anyone without the CSRF token', async () => {
  const { url, cookie } = visitors.get('administrator') ?? new Visitor('');
  const forged = Object.assign(new Visitor(url), { cookie });
  for (const operation of operations.filter(
    ({ action, method }) => action !== 'public' && method !== 'get',
  )) {
    const reply = await ask(forged, operation);
    expect([operation.path, reply.body.code]).toEqual([operation.path, 'csrf-missing']);
  }
}, 30_000);

it.each(ROLES)(
  'lets a %s do what the table says, and nothing else',
  async (role) => {
    const visitor = visitors.get(role) ?? new Visitor('');
    const wrong: unknown[] = [];
    for (const operation of operations) {
      const { action, path, method } = operation;
      if (action === 'public' || path === '/api/sign-out') continue;
      const allowed = action === 'signed-in' || may(role, action);
      const reply = await ask(visitor, operation);
      const refused = reply.status === 403 && reply.body.action === action;
      if (refused === allowed || reply.status === 401 || (allowed && reply.status === 500))
        wrong.push([method, path, action, reply.status, reply.text.slice(0, 200)]);
    }
    expect(wrong).toEqual([]);
  },
  60_000,
);

it('lets an overseer change nothing (G1)', async () => {
  const overseer = visitors.get('overseer') ?? new Visitor('');
  const own = ['/api/sign-in', '/api/sign-out', '/api/me/password'];
  const open: unknown[] = [];
  for (const operation of operations.filter(
    ({ method, path, action }) => method !== 'get' && action !== 'public' && !own.includes(path),
  )) {
    const { status, body } = await ask(overseer, operation);
    if (status !== 403 || body.code !== 'not-allowed') open.push([operation.method, operation.path, status]);
  }
  expect(open).toEqual([]);
  for (const path of ['/tickets', '/calls', '/lines', '/units', '/calendar', '/audit'])
    expect([path, (await overseer.call('GET', `/api${path}`)).status]).toEqual([path, 200]);
}, 30_000);

it('answers hostile identifiers with a refusal, never with a fault of its own', async () => {
  const visitor = visitors.get('administrator') ?? new Visitor('');
  const supervisor = visitors.get('supervisor') ?? new Visitor('');
  for (const text of ['%00', 'a%00b', '%EF%BF%BF', "'%20or%20''='", '..%2F..%2Fetc%2Fpasswd'])
    for (const path of [
      `/api/calls/${text}`,
      `/api/calls?seatId=${text}`,
      `/api/audit?subject=${text}`,
      `/api/tickets/${text}`,
      `/api/lines/${text}/history`,
      `/api/knowledge/search?q=${text}`,
      `/api/knowledge/articles/${text}/versions`,
      `/api/lines?search=${text}`,
      `/api/units?areaCode=${text}`,
    ])
      for (const who of [visitor, supervisor]) {
        const { status } = await who.call('GET', path);
        expect([path, status < 500]).toEqual([path, true]);
      }
}, 30_000);

it('takes the seat of a person who was ended, also from a phone of its own', async () => {
  const administrator = visitors.get('administrator') ?? new Visitor('');
  const agent = new Visitor(administrator.url);
  await agent.signIn('agent6', passwords.get('agent6'));
  await until('the switch is commanded', async () => {
    const reply = await agent.call('POST', '/api/desk/seat', { phone: 'sip' });
    return reply.status === 200;
  });
  const seats = async () => {
    const { body } = await administrator.call('GET', '/api/seats');
    return (body.seats as { seatId: string }[]).map(({ seatId }) => seatId);
  };
  expect(await seats()).toContain('agent6');
  const { body } = await administrator.call('GET', '/api/people');
  const person = (body as unknown as { personId: string; version: number }[]).find(
    ({ personId }) => personId === 'agent6',
  );
  const end = { version: person?.version, confirmed: true };
  expect((await administrator.call('POST', '/api/people/agent6/end', end)).status).toBe(200);
  await until('the seat is taken', async () => !(await seats()).includes('agent6'));
  expect((await agent.call('GET', '/api/me')).status).toBe(401);
}, 30_000);

it('writes every edit of a menu to the audit trail, with before and after', async () => {
  const administrator = visitors.get('administrator') ?? new Visitor('');
  const { body } = await administrator.call('GET', '/api/lines');
  const [line] = body.lines as { lineId: string }[];
  const path = `/api/lines/${line?.lineId}/menu`;
  const menu = [{ digit: '1', queue: 'general', words: '人工' }];
  for (const wanted of [menu, []]) {
    const reply = await administrator.call('PUT', path, { menu: wanted });
    expect([reply.status, reply.body]).toEqual([200, { menu: wanted }]);
  }
  const trail = await administrator.call('GET', `/api/audit?subject=line:${line?.lineId}&action=line.menu`);
  expect((trail.body as unknown as { facts: unknown }[]).map(({ facts }) => facts)).toEqual([
    { before: menu, after: [] },
    { before: [], after: menu },
  ]);
});

it('cuts the demonstration city’s knowledge into words by itself, and agents find it', async () => {
  const agent = visitors.get('agent') ?? new Visitor('');
  const found = async () => {
    const { body } = await agent.call('GET', `/api/knowledge/search?q=${encodeURIComponent('公积金怎么取')}`);
    return (body.items as { title: { text: string }; matched: string }[])[0];
  };
  await until('the articles are cut', async () => (await found())?.matched === 'all');
  expect((await found())?.title.text).toBe('住房公积金提取的条件和材料');
});

it('is described whole by its OpenAPI document', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info).toEqual({ title: expect.any(String), version: expect.any(String) });
  const faults: string[] = [];
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const fault = (words: string) => faults.push(`${method} ${path}: ${words}`);
      if (!/^(get|post|put|patch|delete)$/.test(method)) fault('no such method');
      if (!/\p{Script=Han}/u.test(operation.summary) || !/\p{Script=Han}/u.test(operation.tags.join()))
        fault('summary and tag are for people here');
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = operation.parameters.filter((one) => one.in === 'path' && one.required);
      if (
        named.sort().join() !==
        described
          .map(({ name }) => name)
          .sort()
          .join()
      )
        fault('path parameters');
      if (operation.parameters.some(({ schema }) => typeof schema !== 'object')) fault('parameter schema');
      for (const scheme of operation.security?.flatMap(Object.keys) ?? [])
        if (!document.components.securitySchemes[scheme]) fault('security scheme');
      const { default: refusal, ...replies } = operation.responses;
      if (!refusal?.content?.['application/problem+json']) fault('no refusal');
      const [[status, reply] = ['', undefined], ...more] = Object.entries(replies);
      const schemas = Object.values(reply?.content ?? {}).map(({ schema }) => schema);
      if (more.length > 0 || !/^20\d$/.test(status) || (schemas.length === 0) !== (status === '204'))
        fault(`reply ${status} with ${schemas.length} schemas`);
      if (schemas.some((schema) => !('type' in schema || 'anyOf' in schema))) fault('reply schema');
    }
  expect(faults).toEqual([]);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name ?? '');
});
