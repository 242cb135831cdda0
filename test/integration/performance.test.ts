import fc from 'fast-check';
import { cityDay, cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { writeSheet } from '../../src/lines/line-sheet.adapter';
import { scoreSheet } from '../../src/performance/performance-sheet';
import { Performance } from '../../src/performance/performance.service';
import { PerformanceStore } from '../../src/performance/performance.store';
import { FIGURE_CODES, type FigureCode } from '../../src/performance/ticket-figures';
import { AuditStore } from '../../src/platform/audit.store';
import type { Caller } from '../../src/platform/http-route';
import type { PartRow, TicketRow } from '../../src/tickets/ticket-row';
import { evaluationDesk } from '../support/evaluation-desk';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock } from '../support/ticket-desk';

jest.setTimeout(120_000);

const supervisor = person('supervisor');
const overseer = person('overseer');
const clerk = (unitId: string) => person('unit', { personId: `clerk-${unitId}`, unitId });
const clock = new SetClock(cityInstant('2026-11-02', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof evaluationDesk>;
let store: PerformanceStore;
let performance: Performance;

beforeEach(async () => {
  clock.set(cityInstant('2026-11-02', '10:00'));
  database = await freshDatabase();
  desk = evaluationDesk({
    ...{ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock },
    correct: (...change) => store.correct(...change),
  });
  store = new PerformanceStore(desk.db);
  performance = new Performance({
    ...{ store, clock, audit: new AuditStore(desk.db, clock) },
    nameOf: async (_by, key) => `名称${key}`,
  });
  await desk.db('units').insert({
    ...{ unit_id: 'util-gongshui', name: '市供水公司', kind: 'public-utility', area_code: 'city' },
  });
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await desk.stop();
  await database.drop();
});

const figure = async (code: FigureCode, period = '2026-11', caller: Caller = supervisor) => {
  const { groups } = await performance.figures(period, 'city', caller);
  const found = groups[0]?.figures.find((each) => each.figure === code);
  return { of: found?.of ?? 0, hit: found?.hit ?? 0, counted: found?.withoutExcluded };
};
const behind = async (code: FigureCode, only = {}, caller: Caller = supervisor, period = '2026-11') =>
  (await performance.tickets(period, code, only, { before: null, limit: 100 }, caller)).items;

describe('counting', () => {
  const DAYS = ['2026-10-31', '2026-11-01', '2026-11-15', '2026-11-30', '2026-12-01'];
  const NOW = cityInstant('2026-11-30', '12:00');
  /** Around the month's ends, to the millisecond. */
  const instant = fc
    .tuple(fc.constantFrom(...DAYS), fc.constantFrom('00:00', '12:00', '24:00'), fc.constantFrom(-1, 0, 1))
    .map(([day, time, ms]) => new Date(cityInstant(day, time).getTime() + ms));
  const maybe = fc.option(instant, { nil: null });
  const yes = fc.option(fc.boolean(), { nil: null });
  const unit = fc.constantFrom('unit-a', 'unit-b', 'unit-c');

  const part = fc.record({
    ...{ unit_id: unit, role: fc.constantFrom('lead' as const, 'assisting' as const) },
    state: fc.constantFrom('dispatched', 'acknowledged', 'replied', 'concluded', 'returned', 'withdrawn'),
    ...{ round: fc.integer({ min: 1, max: 3 }), current: fc.boolean(), clause: fc.constantFrom('T1', 'E1') },
    ...{ dispatched_at: instant, due_at: instant, acknowledge_by: maybe, acknowledged_at: maybe },
    ...{ first_opinion_by: maybe, first_opinion_at: maybe, replied_at: maybe, closed_at: maybe },
    ...{ extension_days: fc.constantFrom(0, 0, 3), paused: fc.constantFrom(false, false, true) },
    asked: fc.option(
      fc.record({
        kind: fc.constantFrom('return', 'objection', 'extension'),
        state: fc.constantFrom('pending', 'granted', 'refused', 'withdrawn'),
      }),
      { nil: null },
    ),
  });
  const result = fc.record({
    outcome: fc.constantFrom('evaluated', 'evaluated', 'refused', 'unreachable'),
    ...{ unit_id: fc.option(unit, { nil: null }), at: instant, counts: fc.boolean() },
    ...{ unit_contacted: yes, counted_solved: yes },
    counted_level: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
  });
  const ticket = fc.record({
    state: fc.constantFrom(
      'draft',
      'accepted',
      'answered',
      'refused',
      'dispatched',
      'followedUp',
      'merged',
      'discarded',
    ),
    ...{ opened_at: instant, dispatched_at: maybe, lead_unit_id: fc.option(unit, { nil: null }) },
    answer: fc.constantFrom(null, '已答复'),
    excluded_reason: fc.constantFrom(null, null, '不可抗力'),
    area_code: fc.constantFrom(null, '140403', '140423'),
    category_code: fc.constantFrom('GY-01', 'CG-01'),
    parts: fc.array(part, { maxLength: 3 }),
    /** The last counts; the ones before are history. */
    results: fc.array(result, { maxLength: 3 }),
    demand: fc.constantFrom('none', 'none', 'marked', 'lifted'),
  });
  type Made = { id: string } & (typeof ticket extends fc.Arbitrary<infer T> ? T : never);
  type Part = Made['parts'][number];
  type Result = Made['results'][number];
  interface Recounted {
    figure: FigureCode;
    unit: string;
    area: string;
    category: string;
    hit: boolean;
    excluded: boolean;
    ticketId: string;
  }

  let ticketRow: TicketRow;
  let partRow: PartRow;
  beforeEach(async () => {
    const { ticketId } = await desk.concluded();
    ticketRow = await desk.row(ticketId);
    partRow = (await desk.db<PartRow>('ticket_parts').where({ ticket_id: ticketId }).first())!;
  });

  const TABLES = [
    ...['performance_rows', 'performance_months', 'evaluations', 'unreasonable_demands', 'follow_ups'],
    ...['survey_links', 'ticket_requests', 'ticket_parts', 'ticket_timeline', 'outbox', 'tickets'],
  ];

  async function write(tickets: readonly Made[]): Promise<void> {
    for (const table of TABLES) await desk.db(table).delete();
    for (const [index, { id, parts, results, demand, ...columns }] of tickets.entries()) {
      await desk.db('tickets').insert({
        ...ticketRow,
        ...columns,
        ...{ ticket_id: id, number: `20261101-${String(index).padStart(6, '0')}`, request_key: null },
      });
      for (const [at, { asked, paused, ...own }] of parts.entries()) {
        const partId = `${id}-p${at}`;
        await desk.db('ticket_parts').insert({
          ...{ ...partRow, ...own, part_id: partId, ticket_id: id, unit_name: own.unit_id },
          // A unit has a work order once at a time.
          current: own.current && !parts.slice(0, at).some(({ unit_id }) => unit_id === own.unit_id),
          skipped: '[]',
          due_limit: null,
          pauses: paused ? '[{"rule":"x","words":"x","from":"2026-11-01T00:00:00Z","to":null}]' : '[]',
        });
        if (asked)
          await desk.db('ticket_requests').insert({
            ...{
              request_id: partId,
              ticket_id: id,
              part_id: partId,
              unit_id: own.unit_id,
              reason: 'x',
              ...asked,
            },
            ...{ asked_at: NOW, asked_by: 'x', asked_by_name: 'x' },
          });
      }
      for (const [at, own] of results.entries())
        await desk.db('evaluations').insert({
          ...{ evaluation_id: `${id}-e${at}`, ticket_id: id, round: at + 1, channel: 'call', ...own },
          ...{ final: at === results.length - 1, words: '', advice: '', consequence: 'followUp' },
          ...{ by_id: 'x', version: 1 },
        });
      if (demand !== 'none')
        await desk.db('unreasonable_demands').insert({
          ...{ demand_id: id, ticket_id: id, kind: 'spam', reason: 'x', marked_at: NOW },
          lifted_at: demand === 'lifted' ? NOW : null,
        });
    }
  }

  /** The same figures by plain looking at each thing: the words of the definitions, not their SQL. */
  function recount(tickets: readonly Made[], month: string): Recounted[] {
    const inMonth = (at: Date | null): at is Date => at !== null && cityDay(at).startsWith(month);
    return tickets.flatMap((made): Recounted[] => {
      const here = {
        ...{ ticketId: made.id, area: made.area_code ?? '', category: made.category_code },
        excluded: made.excluded_reason !== null,
      };
      const rows: Recounted[] = [];
      const add = (code: FigureCode, unitId: string | null, hit: boolean) =>
        rows.push({ ...here, figure: code, unit: unitId ?? '', hit });
      if (inMonth(made.opened_at) && !['draft', 'discarded', 'refused', 'merged'].includes(made.state)) {
        add('accepted', made.lead_unit_id, false);
        add('directAnswer', null, made.answer !== null && made.dispatched_at === null);
      }
      for (const one of made.parts) ofPart(one, made.parts, inMonth, add);
      const last = made.results.at(-1);
      if (last && made.demand !== 'marked') ofResult(last, inMonth, add);
      return rows;
    });
  }

  function ofPart(
    one: Part,
    all: readonly Part[],
    inMonth: (at: Date | null) => boolean,
    add: (code: FigureCode, unitId: string, hit: boolean) => void,
  ): void {
    const over = one.state === 'returned' || one.state === 'withdrawn';
    const before = (at: Date | null, limit: Date | null) => at !== null && limit !== null && at <= limit;
    if (inMonth(one.acknowledge_by)) {
      const takenBack = before(one.closed_at, one.acknowledge_by);
      if (one.acknowledged_at !== null || (before(one.acknowledge_by, NOW) && !takenBack))
        add('acknowledged', one.unit_id, before(one.acknowledged_at, one.acknowledge_by));
    }
    if (inMonth(one.first_opinion_by) && !over) {
      const given = [one.first_opinion_at, one.replied_at].filter((at) => at !== null);
      if (given.length > 0 || before(one.first_opinion_by, NOW))
        add(
          'firstOpinion',
          one.unit_id,
          given.some((at) => before(at, one.first_opinion_by)),
        );
    }
    if (inMonth(one.due_at) && !over && (one.replied_at !== null || (one.due_at <= NOW && !one.paused)))
      add('onTime', one.unit_id, before(one.replied_at, one.due_at));
    if (inMonth(one.dispatched_at)) {
      const asked = one.asked !== null && one.asked.kind !== 'extension' && one.asked.state !== 'withdrawn';
      add('returned', one.unit_id, asked);
      add('extended', one.unit_id, one.extension_days > 0);
    }
    if (inMonth(one.closed_at) && one.role === 'lead' && one.state === 'concluded') {
      const redone = all.some(
        (next) => next.role === 'lead' && next.clause === 'E1' && next.round === one.round + 1,
      );
      add('reopened', one.unit_id, redone);
    }
  }

  function ofResult(
    last: Result,
    inMonth: (at: Date | null) => boolean,
    add: (code: FigureCode, unitId: string | null, hit: boolean) => void,
  ): void {
    if (last.outcome !== 'evaluated' || !last.counts || !inMonth(last.at)) return;
    if (last.unit_contacted !== null) add('response', last.unit_id, last.unit_contacted);
    if (last.counted_solved !== null) add('resolution', last.unit_id, last.counted_solved);
    if (last.counted_level !== null) add('satisfaction', last.unit_id, last.counted_level >= 3);
  }

  it('equals a plain recount, by every group, with and without exclusions, and opens to the same work orders', async () => {
    const tickets = fc
      .array(ticket, { minLength: 1, maxLength: 8 })
      .map((list) => list.map((one, index): Made => ({ ...one, id: `t${index}` })));
    clock.set(NOW);
    const property = fc.asyncProperty(tickets, fc.boolean(), async (made, closed) => {
      await write(made);
      const rows = recount(made, '2026-11');
      if (closed) await freeze();
      for (const [by, keyOf] of [
        ['unit', ({ unit: key }: Recounted) => key],
        ['area', ({ area }: Recounted) => area],
        ['category', ({ category }: Recounted) => category],
      ] as const) {
        const { groups } = await performance.figures('2026-11', by, supervisor);
        expect(groups.map(({ key }) => key)).toEqual([...new Set(rows.map(keyOf))].sort());
        for (const group of groups)
          for (const { figure: code, of, hit, withoutExcluded } of group.figures) {
            const own = rows.filter((row) => row.figure === code && keyOf(row) === group.key);
            const counted = own.filter(({ excluded }) => !excluded);
            const hits = (list: Recounted[]) => list.filter((row) => row.hit).length;
            expect([code, of, hit, withoutExcluded.of, withoutExcluded.hit]).toEqual([
              ...[code, own.length, hits(own), counted.length, hits(counted)],
            ]);
          }
      }
      for (const code of FIGURE_CODES)
        expect((await behind(code)).map(({ ticketId, hit }) => [ticketId, hit]).sort()).toEqual(
          rows
            .filter((row) => row.figure === code)
            .map(({ ticketId, hit }) => [ticketId, hit])
            .sort(),
        );
    });
    await fc.assert(property, { numRuns: 60 });
  });

  /** Closed at the same instant as it is asked, as if the month were over. */
  async function freeze(): Promise<void> {
    const span = { from: cityInstant('2026-11-01', '00:00'), to: cityInstant('2026-12-01', '00:00') };
    const closed = { month: '2026-11', scheme_version: 1, words: '', at: NOW, by_id: 'x', by_name: 'x' };
    await store.command((trx) =>
      store.close(trx, { ...span, months: ['2026-11'], now: NOW, unitId: null }, closed),
    );
  }
});

describe('a month of work orders', () => {
  it('shows each unit its own; the city’s people all; who had nothing due is apart', async () => {
    const good = await desk.concluded();
    await desk.record(good.ticketId, { level: 5, unitContacted: true });
    const bad = await desk.tickets.open(aTicket({ unitId: 'unit-b' }), person('agent'));
    clock.set(cityInstant('2026-11-20', '10:00'));
    const scores = await performance.scores('2026-11', overseer);
    expect(scores.ranked.map(({ unitId, rank, score }) => [unitId, rank, score])).toEqual([
      ['unit-a', 1, 100],
      ['unit-b', 2, 0],
    ]);
    expect(scores).toMatchObject({ closed: false, scheme: { version: 1, name: '默认方案' }, unitsRanked: 2 });
    const own = await performance.scores('2026-11', clerk('unit-b'));
    expect([own.ranked.map(({ unitId, rank }) => [unitId, rank]), own.unitsRanked]).toEqual([
      [['unit-b', 2]],
      2,
    ]);
    expect((await performance.scores('2026-11', { ...clerk('x'), unitId: null })).ranked).toEqual([]);
    expect(await figure('onTime', '2026-11', clerk('unit-a'))).toMatchObject({ of: 1, hit: 1 });
    expect(await figure('onTime')).toMatchObject({ of: 2, hit: 1 });
    expect((await behind('onTime', { hit: false })).map(({ number }) => number)).toEqual([bad.number]);
    expect(await behind('onTime', { unitId: 'unit-b' }, clerk('unit-a'))).toMatchObject([
      { number: good.number },
    ]);
    expect((await performance.scores('2026-12', supervisor)).ranked).toEqual([]);
    expect(await figure('satisfaction', '2026')).toMatchObject({ of: 1, hit: 1 });
    const { titles, rows } = scoreSheet(scores);
    expect(rows.map((row) => [row.length, row[0], row[1]])).toEqual([
      [titles.length, '1', '名称unit-a'],
      [titles.length, '2', '名称unit-b'],
    ]);
    const { file } = await writeSheet('xlsx', '绩效考核', titles, rows);
    expect(file.subarray(0, 2).toString()).toBe('PK');
  });

  it('pages through the work orders behind a figure without gap or repeat', async () => {
    const made = [];
    for (let count = 0; count < 5; count += 1) made.push((await desk.concluded()).number);
    const seen: string[] = [];
    for (let before: { number: string; ref: string } | null = null; ;) {
      const page = await performance.tickets('2026-11', 'accepted', {}, { before, limit: 2 }, supervisor);
      seen.push(...page.items.map(({ number }) => number));
      if (!page.nextCursor) break;
      const [number = '', ref = ''] = page.nextCursor.split('_');
      before = { number, ref };
    }
    expect(seen).toEqual([...made].reverse());
  });

  it('frozen, changes by recorded corrections only', async () => {
    const { ticketId } = await desk.concluded();
    await desk.record(ticketId, { level: 2, solved: true });
    await expect(performance.close('2026-11', '', supervisor)).rejects.toMatchObject({ code: 'wrong-state' });
    const [result] = await desk.store.list({ ticketId }, null, 1);
    const unit = clerk('unit-a');
    const given = { reason: '超出职责', evidence: '签收单' };
    const { appealId } = await desk.appeals.ask(result!.evaluation_id, given, unit);
    clock.set(cityInstant('2026-12-01', '00:00'));
    const closes = await Promise.allSettled(
      [1, 2].map(() => performance.close('2026-11', '十一月', supervisor)),
    );
    expect(closes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await figure('satisfaction')).toMatchObject({ of: 1, hit: 0 });

    // Another scheme and later answers leave it as it is.
    const rows = [{ figure: 'onTime', full: 100, target: 90, perPoint: 2, floor: 0, zeroAt: null } as const];
    await performance.addScheme({ name: '新方案', validFrom: '2026-11', rows }, person('administrator'));
    const { version } = await desk.row(ticketId);
    expect(version).toBeGreaterThan(1);
    await desk.conclude(ticketId);
    await desk.record(ticketId, { level: 5 });
    expect(await figure('satisfaction')).toMatchObject({ of: 1, hit: 0 });
    expect(await figure('satisfaction', '2026-12')).toMatchObject({ of: 1, hit: 1 });
    expect((await performance.scores('2026-11', supervisor)).scheme.version).toBe(1);
    expect((await performance.scores('2026-12', supervisor)).scheme).toMatchObject({ version: 2, rows });
    expect(await store.corrections('2026-11', { unitId: null, before: null }, 10)).toEqual([]);

    const ruling = { upheld: true, words: '记录有误', effect: 'corrected', level: 4, solved: true } as const;
    await desk.appeals.decide(appealId, 1, ruling, supervisor);
    expect(await figure('satisfaction')).toMatchObject({ of: 1, hit: 1 });
    const second = person('supervisor', { personId: 'supervisor-2' });
    const { exclusionId } = await desk.assessment.propose(ticketId, '不可抗力', supervisor);
    await desk.assessment.decide(exclusionId, 1, { approved: true, words: '' }, second);
    expect(await figure('satisfaction')).toMatchObject({ of: 1, hit: 1, counted: { of: 0, hit: 0 } });
    await desk.assessment.revoke(exclusionId, 2, '查无依据', second);
    expect((await figure('satisfaction')).counted).toMatchObject({ of: 1, hit: 1 });
    await desk.assessment.mark(ticketId, 'unreasonable', '无依据', supervisor);
    expect(await figure('satisfaction')).toMatchObject({ of: 0, hit: 0 });

    const corrections = await store.corrections('2026-11', { unitId: 'unit-a', before: null }, 100);
    expect(
      corrections
        .filter(({ figure: code }) => code === 'satisfaction')
        .map(({ cause, before, after }) => [cause, before, after]),
    ).toEqual([
      ['demand', { counts: true, hit: true, excluded: false }, { counts: false, hit: true, excluded: false }],
      [
        'exclusion',
        { counts: true, hit: true, excluded: true },
        { counts: true, hit: true, excluded: false },
      ],
      [
        'exclusion',
        { counts: true, hit: true, excluded: false },
        { counts: true, hit: true, excluded: true },
      ],
      ['appeal', { counts: true, hit: false, excluded: false }, { counts: true, hit: true, excluded: false }],
    ]);
    expect(await store.corrections('2026-11', { unitId: 'unit-b', before: null }, 10)).toEqual([]);
    const trail = await desk
      .db('audit')
      .whereIn('action', ['performance.close', 'performance.scheme'])
      .orderBy('seq');
    expect(trail.map(({ subject }) => subject)).toEqual(['2026-11', '2']);
  });
});
