import ExcelJS from 'exceljs';
import { randomUUID } from 'node:crypto';
import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { articleOwner } from '../../src/hotline/knowledge';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { knowledgeDesk, UNITS } from '../support/knowledge-desk';
import { freshDatabase, testServers } from '../support/servers';
import { aTicket, person, SetClock, ticketDesk } from '../support/ticket-desk';
import { startWeb, type Visitor, type Web } from '../support/web';

jest.setTimeout(60_000);

const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let desk: ReturnType<typeof knowledgeDesk>;
let web: Web;
const by = {} as Record<
  'agent' | 'supervisor' | 'administrator' | 'overseer' | 'clerk' | 'stranger',
  Visitor
>;

beforeAll(async () => {
  database = await freshDatabase();
  db = openPostgres(database.url, 6);
  await db('units').insert(
    Object.entries(UNITS).map(([unit_id, name]) => ({
      unit_id,
      name,
      kind: 'department',
      area_code: 'city',
    })),
  );
  await seedDemoCategories(db);
  desk = knowledgeDesk(db, clock);
  await desk.index.refresh();
  web = await startWeb({
    postgresUrl: database.url,
    redisUrl: testServers().redisUrl,
    routes: desk.routes,
  });
  by.agent = await web.visitorAs('agent');
  by.supervisor = await web.visitorAs('supervisor');
  by.administrator = await web.visitorAs('administrator');
  by.overseer = await web.visitorAs('overseer');
  by.clerk = await web.visitorAs('unit', 'p-clerk', 'dept-gongjijin');
  by.stranger = await web.visitorAs('unit', 'p-stranger', 'util-gongre');
});
afterAll(async () => {
  await web?.stop();
  await db?.destroy();
  await database?.drop();
});
beforeEach(() => clock.set(cityInstant('2026-11-24', '10:00')));

interface Article {
  articleId: string;
  version: number;
  state: string;
  edition: number;
  title: string;
  actions: string[];
}
const article = (change: object = {}) => ({
  title: '住房公积金提取需要什么材料',
  question: '公积金怎么提取',
  body: '携带身份证、购房合同到管理部办理。',
  keywords: ['提取'],
  categoryCode: 'RS-05',
  ...change,
});
const ofAnswer = (reply: { body: unknown }) => reply.body as Article;
const create = async (who: Visitor, change: object = {}) =>
  ofAnswer(await who.call('POST', '/api/knowledge/articles', article(change)));
const act = (who: Visitor, { articleId, version }: Article, action: string, body: object = {}) =>
  who.call('POST', `/api/knowledge/articles/${articleId}/${action}`, { version, ...body });
const change = (who: Visitor, { articleId, version }: Article, changes: object) =>
  who.call('PUT', `/api/knowledge/articles/${articleId}`, { ...article(changes), version });
const show = (who: Visitor, { articleId }: Article) =>
  who.call('GET', `/api/knowledge/articles/${articleId}`);
const published = async (changes: object = {}): Promise<Article> => {
  const made = await create(by.clerk, changes);
  const reviewed = ofAnswer(await act(by.supervisor, made, 'review'));
  return ofAnswer(await act(by.supervisor, reviewed, 'publish'));
};
const titles = async (who: Visitor, q: string) => {
  const { body } = await who.call('GET', `/api/knowledge/search?q=${encodeURIComponent(q)}`);
  return (body.items as { title: { text: string } }[]).map(({ title }) => title.text);
};

