import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { readSheet, writeSheet } from '../../src/lines/line-sheet.adapter';
import { CATALOGUE_COLUMNS, catalogueCells, newCategory } from '../../src/tickets/catalogue';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import type { TicketAction } from '../../src/tickets/ticket-lifecycle';
import type { Caller } from '../../src/platform/http-route';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const supervisor = person('supervisor');
const administrator = person('administrator');
const clock = new SetClock(cityInstant('2026-10-12', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  database = await freshDatabase();
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await desk.db('units').insert([
    { unit_id: 'util-gongshui', name: '市供水公司', kind: 'public-utility', area_code: 'city' },
    { unit_id: 'dept-chengguan', name: '市城管局', kind: 'department', area_code: 'city' },
    { unit_id: 'county-xiangyuan', name: '襄垣县政府', kind: 'county', area_code: '140423' },
  ]);
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await desk.stop();
  await database.drop();
});

const act = async (action: TicketAction, ticketId: string, input: object, by: Caller) => {
  const { version } = await desk.reading.show(ticketId, agent);
  await desk.tickets.act(action, ticketId, version, ACTION_INPUT[action].parse(input) as never, by);
};
const clerkOf = (unitId: string) => person('unit', { unitId });
/** Dispatched to a unit, which hands it back. */
async function handBack(ticketId: string, unitId: string) {
  await act('dispatch', ticketId, { unitId }, agent);
  await act('askReturn', ticketId, { reason: '不属本单位职责' }, clerkOf(unitId));
  const { requests } = await desk.reading.show(ticketId, supervisor);
  const requestId = requests.find(({ state }) => state === 'pending')?.requestId;
  await act('decide', ticketId, { requestId, granted: true }, supervisor);
}

