import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/db/migrate';
import { DictionaryStore } from '../../src/knowledge/dictionary.store';
import { SearchIndex } from '../../src/knowledge/search-index.service';
import { SearchIndexStore } from '../../src/knowledge/search-index.store';
import { KnowledgeSearch } from '../../src/knowledge/search.service';
import { SearchStore } from '../../src/knowledge/search.store';
import { ChineseWords } from '../../src/platform/chinese-words.adapter';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { systemClock } from '../../src/platform/clock';
import { openPostgres } from '../../src/platform/postgres';
import { freePort } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { startPostgres } from '../../src/runtime/postgres-server.service';
import { findServer } from '../../src/runtime/programs.service';
import { loadArticles } from '../support/knowledge-corpus';
import { rounded, spread, table } from './figures';

const ARTICLES = 10_000;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 40);

/** What agents type: a matter, a matter with its place, a citizen's sentence, one word, what nobody wrote about. */
const QUESTIONS: { q: string; category?: string }[] = [
  ...['公积金提取', '社保转移', '供暖投诉', '异地就医备案', '居住证', '老年公交卡', '拖欠工资'].map((q) => ({
    q,
  })),
  ...['潞州区公积金贷款条件', '襄垣县低保申请材料', '沁源县 不动产登记 流程', '屯留区供暖温度不达标'].map(
    (q) => ({ q }),
  ),
  ...[
    '请问我家暖气不热应该找谁',
    '孩子上学学区怎么划分',
    '医保在外地住院怎么报销',
    '想把户口迁到长治需要什么手续',
  ].map((q) => ({ q })),
  ...['公积金', '办理', '投诉', '材料', '水', '电梯'].map((q) => ({ q })),
  ...['物业费 维修基金 电梯 噪声 停车', '办理流程 咨询电话', '身份证补领 线上办理'].map((q) => ({ q })),
  ...['量子纠缠', 'ETC', '8:30', '！？。', '公积金提取 火星移民局'].map((q) => ({ q })),
  { q: '公积金提取', category: 'RS' },
  { q: '停水报修', category: 'GY-01' },
  {
    q: '市民反映小区供暖温度不达标，多次联系物业和供热公司没有解决，要求退还部分供暖费并说明减免政策和办理流程'.repeat(
      4,
    ),
  },
];

export interface KnowledgeFigures {
  articles: number;
  searches: number;
  p50Ms: number;
  p99Ms: number;
  sqlP50Ms: number;
  sqlP99Ms: number;
  ratioToSql: number;
}

/** Loads the articles into a migrated, empty database and measures the search against its own last SQL statement alone. */
export async function knowledgeBench(url: string, say: (line: string) => void): Promise<KnowledgeFigures> {
  const db = openPostgres(url, 4);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await seedDemoCity(db, { passwords: {} });
    const units = (await db('units').select('unit_id', 'name')) as { unit_id: string; name: string }[];
    const index = new SearchIndex({
      words: new ChineseWords(),
      dictionary: new DictionaryStore(db),
      store: new SearchIndexStore(db),
      names: () => ({ units: units.map(({ name }) => name), lines: [] }),
      clock: systemClock,
    });
    await index.refresh();
    const categories = (await db('ticket_categories')
      .whereNotNull('parent_code')
      .pluck('category_code')) as string[];
    await loadArticles(db, index, ARTICLES, {
      categories,
      units: units.map(({ unit_id }) => unit_id),
      onProgress: (done) => done % 2500 === 0 && say(`${done} of ${ARTICLES} articles loaded`),
    });
    const search = new KnowledgeSearch({
      store: new SearchStore(db),
      index,
      unitName: (unitId) => unitId,
      clock: systemClock,
    });
    let last: { sql: string; bindings: unknown[] } = { sql: '', bindings: [] };
    db.on('query', (query: typeof last) => (last = query));
    const ask = ({ q, category }: (typeof QUESTIONS)[number]) =>
      search.search(q, { categoryCode: category }, { limit: 10 });
    for (const question of QUESTIONS) await ask(question);
    const ours: number[] = [];
    const bare: number[] = [];
    const each = new Map(QUESTIONS.map(({ q }) => [q, [] as number[]]));
    for (let round = 1; round <= ROUNDS; round++)
      for (const question of QUESTIONS) {
        let began = performance.now();
        await ask(question);
        ours.push(performance.now() - began);
        each.get(question.q)!.push(performance.now() - began);
        const { sql, bindings } = last;
        began = performance.now();
        await client.query(numbered(sql), bindings);
        bare.push(performance.now() - began);
      }
    const slowest = [...each]
      .map(([q, spans]) => ({ q, ...spread(spans) }))
      .toSorted((a, b) => b.p50 - a.p50)
      .slice(0, 6);
    const [a, b] = [spread(ours), spread(bare)];
    say(
      table(
        ['ms', 'searches', 'p50', 'p90', 'p99'],
        [
          ...[
            { name: 'search', ...a },
            { name: 'its last SQL alone', ...b },
          ].map((row) => [row.name, String(row.count), ...[row.p50, row.p90, row.p99]]),
          ...slowest.map((row) => [`“${row.q.slice(0, 20)}”`, String(row.count), row.p50, row.p90, row.p99]),
        ],
      ),
    );
    return {
      ...{ articles: ARTICLES, searches: a.count, p50Ms: rounded(a.p50), p99Ms: rounded(a.p99) },
      ...{ sqlP50Ms: rounded(b.p50), sqlP99Ms: rounded(b.p99), ratioToSql: rounded(a.p50 / b.p50) },
    };
  } finally {
    await client.end();
    await db.destroy();
  }
}

/** knex tells its statements with `?`; PostgreSQL counts. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${++count}`);
}

/** `npm run bench:knowledge`: a PostgreSQL of its own, and the figures as JSON in the last line. */
export async function main(): Promise<void> {
  const say = (line: string): void => console.log(`[bench] ${line}`);
  const folder = join(PROJECT, 'var', `bench-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const place = await findServer('postgres', say);
  const settings = { folder, port: await freePort(), password: 'bench', throwAway: true };
  const { child, url } = await startPostgres(place, { ...settings, logFile: join(folder, 'postgres.log') });
  const stop = async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop().finally(() => process.exit(1)));
  try {
    const db = openPostgres(url, 2);
    await migrate(db);
    await db.destroy();
    const knowledge = await knowledgeBench(url, say);
    console.log(JSON.stringify({ knowledge }));
  } catch (fault) {
    console.error(fault);
    process.exitCode = 1;
  } finally {
    await stop();
  }
  process.exit();
}
