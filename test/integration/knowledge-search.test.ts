import { cityInstant } from '../../src/deadlines/city-time';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { articleInput } from '../../src/knowledge/article';
import { openPostgres, type Database } from '../../src/platform/postgres';
import { knowledgeDesk, UNITS } from '../support/knowledge-desk';
import { freshDatabase, testServers } from '../support/servers';
import { person, SetClock } from '../support/ticket-desk';
import { startWeb, type Visitor, type Web } from '../support/web';

jest.setTimeout(60_000);

const clock = new SetClock(cityInstant('2026-11-24', '10:00'));
const supervisor = person('supervisor');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let desk: ReturnType<typeof knowledgeDesk>;
let web: Web;
let agent: Visitor;

/** Short articles as a city has them: [title, question, body, key words, category, unit]. */
const ARTICLES: [string, string, string, string[], string, string][] = [
  [
    '住房公积金提取条件和材料',
    '公积金怎么取出来',
    '购房、租房、离职、退休可以申请提取，带身份证和银行卡到管理部。',
    ['取公积金'],
    'RS-05',
    'dept-gongjijin',
  ],
  [
    '公积金贷款额度',
    '公积金贷款最多能贷多少',
    '贷款额度按缴存余额计算；贷款期间仍可提取用于还贷。',
    ['贷款'],
    'RS-05',
    'dept-gongjijin',
  ],
  [
    '公积金异地转移接续',
    '换城市工作公积金怎么转',
    '在转入地提出申请，由两地管理中心办理。',
    ['异地转移'],
    'RS-05',
    'dept-gongjijin',
  ],
  [
    '社保关系转移接续办理流程',
    '社保转移到外地怎么办',
    '在国家社会保险公共服务平台提出申请，不用回原参保地。',
    ['社保转移', '跨省'],
    'RS-02',
    'dept-renshe',
  ],
  [
    '社会保障卡挂失与补办',
    '社保卡丢了怎么办',
    '先电话挂失，再到任一服务网点补办。',
    ['社保卡'],
    'RS-02',
    'dept-renshe',
  ],
  [
    '失业保险金申领',
    '失业了怎么领失业金',
    '非本人意愿中断就业且缴费满一年，可在线申领。',
    ['失业金'],
    'RS-02',
    'dept-renshe',
  ],
  [
    '居民供热温度不达标的处理',
    '家里暖气不热投诉找谁',
    '室温低于18度的，供热公司上门测温并按规定退费。',
    ['测温', '退费'],
    'GY-04',
    'util-gongre',
  ],
  [
    '供热收费标准与报停',
    '暖气费怎么收',
    '按建筑面积或热量计收；整栋报停须在供热期前提出。',
    ['暖气费', '报停'],
    'GY-04',
    'util-gongre',
  ],
  [
    '供热管网抢修电话',
    '暖气管漏水找谁',
    '抢修队24小时受理，城区2小时内到场。',
    ['抢修', '漏水'],
    'GY-04',
    'util-gongre',
  ],
  ['ETC 办理与注销', 'ETC怎么办', '携带行驶证到银行网点或高速服务区办理。', ['高速'], 'JT-03', 'dept-renshe'],
];

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
  for (const [title, question, body, keywords, categoryCode, ownerUnitId] of ARTICLES)
    await publish({ title, question, body, keywords, categoryCode, ownerUnitId });
  web = await startWeb({ postgresUrl: database.url, redisUrl: testServers().redisUrl, routes: desk.routes });
  agent = await web.visitorAs('agent');
});
afterAll(async () => {
  await web?.stop();
  await db?.destroy();
  await database?.drop();
});

async function publish(input: object): Promise<string> {
  const articleId = await desk.knowledge.create(articleInput.parse(input), supervisor);
  await desk.knowledge.review(articleId, 1, supervisor);
  await desk.knowledge.publish(articleId, 2, supervisor);
  return articleId;
}

interface Marked {
  text: string;
  marks: [number, number][];
}
interface Found {
  articleId: string;
  title: Marked;
  question: Marked;
  snippet: Marked;
  matched: string;
}
const search = async (q: string, more = '') => {
  const reply = await agent.call('GET', `/api/knowledge/search?q=${encodeURIComponent(q)}${more}`);
  return { ...reply, items: (reply.body.items ?? []) as Found[], nextCursor: reply.body.nextCursor };
};
const shown = ({ text, marks }: Marked) => marks.map(([from, to]) => text.slice(from, to));