describe('proposals', () => {
  const place = { categoryCode: 'ZW-01', areaCode: '140423' };

  it('learns from concluded work orders of the same category and place (R2)', async () => {
    for (const unitId of ['unit-a', 'unit-a', 'unit-b']) {
      const { ticketId } = await desk.tickets.open(aTicket({ ...place, unitId }), agent);
      await act('acknowledge', ticketId, {}, clerkOf(unitId));
      await act('reply', ticketId, { handling: '办', publicAnswer: '好', solved: true }, clerkOf(unitId));
      await act('check', ticketId, {}, agent);
    }
    const { ticketId } = await desk.tickets.open(aTicket(place), agent);
    await handBack(ticketId, 'unit-b');
    const proposal = await desk.proposals.propose({ ticketId });
    expect(proposal).toMatchObject({
      unitId: 'unit-a',
      why: '近一年同类同地诉求由其办结 2 件（R2）。',
      candidates: [{ unitId: 'unit-a', unitName: '单位a' }],
    });
    expect(await desk.proposals.propose({ ...place, areaCode: '140403' })).toMatchObject({ unitId: null });
  });

  it('gives a work order returned twice to its first recipient, as a final ruling (R3)', async () => {
    const { ticketId } = await desk.tickets.open(aTicket({ ...place, categoryCode: 'CG-01' }), agent);
    await handBack(ticketId, 'unit-c');
    expect(await desk.proposals.propose({ ticketId })).toMatchObject({
      unitId: 'county-xiangyuan',
      final: false,
    });
    await handBack(ticketId, 'unit-a');
    expect(await desk.proposals.propose({ ticketId })).toMatchObject({
      ...{ unitId: 'unit-c', final: true, clause: 'R3' },
      why: expect.stringContaining('已被退回 2 次'),
    });
  });

  it('marks the province’s, and refuses a question about nothing', async () => {
    const { ticketId } = await desk.tickets.open(aTicket({ ...place, level: 'province' }), agent);
    expect(await desk.proposals.propose({ ticketId })).toMatchObject({
      unitId: null,
      forward: { words: '省级事项转省平台办理' },
    });
    await expect(desk.proposals.propose({})).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(desk.proposals.propose({ ticketId: 'nobody' })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the dispatch catalogue', () => {
  const row = { categoryCode: 'ZW-01', areaCode: '', unitId: 'unit-a', version: 0 };
  const found = async () =>
    (await desk.catalogue.rows()).find(({ categoryCode }) => categoryCode === 'ZW-01') ?? null;

  it('is edited row by row, with versions and audit', async () => {
    await desk.catalogue.put(row, administrator);
    expect(await found()).toMatchObject({ areaCode: null, unitId: 'unit-a', unitName: '单位a', version: 1 });
    const faster = { ...row, unitId: 'unit-b' };
    await expect(desk.catalogue.put(faster, administrator)).rejects.toMatchObject({ code: 'stale-version' });
    const both = [1, 1].map((version) => desk.catalogue.put({ ...faster, version }, administrator));
    expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
    await expect(desk.catalogue.remove({ ...row, version: 1 }, administrator)).rejects.toMatchObject({
      code: 'stale-version',
    });
    await desk.catalogue.remove({ ...row, version: 2 }, administrator);
    expect(await found()).toBeNull();
    expect(
      await desk.db('audit').where('subject', 'catalogue:ZW-01/city').orderBy('seq').pluck('action'),
    ).toEqual(['catalogue.put', 'catalogue.put', 'catalogue.remove']);
  });

  it.each([
    ['a branch', { categoryCode: 'ZW' }],
    ['no category', { categoryCode: 'NONE' }],
    ['no unit', { unitId: 'nobody' }],
  ])('refuses %s', async (_, changes) => {
    await expect(desk.catalogue.put({ ...row, ...changes }, administrator)).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it.each(['csv', 'xlsx'] as const)(
    'goes out as %s and comes in again, each row reported',
    async (format) => {
      const before = await desk.catalogue.rows();
      const { file } = await writeSheet(
        format,
        '派单目录',
        [...CATALOGUE_COLUMNS],
        before.map(catalogueCells),
      );
      const same = await desk.catalogue.take(await readSheet(file), false, administrator);
      const known = new Set(['util-gongshui', 'dept-chengguan', 'county-xiangyuan']);
      expect(same.map(({ outcome }) => outcome)).toEqual(
        before.map(({ unitId }) => (known.has(unitId) ? 'unchanged' : 'refused')),
      );
      const sheet = [
        ['类别编码', '区县代码', '单位名称'],
        ['ZW-01', '', '单位a'],
        ['ZW-01', '140423', 'unit-b'],
        ['ZW-01', '', '单位b'],
        ['GY-01', '', '单位c'],
        ['NONE', '', '单位a'],
        ['ZW-02', 'x', '单位a'],
        ['ZW-02', '', '没有的单位'],
      ].map((cells, at) => ({ number: at + 1, cells, fault: null }));
      const dry = await desk.catalogue.take(sheet, true, administrator);
      expect(await desk.catalogue.rows()).toEqual(before);
      const report = await desk.catalogue.take(sheet, false, administrator);
      expect(report).toEqual(dry);
      expect(report.map(({ row: number, outcome, reason }) => [number, outcome, reason])).toEqual([
        [2, 'created', null],
        [3, 'created', null],
        [4, 'refused', '表中重复'],
        [5, 'changed', null],
        [6, 'refused', '请选择在用的末级诉求类别。'],
        [7, 'refused', '区县代码应为6位数字，空为全市'],
        [8, 'refused', '没有这个单位'],
      ]);
      await expect(
        desk.catalogue.take([{ number: 1, cells: ['x'], fault: null }], true, administrator),
      ).rejects.toMatchObject({ code: 'invalid-input' });
    },
  );
});

describe('the category tree', () => {
  it('adds, renames, moves and ends categories; a code is never used again; all of it in the audit trail', async () => {
    const made = await desk.catalogue.add(
      newCategory.parse({ code: 'XN', name: '新能源', regulation: { workingDays: 30, name: '办法' } }),
      administrator,
    );
    await desk.catalogue.add(
      newCategory.parse({ code: 'XN-01', name: '充电桩', parentCode: 'XN' }),
      administrator,
    );
    expect((await desk.reading.categories()).items.find(({ code }) => code === 'XN-01')?.leaf).toBe(true);
    await expect(
      desk.catalogue.change('XN', { version: 1, active: false }, administrator),
    ).rejects.toMatchObject({
      code: 'wrong-state',
      facts: { codes: ['XN-01'] },
    });
    const renamed = await desk.catalogue.change(
      'XN-01',
      { version: 1, name: '充电设施', parentCode: null },
      administrator,
    );
    expect(renamed).toMatchObject({ version: 2, name: '充电设施', parentCode: null, active: true });
    await desk.catalogue.change('XN', { version: made.version, active: false }, administrator);
    await expect(
      desk.catalogue.add(newCategory.parse({ code: 'XN', name: '别的' }), administrator),
    ).rejects.toMatchObject({ code: 'already-exists' });
    await expect(
      desk.catalogue.change('XN-01', { version: 1, name: 'x' }, administrator),
    ).rejects.toMatchObject({
      code: 'stale-version',
    });
    await expect(desk.catalogue.change('none', { version: 1 }, administrator)).rejects.toMatchObject({
      code: 'not-found',
    });
    const trail = await desk
      .db('audit')
      .where('action', 'like', 'category.%')
      .orderBy('seq')
      .pluck('subject');
    expect(trail).toEqual(['category:XN', 'category:XN-01', 'category:XN-01', 'category:XN']);
    await expect(desk.tickets.open(aTicket({ categoryCode: 'XN' }), agent)).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('two who move two categories below each other make no circle', async () => {
    const [a, b] = ['P', 'Q'].map((code) => newCategory.parse({ code, name: code }));
    await desk.catalogue.add(a!, administrator);
    await desk.catalogue.add(b!, administrator);
    const moves = [
      desk.catalogue.change('P', { version: 1, parentCode: 'Q' }, administrator),
      desk.catalogue.change('Q', { version: 1, parentCode: 'P' }, administrator),
    ];
    expect((await Promise.allSettled(moves)).map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
  });
});
