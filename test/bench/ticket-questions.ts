import { performance } from 'node:perf_hooks';
import { Pool } from 'pg';
import { CallRecordStore } from '../../src/calls/call-record.store';
import { cityInstant } from '../../src/deadlines/city-time';
import { Dice } from '../../src/db/seeds/load/dice';
import { StoryService } from '../../src/desk/story.service';
import { chained } from '../../src/platform/hash-chain';
import { defaultLadder } from '../../src/supervision/escalation-ladder';
import { timelineRecord } from '../../src/tickets/timeline-record';
import { person, SetClock, ticketDesk } from '../support/ticket-desk';
import { LIST_SQL, SEARCH_SQL, STORY_SQL, SWEEP_SQL } from './ticket-sql';

const SWEPT_AT_ONCE = 10;
const PAGE = 20;

/** One database with both ways to it: our code, and bare SQL. */
export type Side = Awaited<ReturnType<typeof openSide>>;

export interface Question {
  name: 'history' | 'search' | 'list' | 'sweep';
  /** Asks it so many times and tells what each took, ms. The same round gives both ways the same questions. */
  ask(side: Side, way: 'ours' | 'bare', round: number, times: number): Promise<number[]>;
}

export async function openSide(url: string, until: string) {
  // After the last reminder of the history, and in working time.
  const clock = new SetClock(cityInstant(until, '17:59'));
  const desk = ticketDesk({ postgresUrl: url, redisUrl: 'redis://127.0.0.1:1', clock });
  const pool = new Pool({ connectionString: url, max: 6 });
  const calls = new CallRecordStore(desk.db);
  const story = new StoryService({
    citizens: desk.citizens,
    recentCalls: (number, limit) => calls.recentCalls(number, limit, () => null),
    openTickets: (number, limit) => desk.read.openByNumber(number, limit),
  });
  const column = async (sql: string) =>
    (await pool.query<{ value: string }>(sql)).rows.map(({ value }) => value);
  return {
    ...{ desk, pool, story, clock },
    // By ticket, so that frequent callers are asked for as often as they call.
    callers: await column(
      'select caller_number as value from tickets tablesample system (2) where caller_number is not null limit 20000',
    ),
    numbers: await column('select number as value from tickets tablesample system (2) limit 20000'),
    units: await column('select unit_id as value from dispatch_catalogue group by 1 order by 1'),
    categories: await column('select category_code as value from dispatch_catalogue group by 1 order by 1'),
    parts: await column(
      "select part_id as value from ticket_parts where state in ('dispatched', 'acknowledged') order by due_at desc limit 2000",
    ),
    async stop() {
      await pool.end();
      await desk.stop();
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function each(
  seed: number,
  times: number,
  one: (dice: Dice) => { prepare?: () => Promise<unknown>; work: () => Promise<unknown> },
): Promise<number[]> {
  const took: number[] = [];
  for (let index = 0; index < times; index++) {
    const { prepare, work } = one(new Dice(seed, index));
    await prepare?.();
    took.push(await timed(work));
  }
  return took;
}

/** Who calls: name, last calls, open work orders, as the pop asks for them. */
const history: Question = {
  name: 'history',
  ask: ({ story, pool, callers }, way, round, times) =>
    each(round, times, (dice) => {
      const number = dice.pick(callers);
      const bare = () => Promise.all(STORY_SQL.map((text) => pool.query(text, [number])));
      return { work: way === 'ours' ? () => story.storyFor(number, 'none') : bare };
    }),
};

const supervisor = person('supervisor');

/** A page from somewhere in the list of everything, of a category, or of a unit. */
const list: Question = {
  name: 'list',
  ask: ({ desk, pool, numbers, units, categories }, way, round, times) =>
    each(round, times, (dice) => {
      const cursor = dice.pick(numbers);
      const kind = dice.pick(['all', 'category', 'unit'] as const);
      const value = kind === 'category' ? dice.pick(categories) : dice.pick(units);
      const filter = { all: {}, category: { categoryCode: value }, unit: {} }[kind];
      const caller = kind === 'unit' ? person('unit', { unitId: value }) : supervisor;
      const values = kind === 'all' ? [cursor, PAGE + 1] : [cursor, PAGE + 1, value];
      const text = LIST_SQL[kind];
      return {
        work:
          way === 'ours'
            ? () => desk.lists.list(filter, { cursor, limit: PAGE }, caller)
            : () => pool.query(text, values),
      };
    }),
};

const WORDS = [
  '停水',
  '噪声很大',
  '费用不合理',
  '太行',
  '工业园',
  '物业服务',
  '拖欠工资',
  '推诿拖延',
  '英雄中路',
  '老顶山',
];

/** The newest twenty with a word. */
const search: Question = {
  name: 'search',
  ask: ({ desk, pool }, way, round, times) =>
    each(round, times, (dice) => {
      const text = dice.pick(WORDS);
      return {
        work:
          way === 'ours'
            ? () => desk.lists.list({ text }, { limit: PAGE }, supervisor)
            : () => pool.query(SEARCH_SQL, [desk.search.query(text), PAGE + 1]),
      };
    }),
};

/** One run of the sweep with ten reminders due among all the waiting ones. */
const sweep: Question = {
  name: 'sweep',
  ask: (side, way, round, times) =>
    each(round, Math.ceil(times / 5), (dice) => ({
      prepare: () => makeDue(side, dice),
      work: way === 'ours' ? () => ourSweep(side) : () => bareSweep(side),
    })),
};

async function makeDue({ pool, parts, clock }: Side, dice: Dice): Promise<void> {
  const chosen = Array.from({ length: SWEPT_AT_ONCE }, () => dice.pick(parts));
  await pool.query(
    `insert into due_timers (timer_id, kind, ticket_id, part_id, unit_id, at, state, rung, step, due_at, rule)
     select gen_random_uuid(), 'rung', ticket_id, part_id, unit_id, $2, 'waiting', gen_random_uuid(), -1, due_at, $3
       from ticket_parts where part_id = any($1)`,
    [chosen, new Date(clock.now().getTime() - 1000), JSON.stringify(defaultLadder(8)[0])],
  );
}

async function ourSweep({ desk }: Side): Promise<void> {
  await desk.recount.run();
  await desk.reminders.sweep();
  if (desk.faults.length > 0) throw desk.faults[0];
}

/** The same rows in as few statements as a transaction for each timer allows. */
async function bareSweep({ pool, clock }: Side): Promise<void> {
  const at = clock.now();
  await pool.query(SWEEP_SQL.stale);
  for (;;) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<{
        timer_id: string;
        ticket_id: string;
        unit_id: string;
        seq: number;
        head: string;
      }>(SWEEP_SQL.due, [at]);
      const [row] = rows;
      if (!row) {
        await client.query('commit');
        return;
      }
      const { timer_id, ticket_id, unit_id, seq } = row;
      const words = '系统督办（S1）';
      const facts = { timerId: timer_id };
      const entry = { ticket_id, seq, at, kind: 'dueSoon', words, by_id: null, by_name: null, facts };
      const hash = chained(row.head, timelineRecord(entry));
      const values = [timer_id, ticket_id, unit_id, seq, at, words, JSON.stringify(facts), row.head, hash];
      await client.query(SWEEP_SQL.fire, values);
      await client.query('commit');
    } finally {
      client.release();
    }
  }
}

export const QUESTIONS: readonly Question[] = [history, search, list, sweep];