it('draft, reviewed, published: a clerk writes, a supervisor reviews and publishes, then agents find it', async () => {
  const made = await create(by.clerk);
  expect(made).toMatchObject({
    state: 'draft',
    version: 1,
    edition: 1,
    inForce: false,
    unitId: 'dept-gongjijin',
  });
  expect(made.actions).toEqual(['change']);
  expect((await show(by.agent, made)).status).toBe(404);
  expect(await titles(by.agent, '公积金提取')).toEqual([]);
  expect((await act(by.clerk, made, 'review')).status).toBe(403);
  expect((await act(by.supervisor, made, 'publish')).body.code).toBe('wrong-state');
  const reviewed = ofAnswer(await act(by.supervisor, made, 'review'));
  expect(reviewed).toMatchObject({ state: 'reviewed', version: 2, reviewedByName: 'p-supervisor' });
  const out = ofAnswer(await act(by.supervisor, reviewed, 'publish'));
  expect(out).toMatchObject({ state: 'published', version: 3, inForce: true, publishedEdition: 1 });
  expect(ofAnswer(await show(by.agent, made))).toMatchObject({
    state: 'published',
    actions: [],
    title: made.title,
  });
  expect(await titles(by.agent, '公积金提取')).toEqual([made.title]);
  const trail = await web.audit.list({ subject: `article:${made.articleId}` }, 9);
  expect(trail.map(({ action, who }) => [action, who])).toEqual([
    ['knowledge.publish', 'p-supervisor'],
    ['knowledge.review', 'p-supervisor'],
    ['knowledge.create', 'p-clerk'],
  ]);
  expect((await act(by.supervisor, out, 'withdraw', { reason: '测试结束' })).status).toBe(200);
});

it('a change of a published article is a new edition for review; the old one answers until the new one is published', async () => {
  const first = await published({ title: '生育津贴申领' });
  const draft = ofAnswer(await change(by.clerk, first, { title: '生育津贴申领（新）', body: '新的口径' }));
  expect(draft).toMatchObject({ state: 'draft', edition: 2, publishedEdition: 1, inForce: true });
  expect(await titles(by.agent, '生育津贴')).toEqual(['生育津贴申领']);
  expect(ofAnswer(await show(by.agent, first))).toMatchObject({ edition: 1, title: '生育津贴申领' });
  // A draft is written over: no edition for each keystroke.
  const again = ofAnswer(await change(by.clerk, draft, { title: '生育津贴申领（改）' }));
  expect(again.edition).toBe(2);
  const reviewed = ofAnswer(await act(by.supervisor, again, 'review'));
  const back = ofAnswer(await act(by.supervisor, reviewed, 'send-back', { reason: '口径不全' }));
  expect(back).toMatchObject({ state: 'draft', reviewedByName: null });
  const ready = ofAnswer(await act(by.supervisor, back, 'review'));
  const second = ofAnswer(await act(by.supervisor, ready, 'publish'));
  expect(second).toMatchObject({ state: 'published', edition: 2, publishedEdition: 2 });
  expect(await titles(by.agent, '生育津贴')).toEqual(['生育津贴申领（改）']);
  const versions = async (who: Visitor) => {
    const { body } = await who.call('GET', `/api/knowledge/articles/${first.articleId}/versions`);
    return (body.items as { edition: number; title: string; inForce: boolean }[]).map((one) => [
      ...[one.edition, one.title, one.inForce],
    ]);
  };
  expect(await versions(by.agent)).toEqual([
    [2, '生育津贴申领（改）', true],
    [1, '生育津贴申领', false],
  ]);
  const third = ofAnswer(await change(by.clerk, second, { title: '生育津贴申领（三）' }));
  expect((await versions(by.clerk)).map(([edition]) => edition)).toEqual([3, 2, 1]);
  expect((await versions(by.agent)).map(([edition]) => edition)).toEqual([2, 1]);
  // Withdrawn at once, while the correction goes on.
  const gone = ofAnswer(await act(by.clerk, third, 'withdraw', { reason: '政策已废止' }));
  expect(gone).toMatchObject({ state: 'draft', publishedEdition: null, inForce: false, actions: ['change'] });
  expect(await titles(by.agent, '生育津贴')).toEqual([]);
  expect((await show(by.agent, first)).status).toBe(404);
});

