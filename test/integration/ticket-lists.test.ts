import { buffer, text } from 'node:stream/consumers';
import ExcelJS from 'exceljs';
import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { route, type Caller } from '../../src/platform/http-route';
import { HttpServer } from '../../src/platform/http-server';
import { openLogger } from '../../src/platform/logger';
import { Sessions } from '../../src/platform/sessions';
import { SessionStore } from '../../src/platform/sessions.store';
import { freePort } from '../../src/runtime/free-port.service';
import type { TicketInput } from '../../src/tickets/ticket';
import { ACTION_INPUT } from '../../src/tickets/ticket-action-input';
import type { TicketFilter, TicketSort } from '../../src/tickets/ticket-filter';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, eventually, person, SetClock, ticketDesk } from '../support/ticket-desk';

jest.setTimeout(60_000);

const agent = person('agent');
const overseer = person('overseer');
const clock = new SetClock(cityInstant('2026-10-12', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let desk: ReturnType<typeof ticketDesk>;

beforeEach(async () => {
  database = await freshDatabase();
  clock.set(cityInstant('2026-10-12', '10:00'));
  desk = ticketDesk({ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock });
  await desk.db('units').insert([{ unit_id: 'unit-a', name: '甲局', kind: 'department', area_code: 'city' }]);
  await seedDemoCategories(desk.db);
});
afterEach(async () => {
  await desk.stop();
  await database.drop();
});

const open = async (changes: Partial<TicketInput>) =>
  (await desk.tickets.open(aTicket(changes), agent)).ticketId;
const found = async (filter: TicketFilter, caller: Caller = agent, sort: TicketSort = 'number') =>
  (await desk.lists.list(filter, { limit: 100, sort }, caller)).items.map(({ title }) => title);
const act = async <A extends 'amend' | 'answer' | 'dispatch' | 'acknowledge'>(
  action: A,
  ticketId: string,
  input: object,
  by: Caller = agent,
) => {
  const { version } = await desk.reading.show(ticketId, agent);
  await desk.tickets.act(action, ticketId, version, ACTION_INPUT[action].parse(input) as never, by);
};

describe('full text', () => {
  it('finds Chinese words in title, content, address and answer, and by number; not their halves', async () => {
    const lamp = await open({ title: '路灯不亮', content: '英雄南路的路灯坏了三天' });
    await open({ title: '小区停水', content: '自来水公司说在抢修', address: '潞州区长兴路 12 号' });
    const asked = await open({ title: '咨询公积金', content: '如何提取', type: 'consultation' });
    await act('answer', asked, { answer: '请到政务大厅窗口办理' });
    expect(await found({ text: '路灯' })).toEqual(['路灯不亮']);
    expect(await found({ text: '英雄南路的路灯' })).toEqual(['路灯不亮']);
    expect(await found({ text: '自来水' })).toEqual(['小区停水']);
    expect(await found({ text: '长兴路' })).toEqual(['小区停水']);
    expect(await found({ text: '水' })).toEqual([]);
    expect(await found({ text: '政务大厅' })).toEqual(['咨询公积金']);
    expect(await found({ text: '来水' })).toEqual([]);
    const { number } = await desk.reading.show(lamp, agent);
    expect(await found({ text: number })).toEqual(['路灯不亮']);
    expect(await found({ text: '20261012' })).toHaveLength(3);
    expect(await found({ text: '20261012-' })).toHaveLength(3);
    expect(await found({ text: '20261012-000002' })).toEqual(['小区停水']);
  });

  it('follows an amendment from its commit on', async () => {
    const ticketId = await open({ title: '路灯不亮' });
    await act('amend', ticketId, { title: '井盖丢失' });
    expect(await found({ text: '路灯' })).toEqual([]);
    expect(await found({ text: '井盖' })).toEqual(['井盖丢失']);
  });

  it('never finds anybody by name or by a number, not even one inside the text', async () => {
    const content = '请回电 139 0000 1111 或 0355-2012319，身份证 140402199001011234';
    await open({ content, citizenName: '欧阳修', contactNumber: '13900001111', company: '某某科技' });
    for (const text of [
      '13900001111',
      '139 0000 1111',
      '2012319',
      '140402199001011234',
      '欧阳修',
      '某某科技',
    ])
      expect([text, await found({ text })]).toEqual([text, []]);
    expect(await found({ text: '回电' })).toHaveLength(1);
  });

  it.each(["' | '", 'a & !b', ':*', "路灯') or 1=1 --", '\\', '😀', '  的  ', "''", '(((', '\ud800', '<->'])(
    'takes %j as words, never as a query of its own',
    async (text) => {
      await open({ title: '小区停水' });
      expect(await found({ text })).toEqual([]);
    },
  );

  it('ranks what says it in the title before what says it beside', async () => {
    await open({ title: '噪声扰民', content: '工地夜间施工，噪声很大' });
    await open({ title: '小区停水', content: '施工时挖断水管，还有噪声' });
    expect(await found({ text: '噪声' })).toEqual(['小区停水', '噪声扰民']);
    expect(await found({ text: '噪声' }, agent, 'rank')).toEqual(['噪声扰民', '小区停水']);
    const first = await desk.lists.list({ text: '噪声' }, { limit: 1, sort: 'rank' }, agent);
    const cursor = first.nextCursor ?? '';
    const next = await desk.lists.list({ text: '噪声' }, { limit: 1, sort: 'rank', cursor }, agent);
    expect(next.items.map(({ title }) => title)).toEqual(['小区停水']);
    expect(next.nextCursor).toBeNull();
    await expect(desk.lists.list({}, { limit: 1, sort: 'rank' }, agent)).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('shows a unit its own only, also when the words are another’s', async () => {
    await open({ title: '噪声扰民', unitId: 'unit-a', confidential: true });
    await open({ title: '噪声很大', unitId: 'unit-b' });
    expect(await found({ text: '噪声' }, person('unit', { unitId: 'unit-a' }))).toEqual(['噪声扰民']);
  });

  it('fills in work orders that came without their words, and leaves those that have them', async () => {
    await open({ title: '路灯不亮' });
    await open({ title: '井盖丢失' });
    await desk.db('ticket_search').where('number', 'like', '%-000001').delete();
    await desk.db('ticket_search').update({ words: null });
    expect(await found({ text: '路灯' })).toEqual([]);
    await desk.search.fill();
    expect(await found({ text: '路灯' })).toEqual(['路灯不亮']);
    expect(await found({ text: '井盖' })).toEqual(['井盖丢失']);
  });
});

describe('filters', () => {
  it('narrows by state, part, units, category with all below it, channel, level, requests, clock', async () => {
    const a = await open({ title: '一', unitId: 'unit-a', categoryCode: 'GY-01', channel: 'website' });
    await open({ title: '二', categoryCode: 'GY-02', level: 'county', township: '英雄街道' });
    await open({ title: '三', categoryCode: 'CG-01', draft: true });
    const b = await open({ title: '四', categoryCode: 'CG-02' });
    await act('dispatch', b, { unitId: 'unit-b', assistingUnitIds: ['unit-a'] });
    const clerk = person('unit', { unitId: 'unit-a' });
    await act('acknowledge', a, {}, clerk);
    const cases: [TicketFilter, string[]][] = [
      [{ state: 'accepted' }, ['二']],
      [{ state: ['accepted', 'draft'] }, ['三', '二']],
      [{ categoryCode: 'GY' }, ['二', '一']],
      [{ categoryCode: 'GY-02' }, ['二']],
      [{ categoryCode: 'none' }, []],
      [{ unitId: 'unit-a' }, ['一']],
      [{ assignedUnitId: 'unit-a' }, ['四', '一']],
      [{ assignedUnitId: 'unit-a', partState: 'acknowledged' }, ['一']],
      [{ partState: 'dispatched' }, ['四']],
      [{ channel: 'website' }, ['一']],
      [{ level: 'county', township: '英雄街道' }, ['二']],
      [{ pending: true }, []],
      [{ hardCase: true }, []],
      [{ excluded: false, state: 'draft' }, ['三']],
      [{ overdue: true }, []],
    ];
    for (const [filter, titles] of cases) expect([filter, await found(filter)]).toEqual([filter, titles]);
    expect(await found({ partState: 'dispatched' }, clerk)).toEqual(['四']);
    clock.set(cityInstant('2026-10-30', '10:00'));
    expect(await found({ overdue: true })).toEqual(['四', '一']);
    expect(await found({ overdue: false, state: ['accepted', 'acknowledged'] })).toEqual(['二']);
  });

  it('orders by due date, and goes on where it was when others come in between', async () => {
    await open({ title: '缓', unitId: 'unit-a' });
    await open({ title: '急', unitId: 'unit-a', urgency: 'urgent' });
    await open({ title: '无期限' });
    expect(await found({}, agent, 'due')).toEqual(['急', '缓']);
    const first = await desk.lists.list({}, { limit: 1, sort: 'due' }, agent);
    await open({ title: '更急', unitId: 'unit-a', urgency: 'urgent' });
    const cursor = first.nextCursor ?? '';
    const rest = await desk.lists.list({}, { limit: 9, sort: 'due', cursor }, agent);
    expect(rest.items.map(({ title }) => title)).toEqual(['更急', '缓']);
    await expect(desk.lists.list({}, { limit: 9, cursor }, agent)).rejects.toMatchObject({
      code: 'invalid-input',
    });
    expect(await found({}, person('unit', { unitId: 'unit-a' }), 'due')).toEqual(['急', '更急', '缓']);
  });

  it('counts each state, the same way', async () => {
    await open({ title: '路灯不亮' });
    await open({ title: '路灯不亮', unitId: 'unit-a' });
    await open({ title: '小区停水' });
    const counts = async (filter: TicketFilter, caller: Caller = agent) => {
      const { items } = await desk.lists.counts(filter, caller);
      return Object.fromEntries(
        items.filter(({ count }) => count > 0).map(({ state, count }) => [state, count]),
      );
    };
    expect(await counts({})).toEqual({ accepted: 2, dispatched: 1 });
    expect(await counts({ text: '路灯', state: 'draft' })).toEqual({ accepted: 1, dispatched: 1 });
    expect(await counts({ text: '%' })).toEqual({});
    expect(await counts({}, person('unit', { unitId: 'unit-a' }))).toEqual({ dispatched: 1 });
  });

  it('finds by number for who may see numbers, with an audit row that hides it', async () => {
    await open({ title: '公开', callId: 'call-1' });
    await open({ title: '举报', callId: 'call-1', type: 'report' });
    expect(await found({ citizenNumber: '+86 138 0013 8000' })).toEqual(['举报', '公开']);
    expect(await found({ citizenNumber: '13800138000' }, person('administrator'))).toEqual(['公开']);
    for (const caller of [overseer, person('unit', { unitId: 'unit-a' })])
      await expect(found({ citizenNumber: '13800138000' }, caller)).rejects.toMatchObject({
        code: 'not-allowed',
      });
    await expect(found({ citizenNumber: 'x' })).rejects.toMatchObject({ code: 'invalid-input' });
    const rows = await desk.db('audit').where({ action: 'ticket.find-by-number' }).select('who', 'subject');
    expect(rows).toEqual([
      { who: 'agent-1', subject: '138****8000' },
      { who: 'administrator-1', subject: '138****8000' },
    ]);
  });
});

describe('export', () => {
  const supervisor = person('supervisor');

  it('gives every row once, as text, in CSV and in a workbook that opens', async () => {
    await open({ title: '=1+1', content: 'x' });
    await open({ title: '带\u0001控制符 & <b>', unitId: 'unit-a' });
    const csv = await text((await desk.lists.exportList({}, 'csv', supervisor)).stream);
    expect(csv).toMatch(/^\ufeff工单编号,/);
    expect(csv).toContain("'=1+1");
    expect(csv.trim().split('\r\n')).toHaveLength(3);
    const workbook = new ExcelJS.Workbook();
    const { stream } = await desk.lists.exportList({ text: '控制' }, 'xlsx', supervisor);
    await workbook.xlsx.load((await buffer(stream)) as unknown as ArrayBuffer);
    const sheet = workbook.getWorksheet('工单');
    expect([sheet?.rowCount, sheet?.getCell('G2').value, sheet?.getCell('A1').font.bold]).toEqual([
      2,
      '带控制符 & <b>',
      true,
    ]);
    const audit = await desk
      .db('audit')
      .where('action', 'like', 'ticket.export%')
      .orderBy('seq')
      .pluck('facts');
    expect(audit.map((facts: string) => JSON.parse(facts) as unknown)).toEqual([
      { filter: {} },
      { rows: 2, whole: true },
      { filter: { text: '控制' } },
      { rows: 1, whole: true },
    ]);
  });

  it('has one under way per person, and forgets one whose client is gone', async () => {
    await open({ title: '小区停水' });
    for (const format of ['csv', 'xlsx'] as const) {
      const { stream } = await desk.lists.exportList({}, format, supervisor);
      await expect(desk.lists.exportList({}, 'csv', supervisor)).rejects.toMatchObject({
        code: 'too-many-attempts',
      });
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.destroy();
      await closed;
    }
    await text((await desk.lists.exportList({}, 'csv', supervisor)).stream);
  });

  it('sends 100,000 rows in little memory, and stops reading when the client goes', async () => {
    await open({ title: '很多', content: '一二三四五六七八九十'.repeat(40) });
    const columns = (
      (await desk
        .db('information_schema.columns')
        .where({ table_name: 'tickets' })
        .pluck('column_name')) as string[]
    ).filter((name) => !['ticket_id', 'number', 'external_number', 'request_key'].includes(name));
    const names = columns.map((name) => `"${name}"`).join(', ');
    await desk.db.raw(
      `insert into tickets (ticket_id, number, ${names})
       select 'bulk-' || n, '20260101-' || lpad(n::text, 6, '0'), ${names} from tickets, generate_series(1, 100000) n`,
    );
    await desk.db.raw('analyze tickets');
    let asked = 0;
    desk.db.on('query', () => (asked += 1));
    const port = await freePort();
    const http = new HttpServer({
      config: httpSettings(port),
      log: openLogger('silent'),
      sessions: new Sessions({
        store: new SessionStore(desk.db),
        clock,
        log: openLogger('silent'),
        sessionHours: 1,
      }),
      database: desk.db,
    });
    const handle = () => desk.lists.exportList({}, 'xlsx', supervisor);
    http.mount([
      route({
        method: 'get',
        path: '/file',
        summary: '',
        tag: '',
        action: 'public',
        reply: 'stream',
        handle,
      }),
    ]);
    const { url } = await http.start();
    try {
      const before = process.memoryUsage().rss;
      let most = before;
      let bytes = 0;
      for await (const chunk of (await fetch(`${url}/api/file`))
        .body as unknown as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().rss);
      }
      expect(bytes).toBeGreaterThan(1_000_000);
      expect(await desk.db('audit').where({ action: 'ticket.exported' }).pluck('facts')).toEqual([
        JSON.stringify({ rows: 100_001, whole: true }),
      ]);
      // Garbage not yet collected; a workbook built in memory takes more than a gigabyte.
      expect((most - before) / 1e6).toBeLessThan(400);
      const whole = asked;
      asked = 0;
      const leaving = new AbortController();
      const half = await fetch(`${url}/api/file`, { signal: leaving.signal });
      const reader = half.body!.getReader();
      for (let bytes = 0; bytes < 50_000;) bytes += (await reader.read()).value?.length ?? 0;
      leaving.abort();
      await eventually(
        async () => (await desk.db('audit').where({ action: 'ticket.exported' })).length === 2,
      );
      expect(asked).toBeLessThan(whole / 2);
      const last = await desk.db('audit').where({ action: 'ticket.exported' }).orderBy('seq', 'desc').first();
      expect(last).toMatchObject({ facts: expect.stringContaining('"whole":false') });
    } finally {
      await http.stop();
    }
  }, 240_000);
});

const httpSettings = (port: number) => ({
  ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: port, TLS: 'off' as const, TLS_CERT_FILE: '', TLS_KEY_FILE: '' },
  ...{ TRUST_PROXY: false, VAR_DIR: 'var', PHONE_WS_URL: 'ws://127.0.0.1:1/ws' },
});
