import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/db/migrate';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { loadTickets } from '../../src/db/seeds/load/fill';
import type { Plan } from '../../src/db/seeds/load/made-ticket';
import { openPostgres } from '../../src/platform/postgres';
import { freePort } from '../../src/runtime/free-port.service';
import { everySeconds } from '../../src/runtime/load-command';
import { PROJECT } from '../../src/runtime/machine.service';
import { startPostgres } from '../../src/runtime/postgres-server.service';
import { findServer } from '../../src/runtime/programs.service';
import { rounded, spread, table } from './figures';
import { openSide, QUESTIONS, type Question, type Side } from './ticket-questions';

/** Work orders of the two databases that are compared. */
const SMALL = 10_000;
const LARGE = Number(process.env.BENCH_TICKETS ?? 1_000_000);
/** The last day of the history; a working day, so that the sweep finds the offices open. */
const UNTIL = '2026-11-23';
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 12);
/** Questions asked in one round of each kind, size and way. */
const EACH = 25;

const say = (line: string): void => console.log(`[bench] ${line}`);

/**
 * `npm run bench:tickets`: what lists, searches, the caller's history and the sweep of due dates take through our code,
 * against the bare SQL of the same answer, at two sizes, in alternating rounds of one run. BENCH_KEEP=true keeps the two
 * databases (var/bench-tickets) for the next run.
 */
export async function main(): Promise<void> {
  const folder = join(PROJECT, 'var', 'bench-tickets');
  const keep = process.env.BENCH_KEEP === 'true';
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop().finally(() => process.exit(1)));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const place = await findServer('postgres', say);
    const logFile = join(folder, 'postgres.log');
    const options = { folder, port: await freePort(), password: 'bench', logFile, throwAway: true };
    const { child, url } = await startPostgres(place, options);
    ends.push(() => child.stop());
    const sides: Side[] = [];
    for (const tickets of [SMALL, LARGE]) {
      const side = await openSide(await filled(url, tickets), UNTIL);
      sides.push(side);
      ends.push(() => side.stop());
    }
    await run(sides as [Side, Side]);
  } catch (fault) {
    console.error(fault);
    process.exitCode = 1;
  } finally {
    await stop();
  }
  process.exit();
}

/** A database with so many work orders; its address. */
async function filled(server: string, tickets: number): Promise<string> {
  const name = `tickets_${tickets}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  const there = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (there.rowCount === 0) await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = openPostgres(url.toString(), 2);
  try {
    await migrate(db);
    await seedDemoCity(db, { passwords: {} });
    const plan: Plan = { seed: 1, tickets, days: 730, until: UNTIL };
    await loadTickets(db, plan, { remindHours: 8, tell: everySeconds(15) });
  } finally {
    await db.destroy();
  }
  return url.toString();
}

type Way = 'ours' | 'bare';
type Spans = Record<Way, [small: number[], large: number[]]>;

async function run(sides: [Side, Side]): Promise<void> {
  const spans = new Map<Question, Spans>(
    QUESTIONS.map((question) => [question, { ours: [[], []], bare: [[], []] }]),
  );
  // The first round warms both up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const question of QUESTIONS)
      for (const size of [0, 1] as const) {
        const side = sides[size];
        // Each way goes first in turn; both get the same questions.
        const ways: Way[] = round % 2 ? ['ours', 'bare'] : ['bare', 'ours'];
        for (const way of ways) {
          const took = await question.ask(side, way, round, EACH);
          if (round > 0) spans.get(question)?.[way][size].push(...took);
        }
      }
    if (round > 0) say(`round ${round} of ${ROUNDS}`);
  }
  report(spans);
}

function report(spans: ReadonlyMap<Question, Spans>): void {
  const p50 = (values: readonly number[]) => spread(values).p50;
  const rows: (string | number)[][] = [];
  const figures: Record<string, object> = {};
  for (const [{ name }, { ours, bare }] of spans) {
    const [small, large, bareSmall, bareLarge] = [ours[0], ours[1], bare[0], bare[1]].map(p50) as number[];
    rows.push([name, small!, bareSmall!, large!, bareLarge!, spread(ours[1]).p99, spread(bare[1]).p99]);
    figures[name] = {
      p50Ms: rounded(large!),
      ratioToSql: rounded(large! / bareLarge!),
      growth: rounded(large! / small!),
    };
  }
  const sizes = [`${SMALL}`, `${SMALL}, SQL`, `${LARGE}`, `${LARGE}, SQL`, 'p99', 'p99, SQL'];
  console.log(table(['p50 ms', ...sizes], rows));
  console.log(JSON.stringify(figures));
}