it.each([
  ['公积金提取', '住房公积金提取条件和材料'],
  ['住房公积金怎么取', '住房公积金提取条件和材料'],
  ['请问公积金能贷多少', '公积金贷款额度'],
  ['社保转移', '社保关系转移接续办理流程'],
  ['社会保险转移', '社保关系转移接续办理流程'],
  ['社保卡丢了', '社会保障卡挂失与补办'],
  ['供暖投诉', '居民供热温度不达标的处理'],
  ['暖气不热找谁', '居民供热温度不达标的处理'],
  ['暖气费 报停', '供热收费标准与报停'],
  ['失业金', '失业保险金申领'],
  ['ｅｔｃ', 'ETC 办理与注销'],
  ['测温退费', '居民供热温度不达标的处理'],
  // One character, and words that no dictionary has.
  ['漏', '供热管网抢修电话'],
  ['卡挂', '社会保障卡挂失与补办'],
])('%s finds %s first', async (q, title) => {
  expect((await search(q)).items[0]?.title.text).toBe(title);
});

it('ranks the title above question and key words, and those above the body', async () => {
  const made = [
    await publish({
      title: '乙',
      body: '正文里有古树名木。',
      categoryCode: 'CG-05',
      ownerUnitId: 'util-gongre',
    }),
    await publish({
      title: '丙',
      question: '古树名木归谁管',
      body: '略',
      categoryCode: 'CG-05',
      ownerUnitId: 'util-gongre',
    }),
    await publish({ title: '古树名木保护', body: '略', categoryCode: 'CG-05', ownerUnitId: 'util-gongre' }),
    await publish({
      title: '丁',
      keywords: ['古树名木'],
      body: '略',
      categoryCode: 'CG-05',
      ownerUnitId: 'util-gongre',
    }),
  ];
  const order = (await search('古树名木')).items.map(({ articleId }) => made.indexOf(articleId));
  expect(order[0]).toBe(2);
  expect(new Set(order.slice(1, 3))).toEqual(new Set([1, 3]));
  expect(order[3]).toBe(0);
});

it('puts what has every word first and says how much of the question each has', async () => {
  const { items } = await search('公积金 异地 提取');
  expect(items.map(({ matched }) => matched)).toEqual([...items.map(({ matched }) => matched)].sort());
  expect(items.map(({ title, matched }) => [title.text, matched])).toEqual(
    expect.arrayContaining([
      ['公积金异地转移接续', 'most'],
      ['住房公积金提取条件和材料', 'most'],
    ]),
  );
});

it('gives highlights as places in the texts as they are', async () => {
  const [first] = (await search('公积金提取')).items;
  expect(first && shown(first.title)).toEqual(['住房公积金提取']);
  expect(first && shown(first.snippet)).toEqual(['提取']);
  const id = await publish({
    ...{
      title: '<script>alert(1)</script>养犬登记',
      body: '<img src=x onerror=alert(1)>养犬登记',
      categoryCode: 'CG-02',
    },
    ownerUnitId: 'util-gongre',
  });
  const [hostile] = (await search('养犬')).items;
  expect(hostile).toMatchObject({
    articleId: id,
    title: { text: '<script>alert(1)</script>养犬登记' },
    snippet: { text: '<img src=x onerror=alert(1)>养犬登记' },
  });
  expect(hostile && [shown(hostile.title), shown(hostile.snippet)]).toEqual([['养犬'], ['养犬']]);
});

it('knows the districts by their units’ names', async () => {
  for (const place of ['潞州区', '上党区'])
    await publish({
      ...{
        title: `${place}残疾人补贴`,
        body: '到街道申请。',
        categoryCode: 'RS-06',
        ownerUnitId: 'county-luzhou',
      },
    });
  const { items } = await search('残疾人补贴潞州区');
  expect(items.map(({ title, matched }) => [title.text, matched])).toEqual([
    ['潞州区残疾人补贴', 'all'],
    ['上党区残疾人补贴', 'most'],
  ]);
  expect(items[0]?.title.marks).toEqual([[0, 8]]);
});