it('is in force from its first to its last day in the city, by the day alone', async () => {
  const made = await published({ title: '高龄津贴发放', validFrom: '2026-11-25', validUntil: '2026-11-26' });
  expect(made).toMatchObject({ state: 'published', inForce: false });
  const seen: [string, string, number, string[], unknown][] = [];
  for (const [day, time] of [
    ['2026-11-24', '23:59'],
    ['2026-11-25', '00:00'],
    ['2026-11-26', '23:59'],
    ['2026-11-27', '00:00'],
  ] as const) {
    clock.set(cityInstant(day, time));
    const keeper = ofAnswer(await show(by.clerk, made));
    seen.push([
      day,
      keeper.state,
      (await show(by.agent, made)).status,
      await titles(by.agent, '高龄津贴'),
      keeper.actions,
    ]);
  }
  expect(seen).toEqual([
    ['2026-11-24', 'published', 404, [], ['change', 'withdraw']],
    ['2026-11-25', 'published', 200, ['高龄津贴发放'], ['change', 'withdraw']],
    ['2026-11-26', 'published', 200, ['高龄津贴发放'], ['change', 'withdraw']],
    ['2026-11-27', 'expired', 404, [], ['change']],
  ]);
  const expired = await by.clerk.call('GET', '/api/knowledge/articles?state=expired');
  expect(expired.body.items).toEqual(
    expect.arrayContaining([expect.objectContaining({ articleId: made.articleId })]),
  );
  expect((await act(by.supervisor, made, 'withdraw', { reason: '晚了' })).body.code).toBe('wrong-state');
  const again = ofAnswer(await change(by.clerk, made, { title: '高龄津贴发放', validUntil: '2026-11-26' }));
  const reviewed = ofAnswer(await act(by.supervisor, again, 'review'));
  expect((await act(by.supervisor, reviewed, 'publish')).body.code).toBe('wrong-state');
});

it('nobody writes for another unit', async () => {
  const made = await create(by.clerk);
  expect((await show(by.stranger, made)).status).toBe(404);
  expect((await change(by.stranger, made, {})).status).toBe(404);
  expect(
    (await by.clerk.call('POST', '/api/knowledge/articles', article({ ownerUnitId: 'util-gongre' }))).body
      .code,
  ).toBe('not-allowed');
  const moved = await change(by.clerk, made, { ownerUnitId: 'util-gongre' });
  expect(moved.body.code).toBe('not-allowed');
  const out = await published();
  expect((await show(by.stranger, out)).body).toMatchObject({ state: 'published', actions: [] });
  expect((await change(by.stranger, out, {})).body.code).toBe('not-allowed');
  expect((await act(by.stranger, out, 'withdraw', { reason: '不是我的' })).body.code).toBe('not-allowed');
  for (const [who, status] of [
    [by.agent, 403],
    [by.supervisor, 400],
  ] as const)
    expect((await who.call('POST', '/api/knowledge/articles', article())).status).toBe(status);
  const theirs = await by.supervisor.call(
    'POST',
    '/api/knowledge/articles',
    article({ ownerUnitId: 'util-gongre' }),
  );
  expect(theirs.status).toBe(201);
  const list = await by.stranger.call('GET', '/api/knowledge/articles?unitId=dept-gongjijin');
  expect(list.body.items).toEqual([]);
  // The hotline's people may give an article to another unit; without a unit it stays where it is.
  const kept = ofAnswer(await change(by.supervisor, made, {}));
  expect(kept).toMatchObject({ unitId: 'dept-gongjijin' });
  expect(ofAnswer(await change(by.supervisor, kept, { ownerUnitId: 'util-gongre' }))).toMatchObject({
    unitId: 'util-gongre',
  });
});

it.each([
  ['a category that is none', { categoryCode: "x' or '1'='1" }, 'categoryCode'],
  ['a unit that is none', { ownerUnitId: 'nobody' }, 'ownerUnitId'],
])('refuses %s', async (_, wrong, field) => {
  const reply = await by.supervisor.call(
    'POST',
    '/api/knowledge/articles',
    article({ ownerUnitId: 'util-gongre', ...wrong }),
  );
  expect([reply.status, reply.body.code, reply.body.field]).toEqual([400, 'invalid-input', field]);
});

