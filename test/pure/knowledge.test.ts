import { articleInput, articleState, validOn } from '../../src/knowledge/article';
import { ARTICLE_ACTIONS, articleActions, type ArticleAction } from '../../src/knowledge/article-lifecycle';
import { ARTICLE_STATES, type ArticleState } from '../../src/knowledge/article';
import { directAnswerRates } from '../../src/knowledge/direct-answer';
import { marked, snippet } from '../../src/knowledge/highlight';
import { taskActions, type TaskState } from '../../src/knowledge/knowledge-task';
import { askedQuery, fold } from '../../src/knowledge/search-query';
import { ChineseWords, type CutWord } from '../../src/platform/chinese-words.adapter';
import { nameWords } from '../../src/knowledge/search-index.service';
import { ROLES, type Role } from '../../src/permissions';

const SUPERVISOR: Record<string, ArticleAction[]> = {
  'draft, never published': ['change', 'review'],
  'draft, published': ['change', 'review', 'withdraw'],
  'reviewed, never published': ['change', 'sendBack', 'publish'],
  'reviewed, published': ['change', 'sendBack', 'publish', 'withdraw'],
  'published, published': ['change', 'withdraw'],
  'expired, never published': ['change'],
  // By its last day.
  'expired, published': ['change'],
};

describe('the walk of an article (D1)', () => {
  const standings = Object.keys(SUPERVISOR).map((name) => {
    const [state, published] = name.split(', ') as [ArticleState, string];
    return { name, state, published: published === 'published' };
  });

  it.each(standings)('$name: each role may do what the table says', ({ name, state, published }) => {
    const may = (role: Role, own = true) => articleActions({ state, published, role, own });
    const all = SUPERVISOR[name] ?? [];
    const writing = all.filter((action) => action === 'change' || action === 'withdraw');
    expect(may('supervisor')).toEqual(all);
    expect(may('administrator')).toEqual(writing);
    expect(may('unit')).toEqual(writing);
    expect([may('agent'), may('overseer')]).toEqual([[], []]);
    for (const role of ROLES) expect(may(role, false)).toEqual([]);
  });

  it('leads only to states that exist, and every state is reached', () => {
    const reached = Object.values(ARTICLE_ACTIONS).flatMap(({ moves }) => Object.values(moves));
    expect(new Set(reached)).toEqual(new Set(Object.keys(ARTICLE_STATES)));
    expect(Object.values(ARTICLE_ACTIONS).every(({ clause }) => clause === 'D1')).toBe(true);
  });

  it.each([
    ['published', null, '2026-11-24', 'published'],
    ['published', '2026-11-24', '2026-11-24', 'published'],
    ['published', '2026-11-23', '2026-11-24', 'expired'],
    ['draft', '2026-11-23', '2026-11-24', 'draft'],
    ['reviewed', '2026-11-23', '2026-11-24', 'reviewed'],
  ] as const)('%s until %s is on %s %s', (stored, validUntil, day, state) => {
    expect(articleState(stored, { validFrom: null, validUntil }, day)).toBe(state);
  });

  it.each([
    [null, null, true],
    ['2026-11-24', null, true],
    ['2026-11-25', null, false],
    [null, '2026-11-24', true],
    [null, '2026-11-23', false],
  ])('from %s until %s it answers on 2026-11-24: %s', (validFrom, validUntil, answers) => {
    expect(validOn({ validFrom, validUntil }, '2026-11-24')).toBe(answers);
  });

  it('takes no article that ends before it begins, no line break in a title, no NUL', () => {
    const article = { title: '公积金提取', body: '带身份证。\n到窗口办理。', categoryCode: 'RS-05' };
    const accepts = (change: object) => articleInput.safeParse({ ...article, ...change }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ validFrom: '2026-12-01', validUntil: '2026-12-01' })).toBe(true);
    for (const change of [
      { validFrom: '2026-12-02', validUntil: '2026-12-01' },
      { title: 'a\nb' },
      { title: ' ' },
      { body: 'a\0b' },
      { keywords: ['a\u0007'] },
      { state: 'published' },
    ])
      expect([change, accepts(change)]).toEqual([change, false]);
  });
});

it.each<[TaskState, Role, string[]]>([
  ['open', 'unit', ['answer']],
  ['open', 'supervisor', ['answer', 'close']],
  ['open', 'administrator', ['answer']],
  ['open', 'agent', []],
  ['answered', 'unit', []],
  ['answered', 'supervisor', ['reopen', 'close']],
  ['closed', 'supervisor', []],
])('a task that is %s: a %s may %j', (state, role, actions) => {
  expect(taskActions(state, role)).toEqual(actions);
});

describe('the direct-answer rate (D1)', () => {
  it('is answered ÷ accepted for each period and for all; without work orders there is none', () => {
    const { periods, total } = directAnswerRates([
      { period: '2026-11-01', accepted: 8, answered: 6 },
      { period: '2026-11-02', accepted: 2, answered: 0 },
    ]);
    expect(periods.map(({ rate }) => rate)).toEqual([0.75, 0]);
    expect(total).toEqual({ accepted: 10, answered: 6, rate: 0.6 });
    expect(directAnswerRates([]).total.rate).toBeNull();
  });
});