it('narrows by category, branch and unit', async () => {
  const titles = async (more: string) => (await search('办理', more)).items.map(({ title }) => title.text);
  expect(await titles('&category=RS-02')).toEqual(['社保关系转移接续办理流程']);
  expect(await titles('&category=JT')).toEqual(['ETC 办理与注销']);
  expect(await titles('&unitId=util-gongre')).toEqual([]);
  expect(await titles("&category=' or 1=1 --")).toEqual([]);
});

it('goes on page by page without repeating or leaving out', async () => {
  const all = (await search('公积金 社保', '&limit=50')).items.map(({ articleId }) => articleId);
  expect(all.length).toBeGreaterThan(4);
  const seen: string[] = [];
  let more = '&limit=2';
  for (;;) {
    const { items, nextCursor } = await search('公积金 社保', more);
    seen.push(...items.map(({ articleId }) => articleId));
    if (nextCursor === null) break;
    more = `&limit=2&cursor=${String(nextCursor)}`;
  }
  expect(seen).toEqual(all);
  expect((await search('公积金', '&cursor=all.-1')).status).toBe(400);
});

it.each([
  ["'); drop table articles; --", 200],
  [':*', 200],
  ["' | 'x':*", 200],
  ['!!!&&|||<->()', 200],
  ['\\', 200],
  ['%', 200],
  ['_', 200],
  ['😀', 200],
  ['\ud800', 200],
  ['的', 200],
  ['怎么办', 200],
  ['公'.repeat(1000), 200],
  ['公积金提取需要什么材料'.repeat(90), 200],
  ['a1'.repeat(500), 200],
  ['公'.repeat(1001), 400],
  ['公积金\0', 400],
  [' ', 400],
  ['', 400],
])('answers %j with %i and lives', async (q, status) => {
  const q2 = q === '\ud800' ? '\ufffd' : q;
  expect((await search(q2)).status).toBe(status);
  expect((await search('公积金提取')).items[0]?.title.text).toBe('住房公积金提取条件和材料');
});

it('finds nothing where nothing is, also by signs that LIKE would read', async () => {
  for (const q of ['量子纠缠', '%', '_', '\\', '😀', ':*'])
    expect([q, (await search(q)).items]).toEqual([q, []]);
});

it('a new own word is learned by every service, and the articles are cut anew', async () => {
  const id = await publish({
    ...{
      title: '潞事通应用使用指南',
      body: '下载潞事通。',
      categoryCode: 'ZW-02',
      ownerUnitId: 'util-gongre',
    },
  });
  const cut = async () =>
    (await db('article_search').where({ article_id: id }).first()) as { title_words: string };
  expect((await cut()).title_words.split(' ')).not.toContain('潞事通');
  const other = knowledgeDesk(db, clock);
  await other.index.refresh();
  const admin = await web.visitorAs('administrator');
  const add = (words: string[]) => admin.call('POST', '/api/knowledge/words', { words });
  expect((await add(['潞事通', '公积金'])).body).toEqual({ added: 1 });
  expect((await add(['潞事通'])).body).toEqual({ added: 0 });
  expect((await add(['有 空格'])).status).toBe(400);
  expect((await add(["';drop"])).status).toBe(400);
  expect((await agent.call('POST', '/api/knowledge/words', { words: ['潞州'] })).status).toBe(403);
  await other.index.refresh();
  expect((await cut()).title_words.split(' ')).toContain('潞事通');
  expect((await other.search.search('潞事通怎么用', {}, { limit: 5 })).items[0]?.articleId).toBe(id);
  // This service has not heard of it yet; its question still finds the article by its characters.
  expect((await search('潞事通')).items[0]?.articleId).toBe(id);
  await desk.index.refresh();
  expect((await search('潞事通')).items[0]).toMatchObject({ articleId: id, matched: 'all' });
  const list = await admin.call('GET', '/api/knowledge/words');
  expect(list.body.items).toEqual(
    expect.arrayContaining([
      { word: '潞事通', origin: 'own' },
      { word: '市住房公积金管理中心', origin: 'unit' },
      { word: '住房公积金管理中心', origin: 'unit' },
      { word: '12345热线', origin: 'line' },
    ]),
  );
});