it('of two who act at once one wins and the other is told; nothing is half done', async () => {
  const made = await create(by.clerk);
  const both = await Promise.all([
    change(by.clerk, made, { body: '甲' }),
    change(by.supervisor, made, { body: '乙' }),
    act(by.supervisor, made, 'review'),
  ]);
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const { status, body } of both) if (status !== 200) expect(body.code).toBe('stale-version');
  const trail = await web.audit.list({ subject: `article:${made.articleId}` }, 9);
  expect(trail).toHaveLength(2);
  expect(ofAnswer(await show(by.clerk, made)).version).toBe(2);
});

it('a repeated request makes one article, also over a lost answer', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const send = () => by.clerk.call('POST', '/api/knowledge/articles', article({ title: '一次' }), headers);
  const first = ofAnswer(await send());
  expect(ofAnswer(await send()).articleId).toBe(first.articleId);
  const clerk = person('unit', { personId: 'p-clerk', unitId: 'dept-gongjijin' });
  const input = { ...article(), ownerUnitId: null, validFrom: null, validUntil: null };
  const made = await Promise.all([1, 2, 3].map(() => desk.knowledge.create(input, clerk, 'key-of-three')));
  expect(new Set(made).size).toBe(1);
});

it('counts what is opened from a search, and what a ticket cites once; cites only what is in force', async () => {
  const made = await published({ title: '失业金申领' });
  const hit = (who: Visitor) =>
    who.call('POST', `/api/knowledge/articles/${made.articleId}/hits`, { query: '失业金' });
  expect([(await hit(by.agent)).status, (await hit(by.supervisor)).status]).toEqual([204, 204]);
  const cite = (articleId: string, ticketId: string) =>
    db.transaction((trx) => desk.knowledge.cited(trx, articleId, ticketId));
  expect(await cite(made.articleId, 't-1')).toEqual({
    ...{ articleId: made.articleId, title: '失业金申领', version: 1 },
  });
  await cite(made.articleId, 't-1');
  await cite(made.articleId, 't-2');
  expect((await show(by.agent, made)).body).toMatchObject({ hits: 2, citations: 2 });
  expect(ofAnswer(await show(by.clerk, made)).version).toBe(made.version);
  await expect(
    db.transaction(async (trx) => {
      await desk.knowledge.cited(trx, made.articleId, 't-3');
      throw new Error('the ticket was not answered');
    }),
  ).rejects.toThrow('not answered');
  expect((await show(by.agent, made)).body).toMatchObject({ citations: 2 });
  await expect(cite('nobody', 't-1')).rejects.toMatchObject({ code: 'invalid-input' });
  const draft = await create(by.clerk);
  await expect(cite(draft.articleId, 't-1')).rejects.toMatchObject({ code: 'invalid-input' });
  expect((await by.agent.call('POST', `/api/knowledge/articles/${draft.articleId}/hits`, {})).status).toBe(
    404,
  );
  const later = await published({ title: '取暖补贴', validFrom: '2026-12-01' });
  await expect(cite(later.articleId, 't-1')).rejects.toMatchObject({ code: 'invalid-input' });
  const clerk = (unitId: string) => person('unit', { unitId });
  const files = articleOwner(desk.knowledge);
  expect(await files.mayWrite(clerk('dept-gongjijin'), made.articleId)).toBe(true);
  expect(await files.mayWrite(clerk('util-gongre'), made.articleId)).toBe(false);
  expect(await files.mayRead(clerk('util-gongre'), made.articleId)).toBe(true);
  expect(await files.mayRead(person('agent'), draft.articleId)).toBe(false);
  expect(await desk.knowledge.access(draft.articleId, clerk('dept-gongjijin'))).toBe('write');
  expect(await desk.knowledge.access(draft.articleId, clerk('util-gongre'))).toBeNull();
  expect(await desk.knowledge.access(made.articleId, clerk('util-gongre'))).toBe('read');
});