describe('a question', () => {
  const cut = (...words: string[]): CutWord[] => words.map((word) => ({ word, parts: [] }));

  it('loses what says nothing; weak and single words only rank', () => {
    const asked = askedQuery(cut('请问', '护照', '怎么', '办理', '在', '区'));
    expect(asked).toMatchObject({ all: "'护照'", most: "'护照'", any: "'护照'" });
    expect(asked?.rank).toBe("'护照' | '办理' | '区':*");
    expect(asked?.marked).toEqual(['护照', '办理']);
  });

  it('keeps weak words when there are no others, and stop words when there is nothing else', () => {
    expect(askedQuery(cut('办理', '流程'))?.all).toBe("'办理' & '流程'");
    expect(askedQuery(cut('怎么办'))?.all).toBe("'怎么办'");
    expect(askedQuery([])).toBeNull();
  });

  it('widens: all, all but one, any two, any', () => {
    expect(askedQuery(cut('护照', '签证', '照片', '预约'))).toMatchObject({
      all: "'护照' & '签证' & '照片' & '预约'",
      most: "('签证' & '照片' & '预约') | ('护照' & '照片' & '预约') | ('护照' & '签证' & '预约') | ('护照' & '签证' & '照片')",
      pair: "('护照' & '签证') | ('护照' & '照片') | ('护照' & '预约') | ('签证' & '照片') | ('签证' & '预约') | ('照片' & '预约')",
      any: "'护照' | '签证' | '照片' | '预约'",
    });
  });

  it('takes the parts of a compound together for the whole, and words of the same meaning', () => {
    expect(askedQuery([{ word: '社会保险费', parts: ['社会', '保险'] }])?.all).toBe(
      "('社会保险费' | ('社会' & '保险'))",
    );
    expect(askedQuery(cut('供暖'))?.all).toBe("('供暖' | ('供热') | ('暖气') | ('采暖'))");
  });

  it('of a long text keeps the most telling words in their order', () => {
    const words = ['护照', '不动产登记', '签证', '照片', '预约', '居住证办理', '出入境', '大厅'];
    expect(askedQuery(cut(...words))?.all).toBe(
      "'护照' & '不动产登记' & '签证' & '照片' & '居住证办理' & '出入境'",
    );
  });

  it('keeps only letters and digits of hostile text', () => {
    const segmenter = new ChineseWords();
    for (const [text, words] of [
      ["'); drop table articles; --", ['drop', 'table', 'articles']],
      [':*', []],
      ["a':*&|!<->b", ['a', 'b']],
      ['😀公积金😀', ['公积金']],
      ['\0\ud800', []],
      ['\\', []],
      ['x'.repeat(5000), ['x'.repeat(64)]],
    ] as [string, string[]][])
      expect([text, segmenter.asked(text).map(({ word }) => word)]).toEqual([text, words]);
  });

  it('is folded sign for sign', () => {
    const text = 'ＥＴＣ　Ｗｉ－Ｆｉ İSO 公积金 😀Ａ';
    expect(fold(text)).toBe('etc wi-fi İso 公积金 😀a');
    expect(fold(text)).toHaveLength(text.length);
  });

  it('keeps own words whole, and finds the shorter words within', () => {
    const segmenter = new ChineseWords();
    expect(segmenter.asked('潞州通办').map(({ word }) => word)).not.toContain('潞州通办');
    segmenter.add(['潞州通办', '不 是词', '坏\n词', '']);
    expect(segmenter.asked('潞州通办怎么用').map(({ word }) => word)).toEqual(['潞州通办', '怎么', '用']);
    expect(segmenter.indexed('住房公积金管理')).toEqual(expect.arrayContaining(['住房', '公积金', '管理']));
    const names = (name: string) => [...new Set(nameWords(name))];
    expect(names('市供水公司（集团）')).toEqual(['市供水公司', '供水公司', '集团']);
    expect(names('潞州区便民热线办公室')).toEqual(['潞州区便民热线办公室', '潞州区']);
    expect(names('沁县政府')).toEqual(['沁县政府', '沁县']);
  });
});

describe('highlighting', () => {
  it('gives places in the text as it is, joined where they touch', () => {
    expect(marked('住房公积金提取ＥＴＣ', ['公积金', '积金', '提取', 'etc'])).toEqual({
      text: '住房公积金提取ＥＴＣ',
      marks: [[2, 10]],
    });
    expect(marked('<b>公积金</b>', ['公积金'])).toEqual({ text: '<b>公积金</b>', marks: [[3, 6]] });
    expect(marked('没有', ['公积金']).marks).toEqual([]);
  });

  it('shows the stretch with the most words, and never half a character', () => {
    const text = `公积金${'无关的话。'.repeat(60)}提取公积金要带身份证。${'😀'.repeat(100)}`;
    const shown = snippet(text, ['公积金', '提取', '身份证']);
    expect(shown.text).toContain('提取公积金要带身份证');
    expect(shown.text.length).toBeLessThanOrEqual(120);
    expect(shown.text).toBe(Buffer.from(shown.text).toString());
    expect(shown.marks.map(([from, to]) => shown.text.slice(from, to))).toEqual(['提取公积金', '身份证']);
    expect(snippet('第一行\n第二行', ['x'])).toEqual({ text: '第一行 第二行', marks: [] });
  });

  it('marks a text full of the word where it begins', () => {
    expect(snippet('水'.repeat(20_000), ['水', '电']).marks).toEqual([[0, 120]]);
    expect(marked('水'.repeat(20_000), ['水']).marks).toEqual([[0, 150]]);
  });
});
