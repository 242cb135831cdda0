import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { AuditStore } from '../../src/platform/audit.store';
import { openPostgres } from '../../src/platform/postgres';
import { freshDatabase, ownPostgres, testServers } from '../support/servers';
import { PASSWORD, startWeb, Visitor, type Web } from '../support/web';

let web: Web;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let admin: Visitor;

beforeAll(async () => {
  database = await freshDatabase();
  web = await startWeb({ postgresUrl: database.url, redisUrl: testServers().redisUrl });
  await web.addPerson('administrator', 'boss');
  admin = new Visitor(web.url);
  await admin.signIn('boss');
});
afterAll(async () => {
  await web?.stop();
  await database?.drop();
});

const input = (signInName: string, more: object = {}) => ({
  signInName,
  name: '李四',
  role: 'agent',
  unitId: null,
  skills: ['general'],
  account: null,
  password: PASSWORD,
  ...more,
});

describe('people', () => {
  it('are created, changed and ended by an administrator, each on the audit trail', async () => {
    const created = await admin.call('POST', '/api/people', input('lisi', { account: '8050' }));
    expect(created.status).toBe(201);
    const { personId } = created.body as { personId: string };
    const changed = await admin.call('PATCH', `/api/people/${personId}`, {
      version: 1,
      skills: ['general', 'english'],
    });
    expect(changed.body).toMatchObject({ version: 2, skills: ['general', 'english'], name: '李四' });
    expect(
      (await admin.call('PATCH', `/api/people/${personId}`, { version: 1, name: '李五' })).body.code,
    ).toBe('stale-version');
    expect(web.directory.person(personId)?.skills).toEqual(['general', 'english']);
    expect((await admin.call('POST', `/api/people/${personId}/end`, { version: 2 })).body).toMatchObject({
      active: false,
    });
    const trail = (await admin.call('GET', `/api/audit?subject=${personId}`)).body as unknown as {
      action: string;
      who: string;
      facts: unknown;
    }[];
    expect(trail.map((row) => row.action)).toEqual(['people.end', 'people.change', 'people.create']);
    expect(JSON.stringify(trail)).not.toContain(PASSWORD);
    expect(await web.audit.verify()).toMatchObject({ brokenAt: null });
  });

  it('come back as the data they were written as', async () => {
    const name = '<img src=x onerror=alert(1)>"\'';
    const created = await admin.call('POST', '/api/people', input('xss', { name, account: '8051' }));
    expect(created.body.name).toBe(name);
    expect(created.headers.get('content-type')).toContain('application/json');
    expect(
      (await admin.call('POST', '/api/people', input('bidi', { name: 'a\u202eb', account: '8052' }))).status,
    ).toBe(400);
    expect(
      (await admin.call('POST', '/api/people', input("x';drop table people", { account: '8053' }))).status,
    ).toBe(400);
  });

  it('are refused when they do not fit: role, unit, account, password, taken names', async () => {
    const codes = async (more: object) =>
      (await admin.call('POST', '/api/people', input('fits', more))).body.code;
    expect(await codes({})).toBe('invalid-input');
    expect(await codes({ role: 'unit' })).toBe('invalid-input');
    expect(await codes({ role: 'unit', unitId: 'nowhere' })).toBe('invalid-input');
    expect(await codes({ account: '8060', password: '1111111111' })).toBe('invalid-input');
    expect(await codes({ account: '8060', role: 'king' })).toBe('invalid-input');
    expect((await admin.call('POST', '/api/people', input('fits', { account: '8060' }))).status).toBe(201);
    expect(await codes({ account: '8061' })).toBe('already-exists');
    expect((await admin.call('POST', '/api/people', input('fits2', { account: '8060' }))).body.code).toBe(
      'already-exists',
    );
  });

  it('lose their sessions when their role changes or they are ended', async () => {
    const personId = await web.addPerson('agent', 'moving');
    const visitor = new Visitor(web.url);
    await visitor.signIn('moving');
    expect(
      (await admin.call('PATCH', `/api/people/${personId}`, { version: 1, role: 'supervisor' })).status,
    ).toBe(200);
    expect((await visitor.call('GET', '/api/me')).status).toBe(401);
    await visitor.signIn('moving');
    expect((await visitor.call('GET', '/api/me')).body.person).toMatchObject({ role: 'supervisor' });
    expect((await admin.call('POST', `/api/people/${personId}/end`, { version: 2 })).status).toBe(200);
    expect((await visitor.call('GET', '/api/me')).status).toBe(401);
    expect((await visitor.signIn('moving')).status).toBe(401);
  });

  it('with open work are ended only when that is confirmed', async () => {
    const personId = await web.addPerson('agent', 'busy');
    web.openWork.of = async () => [{ what: '待回访工单', count: 3 }];
    const refused = await admin.call('POST', `/api/people/${personId}/end`, { version: 1 });
    expect(refused.body).toMatchObject({ code: 'wrong-state', openWork: [{ what: '待回访工单', count: 3 }] });
    expect(
      (await admin.call('POST', `/api/people/${personId}/end`, { version: 1, confirmed: true })).status,
    ).toBe(200);
    web.openWork.of = async () => [];
  });

  it('cannot end or demote themselves', async () => {
    expect((await admin.call('POST', '/api/people/p-boss/end', { version: 1 })).body.code).toBe(
      'wrong-state',
    );
    expect(
      (await admin.call('PATCH', '/api/people/p-boss', { version: 1, role: 'agent', account: '8099' })).body
        .code,
    ).toBe('wrong-state');
    expect((await admin.call('PATCH', '/api/people/nobody', { version: 1 })).body.code).toBe('not-found');
  });
});