it('a work order answered by an article keeps its title and edition, in one transaction with the count (D1)', async () => {
  const made = await published({ title: '居住证办理' });
  const tickets = ticketDesk({
    ...{ postgresUrl: database.url, redisUrl: testServers().redisUrl, clock },
    cite: (...cited) => desk.knowledge.cited(...cited),
  });
  try {
    const { ticketId } = await tickets.tickets.open(aTicket({ type: 'consultation' }), person('agent'));
    const answer = (version: number, articleId: string) =>
      tickets.tickets.act(
        'answer',
        ticketId,
        version,
        { answer: '到派出所办理', articleId },
        person('agent'),
      );
    const draft = await create(by.clerk);
    await expect(answer(1, draft.articleId)).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(answer(7, made.articleId)).rejects.toMatchObject({ code: 'stale-version' });
    expect((await show(by.agent, made)).body).toMatchObject({ citations: 0 });
    await answer(1, made.articleId);
    expect((await tickets.reading.show(ticketId, person('agent'))).article).toEqual({
      ...{ articleId: made.articleId, title: '居住证办理', version: 1 },
    });
    expect((await show(by.agent, made)).body).toMatchObject({ citations: 1 });
  } finally {
    await tickets.stop();
  }
});

it('lists with filters and a cursor, each role what it may see', async () => {
  const numbers = async (who: Visitor, query: string) => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await who.call('GET', `/api/knowledge/articles?limit=2&${query}${cursor}`);
      seen.push(...(body.items as { title: string }[]).map(({ title }) => title));
      cursor = body.nextCursor === null ? '' : `&cursor=${String(body.nextCursor)}`;
    } while (cursor);
    return seen;
  };
  for (const number of [1, 2, 3]) await create(by.clerk, { title: `列表${number}`, categoryCode: 'GY-04' });
  await published({ title: '列表4', categoryCode: 'GY-04', validUntil: '2026-11-30' });
  expect(await numbers(by.clerk, 'categoryCode=GY-04')).toEqual(['列表4', '列表3', '列表2', '列表1']);
  expect(await numbers(by.supervisor, 'categoryCode=GY&state=draft')).toEqual(['列表3', '列表2', '列表1']);
  const { body } = await by.clerk.call('GET', '/api/knowledge/articles?categoryCode=GY&limit=1');
  const [newest] = body.items as Article[];
  expect((await change(by.clerk, newest!, { title: '列表四', categoryCode: 'GY-04' })).status).toBe(200);
  expect(await numbers(by.agent, 'categoryCode=GY&state=published')).toEqual(['列表4']);
  expect(await numbers(by.agent, 'categoryCode=GY&state=draft')).toEqual([]);
  expect(await numbers(by.stranger, 'categoryCode=GY')).toEqual([]);
  expect(await numbers(by.clerk, `text=${encodeURIComponent('表2')}`)).toEqual(['列表2']);
  expect(await numbers(by.clerk, 'text=%25')).toEqual([]);
  expect(await numbers(by.clerk, 'expiresBy=2026-11-30')).toEqual(['列表四']);
  expect(await numbers(by.clerk, 'expiresBy=2026-11-29')).toEqual([]);
});

it('exports the list; formulas are text, and the export is in the audit trail', async () => {
  await create(by.clerk, { title: '=1+1', categoryCode: 'GY-03' });
  const csv = await by.clerk.call('GET', '/api/knowledge/articles/export?format=csv&categoryCode=GY-03');
  expect(csv.text).toContain("'=1+1");
  expect(csv.text.split('\r\n')[0]).toContain('编号,标题,问题,答复,关键词,类别,归口单位,状态,版本,生效日期');
  expect(csv.text).toContain('市住房公积金管理中心,草稿,1');
  const reply = await fetch(`${web.url}/api/knowledge/articles/export?categoryCode=GY-03`, {
    headers: { cookie: by.supervisor.cookie },
  });
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(await reply.arrayBuffer());
  expect(book.worksheets[0]?.rowCount).toBe(2);
  expect((await by.agent.call('GET', '/api/knowledge/articles/export')).status).toBe(403);
  const trail = await web.audit.list({ action: 'knowledge.export' }, 9);
  expect(trail.map(({ who, facts }) => [who, facts.rows])).toEqual([
    ['p-supervisor', 1],
    ['p-clerk', 1],
  ]);
});

