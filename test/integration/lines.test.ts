import { seedDemoLines } from '../../src/db/seeds/demo/lines';
import { HotlineError } from '../../src/errors';
import { LineStore } from '../../src/lines/line.store';
import { freshDatabase } from '../support/servers';
import { ADMINISTRATOR, closeAll, input, openLines, type Side, until, Wire } from './lines-support';

const NOON = new Date('2026-06-01T04:00:00Z');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let side: Side;

beforeEach(async () => {
  database = await freshDatabase();
  side = openLines(database.url);
  await side.lines.start();
});
afterEach(async () => {
  await closeAll();
  await database.drop();
});

const refusal = (work: Promise<unknown>): Promise<HotlineError> =>
  work.then(
    () => Promise.reject(new Error('not refused')),
    (fault: unknown) => (fault instanceof HotlineError ? fault : Promise.reject(fault)),
  );

describe('changing lines', () => {
  test('a new line answers the next call, in any notation, and the change is on record', async () => {
    expect(
      side.lines.match('12345', [{ number: '2012319', source: 'diversion', reason: null }], NOON).line.mode,
    ).toBe('own');
    const line = await side.lines.create(
      input({ numbers: ['0355-2012319', '+86 355 2012319', '12319'] }),
      ADMINISTRATOR,
    );
    expect(line).toMatchObject({ version: 1, numbers: ['03552012319', '12319'] });
    const match = side.lines.match('12345', [{ number: '2012319', source: 'diversion', reason: null }], NOON);
    expect(match).toMatchObject({
      matchedBy: 'diversion',
      matchedNumber: '03552012319',
      line: { lineId: line.lineId },
    });
    expect(side.heard).toEqual([line.lineId]);
    expect(await side.audit.list({}, 9)).toMatchObject([
      { action: 'line.create', subject: `line:${line.lineId}`, who: 'p-admin' },
    ]);
  });

  test('history says who, when, before and after', async () => {
    const made = await side.lines.create(input(), ADMINISTRATOR);
    const changed = await side.lines.change(made.lineId, 1, input({ priority: 3 }), {
      ...ADMINISTRATOR,
      name: '另一位',
    });
    await side.lines.change(made.lineId, 2, input({ priority: 3 }), ADMINISTRATOR);
    const ended = await side.lines.end(made.lineId, changed.version, '2026-05-31', ADMINISTRATOR);
    expect(ended.version).toBe(3);
    const history = await side.lines.history(made.lineId);
    expect(history.map((one) => [one.version, one.action, one.whoName])).toEqual([
      [3, 'ended', '管理员'],
      [2, 'changed', '另一位'],
      [1, 'created', '管理员'],
    ]);
    expect(history[1]?.before?.priority).toBe(0);
    expect(history[1]?.after.priority).toBe(3);
    expect(history[2]?.before).toBeNull();
    expect(side.lines.match('2012319', [], NOON)).toMatchObject({
      matchedBy: 'default',
      line: { mode: 'own' },
    });
    expect((await side.audit.list({ action: 'line.change' }, 9))[0]?.facts).toMatchObject({
      before: { priority: 0 },
      after: { priority: 3 },
    });
  });

  test('the history cannot be rewritten', async () => {
    const made = await side.lines.create(input(), ADMINISTRATOR);
    await expect(side.db('line_history').where({ line_id: made.lineId }).delete()).rejects.toThrow(
      'append-only',
    );
  });

  test('two editors: the slower one is refused', async () => {
    const made = await side.lines.create(input(), ADMINISTRATOR);
    const both = await Promise.allSettled([
      side.lines.change(made.lineId, 1, input({ priority: 1 }), ADMINISTRATOR),
      side.lines.change(made.lineId, 1, input({ priority: 2 }), ADMINISTRATOR),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const stale = await refusal(side.lines.change(made.lineId, 1, input({ priority: 5 }), ADMINISTRATOR));
    expect(stale).toMatchObject({ code: 'stale-version', facts: { version: 2 } });
    expect(await side.lines.history(made.lineId)).toHaveLength(2);
  });

  test('one number, two lines, overlapping days: refused, naming the other', async () => {
    const made = await side.lines.create(input({ lastDay: '2026-05-31' }), ADMINISTRATOR);
    const refused = await refusal(
      side.lines.create(
        input({ name: '另一条', numbers: ['+863552012319'], firstDay: '2026-05-31' }),
        ADMINISTRATOR,
      ),
    );
    expect(refused).toMatchObject({
      code: 'line-overlaps',
      facts: { otherLineId: made.lineId, number: '03552012319' },
    });
    expect(refused.detail).toContain('城建热线');
    await side.lines.create(input({ name: '另一条', firstDay: '2026-06-01' }), ADMINISTRATOR);
    expect(side.lines.match('2012319', [], NOON).line.name).toBe('另一条');
  });

  test('two services at once cannot give one number to two lines', async () => {
    const other = openLines(database.url);
    await other.lines.start();
    const both = await Promise.allSettled([
      side.lines.create(input({ name: '甲' }), ADMINISTRATOR),
      other.lines.create(input({ name: '乙' }), ADMINISTRATOR),
    ]);
    const refused = both.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ code: 'line-overlaps', facts: { number: '03552012319' } });
  });

  test.each([
    ['an emergency number', { numbers: ['0355-110'] }, 'line-not-mergeable'],
    ['a court unit', { unitId: 'court-luzhou' }, 'line-not-mergeable'],
    ['a unit that does not exist', { unitId: 'dept-nowhere' }, 'invalid-input'],
    ['an unreadable number', { numbers: ['abc123'] }, 'invalid-input'],
    ['a foreign number', { numbers: ['+85223456789'] }, 'invalid-input'],
    ['a last day before the first', { lastDay: '2020-12-31' }, 'invalid-input'],
    ['the hotline number in another line', { numbers: ['0355-12345'] }, 'invalid-input'],
    ['an own line without the hotline number', { mode: 'own' as const }, 'invalid-input'],
    ['a parallel line without destination', { mode: 'parallel' as const }, 'invalid-input'],
  ])('refused: %s', async (_name, change, code) => {
    expect(await refusal(side.lines.create(input(change), ADMINISTRATOR))).toMatchObject({ code });
    expect(side.lines.list()).toHaveLength(0);
  });

  test('12345 itself does not end', async () => {
    const own = await side.lines.create(
      input({ name: '12345', mode: 'own', numbers: ['12345'] }),
      ADMINISTRATOR,
    );
    expect(await refusal(side.lines.end(own.lineId, 1, '2026-12-31', ADMINISTRATOR))).toMatchObject({
      code: 'wrong-state',
    });
    expect(await refusal(side.lines.end('nowhere', 1, '2026-12-31', ADMINISTRATOR))).toMatchObject({
      code: 'not-found',
    });
  });
});