describe('the demonstration city', () => {
  it('is seeded twice with the same result, and its people can sign in', async () => {
    const passwords = { admin: 'Shuidi-Chuan-Shi-71' };
    const { accounts } = await seedDemoCity(web.database, { passwords });
    const again = await seedDemoCity(web.database, {
      passwords: Object.fromEntries(accounts.map(({ name, password }) => [name, password])),
    });
    expect(again.accounts).toEqual(accounts);
    await web.directory.refresh();
    const { units } = (await admin.call('GET', '/api/units')).body as unknown as {
      units: {
        kind: string;
        contactPhone: string;
      }[];
    };
    expect(units.filter((unit) => unit.kind === 'county')).toHaveLength(14);
    expect(units.filter((unit) => unit.kind === 'department').length).toBeGreaterThanOrEqual(30);
    expect(accounts.filter(({ role }) => role === 'agent')).toHaveLength(6);
    for (const role of ['administrator', 'supervisor', 'agent', 'unit']) {
      const account = accounts.find((entry) => entry.role === role);
      expect(
        (await new Visitor(web.url).signIn(account?.name ?? '', account?.password)).body.person,
      ).toMatchObject({ role });
    }
    const clerk = new Visitor(web.url);
    const account = accounts.find(({ role }) => role === 'unit');
    await clerk.signIn(account?.name ?? '', account?.password);
    const { units: seen } = (await clerk.call('GET', '/api/units?kind=department')).body as unknown as {
      units: {
        contactPhone: string;
      }[];
    };
    expect(seen.filter((unit) => unit.contactPhone !== '').length).toBeLessThanOrEqual(1);
  }, 30_000);
});

describe('the audit trail', () => {
  it('keeps one chain under many writers, refuses changes, and shows one made behind its back', async () => {
    const other = openPostgres(database.url, 3);
    const stores = [web.audit, new AuditStore(other, { now: () => new Date() })];
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        stores[n % 2]?.append({
          who: 'p',
          action: 'number.reveal',
          subject: `c${n}`,
          facts: { b: 1, a: '\0<\ud800>' },
        }),
      ),
    );
    const whole = await web.audit.verify();
    expect(whole).toMatchObject({ brokenAt: null });
    await expect(
      web.database('audit').where({ subject: 'c7' }).update({ who: 'someone else' }),
    ).rejects.toThrow('append-only');
    await expect(web.database('audit').delete()).rejects.toThrow('append-only');
    await expect(web.database.raw('truncate audit')).rejects.toThrow('append-only');
    await web.database.raw('alter table audit disable trigger all');
    const row = (await web.database('audit').where({ subject: 'c7' }).first('seq')) as { seq: string };
    await web.database('audit').where({ subject: 'c7' }).update({ who: 'someone else' });
    expect(await web.audit.verify()).toMatchObject({ rows: Number(row.seq) - 1, brokenAt: Number(row.seq) });
    await other.destroy();
  });
});

describe('PostgreSQL away', () => {
  it('goes on with open sessions and the last known people, and says what it cannot do', async () => {
    const own = await ownPostgres();
    const here = await startWeb({ postgresUrl: own.url, redisUrl: testServers().redisUrl });
    const personId = await here.addPerson('agent', 'stays');
    const visitor = new Visitor(here.url);
    await visitor.signIn('stays');
    await own.stop();
    expect((await visitor.call('GET', '/api/me')).status).toBe(200);
    expect(here.directory.person(personId)?.name).toBe('stays');
    expect((await new Visitor(here.url).signIn('stays')).body.code).toBe('store-unavailable');
    const unknown = new Visitor(here.url);
    unknown.cookie = `hotline_session=${'C'.repeat(43)}`;
    expect((await unknown.call('GET', '/api/me')).status).toBe(503);
    await own.restart();
    own.freeze();
    await new Promise((resolve) => setTimeout(resolve, 10_500));
    const began = Date.now();
    expect((await visitor.call('GET', '/api/me')).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(4000);
    own.thaw();
    expect((await new Visitor(here.url).signIn('stays')).status).toBe(200);
    await here.stop();
    await own.stop();
  }, 60_000);
});