describe('no answer found', () => {
  interface Task {
    taskId: string;
    version: number;
    state: string;
    unitId: string;
  }
  const ask = async (who: Visitor, body: object, headers: Record<string, string> = {}) =>
    who.call('POST', '/api/knowledge/tasks', { question: '灵活就业能交公积金吗', ...body }, headers);
  const step = (who: Visitor, { taskId, version }: Task, action: string, body: object) =>
    who.call('POST', `/api/knowledge/tasks/${taskId}/${action}`, { version, ...body });
  const inbox = () => db('unit_inbox').where({ kind: 'knowledgeAsked' }).orderBy('inbox_seq');

  it('becomes a task of the unit that the catalogue names, told once; answered by an article, closed', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { categoryCode: 'RS-05', ticketId: 'ticket-1', callId: 'call-1' };
    const task = (await ask(by.agent, body, key)).body as unknown as Task;
    expect((await ask(by.agent, body, key)).body.taskId).toBe(task.taskId);
    expect(task).toMatchObject({
      state: 'open',
      unitId: 'dept-gongjijin',
      ticketId: 'ticket-1',
      actions: [],
    });
    expect(await inbox()).toMatchObject([
      { unit_id: 'dept-gongjijin', ticket_id: null, words: expect.stringContaining('灵活就业能交公积金吗') },
    ]);
    const { body: seen } = await by.clerk.call('GET', '/api/knowledge/tasks?state=open');
    // What leads to the citizen stays with the hotline.
    expect(seen.items).toMatchObject([
      { taskId: task.taskId, ticketId: null, callId: null, actions: ['answer'] },
    ]);
    const overseen = await by.overseer.call('GET', `/api/knowledge/tasks/${task.taskId}`);
    expect(overseen.body).toMatchObject({ taskId: task.taskId, ticketId: null, callId: null, actions: [] });
    for (const who of [by.stranger]) {
      expect((await who.call('GET', '/api/knowledge/tasks')).body.items).toEqual([]);
      expect((await who.call('GET', `/api/knowledge/tasks/${task.taskId}`)).status).toBe(404);
      expect((await step(who, task, 'answer', { articleId: 'x' })).status).toBe(400);
    }
    const draft = await create(by.clerk, { title: '灵活就业缴存公积金' });
    expect((await step(by.clerk, task, 'answer', { articleId: draft.articleId })).body.field).toBe(
      'articleId',
    );
    const made = await published({ title: '灵活就业人员缴存公积金' });
    expect((await step(by.stranger, task, 'answer', { articleId: made.articleId })).status).toBe(404);
    const answered = (await step(by.clerk, task, 'answer', { articleId: made.articleId }))
      .body as unknown as Task;
    expect(answered).toMatchObject({
      state: 'answered',
      articleTitle: made.title,
      answeredByName: 'p-clerk',
    });
    expect((await step(by.clerk, task, 'answer', { articleId: made.articleId })).body.code).toBe(
      'stale-version',
    );
    expect((await step(by.clerk, answered, 'answer', { articleId: made.articleId })).body.code).toBe(
      'wrong-state',
    );
    const back = (await step(by.supervisor, answered, 'reopen', { reason: '未答年限' }))
      .body as unknown as Task;
    expect(back).toMatchObject({ state: 'open', articleId: null });
    expect((await inbox()).at(-1)).toMatchObject({ words: expect.stringContaining('未答年限') });
    const again = (await step(by.clerk, back, 'answer', { articleId: made.articleId }))
      .body as unknown as Task;
    expect((await step(by.clerk, again, 'close', { reason: '已补充' })).status).toBe(403);
    const closed = (await step(by.supervisor, again, 'close', { reason: '已补充' })).body as unknown as Task;
    expect(closed).toMatchObject({ state: 'closed', closedWhy: '已补充', actions: [] });
    const trail = await web.audit.list({ subject: `knowledge-task:${task.taskId}` }, 9);
    expect(trail.map(({ action }) => action.split('.')[1])).toEqual([
      'close',
      'answer',
      'reopen',
      'answer',
      'ask',
    ]);
  });

  it('needs a unit: given, or found by the category and place', async () => {
    expect((await ask(by.agent, {})).status).toBe(400);
    expect((await ask(by.agent, { unitId: 'nobody' })).body.field).toBe('unitId');
    expect((await ask(by.agent, { categoryCode: 'nothing' })).body.field).toBe('categoryCode');
    // Its unit is not in this directory.
    expect((await ask(by.agent, { categoryCode: 'ZW-01' })).body.field).toBe('unitId');
    expect((await ask(by.agent, { unitId: 'util-gongre', categoryCode: 'RS-05' })).body.unitId).toBe(
      'util-gongre',
    );
    expect((await ask(by.clerk, { unitId: 'util-gongre' })).status).toBe(403);
    const mine = await by.agent.call('GET', '/api/knowledge/tasks?unitId=util-gongre');
    expect(mine.body.items).toHaveLength(1);
    const other = await web.visitorAs('agent', 'p-other');
    expect((await other.call('GET', '/api/knowledge/tasks')).body.items).toEqual([]);
  });
});