describe('several services, and PostgreSQL away', () => {
  test('another service hears of a change at once', async () => {
    const other = openLines(database.url);
    await other.lines.start();
    const made = await side.lines.create(input(), ADMINISTRATOR);
    const began = Date.now();
    await until(() => other.lines.match('2012319', [], NOON).line.lineId === made.lineId);
    expect(Date.now() - began).toBeLessThan(1000);
    expect(other.heard).toEqual([made.lineId]);
  });

  test('a change that no news told of is found by looking', async () => {
    const other = openLines(database.url, 100);
    await other.lines.start();
    await side.db
      .raw(`insert into lines (line_id, version, name, mode, owner, first_day, greeting_sound, greeting_text, queue, priority, script)
      values ('quiet', 1, '静', 'direct', 'city', '2021-01-01', 'greeting-merged', '', 'general', 0, '')`);
    await until(() => other.lines.line('quiet') !== null);
  });

  test('PostgreSQL away: the last known lines stay, and changes made meanwhile arrive afterwards', async () => {
    const wire = new Wire(new URL(database.url));
    const other = openLines(await wire.mend(), 100);
    await other.lines.start();
    const first = await side.lines.create(input(), ADMINISTRATOR);
    await until(() => other.lines.line(first.lineId) !== null);
    await wire.cut();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(other.lines.match('2012319', [], NOON).line.lineId).toBe(first.lineId);
    await expect(other.lines.create(input({ numbers: ['12369'] }), ADMINISTRATOR)).rejects.toThrow();
    const second = await side.lines.create(input({ name: '环保', numbers: ['12369'] }), ADMINISTRATOR);
    await wire.mend();
    await until(() => other.lines.match('12369', [], NOON).line.lineId === second.lineId);
    await other.close();
    await wire.cut();
  });

  test('started without PostgreSQL: 12345 answers, and the lines come later', async () => {
    const wire = new Wire(new URL(database.url));
    const url = await wire.mend();
    await wire.cut();
    const other = openLines(url, 100);
    await other.lines.start();
    expect(other.lines.loaded).toBe(false);
    expect(other.lines.match('12319', [], NOON)).toMatchObject({
      line: { mode: 'own', queue: 'general' },
      matchedBy: 'default',
    });
    const made = await side.lines.create(input(), ADMINISTRATOR);
    await wire.mend();
    await until(() => other.lines.line(made.lineId) !== null);
    expect(other.lines.loaded).toBe(true);
    await other.close();
    await wire.cut();
  });
});

test('the demo city has about twenty lines over the three modes, and seeding twice changes nothing', async () => {
  const added = await seedDemoLines(side.db);
  expect(added).toBeGreaterThanOrEqual(20);
  expect(await seedDemoLines(side.db)).toBe(0);
  const lines = await new LineStore(side.db).all();
  for (const mode of ['own', 'direct', 'forwarded', 'parallel'])
    expect(lines.some((one) => one.mode === mode)).toBe(true);
  await side.lines.refresh();
  expect(
    side.lines.match('12345', [{ number: '0355-2012319', source: 'diversion', reason: null }], NOON),
  ).toMatchObject({
    line: { lineId: 'line-zhujian-fixed', mode: 'direct' },
  });
  expect(side.lines.match('+8635512345', [], NOON).line.lineId).toBe('line-12345');
  // Every seeded line passes the checks that an administrator's line must pass.
  for (const one of lines) {
    const { lineId, version: _version, ...rest } = one;
    expect(side.lines.check({ ...rest, unitId: null }, lineId)).toMatchObject({
      numbers: one.numbers,
    });
  }
});