it('the direct-answer rate counts accepted and directly answered work orders by the city’s days (D1)', async () => {
  const ticket = async (day: string, time: string, changes: object) => {
    const at = cityInstant(day, time);
    const id = randomUUID();
    await db('tickets').insert({
      ...{ ticket_id: id, number: id, version: 1, timeline_seq: 0, state: 'accepted', type: 'consultation' },
      ...{
        urgency: 'ordinary',
        category_code: 'RS-05',
        address: '',
        title: '问',
        content: '问',
        confidential: false,
      },
      ...{
        citizen_name: '',
        opened_at: at,
        opened_by: 'a',
        opened_by_name: 'a',
        dispatch_by: at,
        updated_at: at,
      },
      ...changes,
    });
  };
  const answered = { state: 'answered', answer: '可以', concluded_at: new Date() };
  await ticket('2026-03-31', '23:59', answered);
  await ticket('2026-04-01', '00:00', answered);
  await ticket('2026-04-01', '12:00', {});
  await ticket('2026-04-01', '12:00', { state: 'refused', answer: '不受理' });
  await ticket('2026-04-01', '12:00', { state: 'draft' });
  await ticket('2026-04-02', '12:00', { ...answered, dispatched_at: new Date() });
  const rate = async (query: string, who = by.supervisor) =>
    (await who.call('GET', `/api/knowledge/direct-answer-rate?${query}`)).body;
  expect(await rate('from=2026-04-01&to=2026-04-30')).toMatchObject({
    name: '直接答复率',
    clause: 'D1',
    periods: [
      { period: '2026-04-01', accepted: 2, answered: 1, rate: 0.5 },
      { period: '2026-04-02', accepted: 1, answered: 0, rate: 0 },
    ],
    total: { accepted: 3, answered: 1 },
  });
  expect(await rate('from=2026-03-01&to=2026-04-30&by=month')).toMatchObject({
    periods: [
      { period: '2026-03', accepted: 1, answered: 1, rate: 1 },
      { period: '2026-04', accepted: 3, answered: 1 },
    ],
  });
  expect(await rate('from=2026-01-01&to=2026-01-02')).toMatchObject({ periods: [], total: { rate: null } });
  expect(await rate('from=2026-02-01&to=2026-01-02')).toMatchObject({ code: 'invalid-input' });
  expect(await rate('from=2026-01-01&to=2026-01-02', by.agent)).toMatchObject({ code: 'not-allowed' });
});
