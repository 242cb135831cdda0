import fc from 'fast-check';
import { seedDemoCategories } from '../../src/db/seeds/demo/categories';
import { cityInstant, shiftDay } from '../../src/deadlines/city-time';
import { HotlineError } from '../../src/errors';
import type { Caller } from '../../src/platform/http-route';
import { openRedis, type RedisClient } from '../../src/platform/redis';
import { TICKET_ACTIONS, type TicketAction } from '../../src/tickets/ticket-lifecycle';
import { ACTION_INPUT, type ActionInput } from '../../src/tickets/ticket-action-input';
import type { TicketInput, TicketView } from '../../src/tickets/ticket';
import { freshDatabase, freshRedis, type OwnServer } from '../support/servers';
import { aTicket, eventually, person, SetClock, ticketDesk } from '../support/ticket-desk';
import { emptied, faultsOf, noteCalendar, snapshot, sweepFaults } from '../support/ticket-year';

const UNITS = ['unit-a', 'unit-b', 'unit-c'] as const;
const PEOPLE: readonly Caller[] = [
  person('agent'),
  person('supervisor'),
  ...UNITS.map((unitId) => person('unit', { unitId, personId: `clerk-${unitId}` })),
  person('administrator'),
  person('overseer'),
];
/** The first of them may do something. */
const AT_WORK = 5;
const ACTIONS = Object.keys(TICKET_ACTIONS) as TicketAction[];

const small = fc.nat(1000);
const command = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      type: fc.constantFrom('consultation', 'complaint', 'help', 'suggestion', 'report'),
      urgency: fc.constantFrom('ordinary', 'urgent'),
      // Water is dispatched within two hours; consumers' disputes have their own regulation (T4).
      categoryCode: fc.constantFrom('GY-01', 'SC-01', 'CJ-02'),
      level: fc.constantFrom('city', 'county', 'province'),
      draft: fc.nat(9).map((value) => value === 0),
      unit: fc.option(fc.constantFrom(...UNITS)),
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      ticket: small,
      who: small,
      what: small,
      /** Of the actions shown to him, or of all. */
      shown: fc.integer({ min: 0, max: 9 }).map((value) => value > 1),
      how: fc.constantFrom('right', 'right', 'right', 'right', 'stale', 'twice', 'killed'),
      choice: small,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      minutes: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 600, max: 20_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('calendar' as const),
      inDays: fc.integer({ min: -3, max: 12 }),
      working: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), which: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('emptyRedis' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
type Act = Extract<Command, { do: 'act' }>;

describe('work orders under a year of random commands', () => {
  const clock = new SetClock(new Date(0));
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let server: OwnServer;
  let redis: RedisClient;
  let desks: ReturnType<typeof ticketDesk>[] = [];
  const newDesk = () =>
    ticketDesk({ postgresUrl: database.url, redisUrl: server.url, clock, sweepSeconds: 0.1 });

  beforeAll(async () => {
    [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
    redis = openRedis(server.url);
    desks = [newDesk(), newDesk()];
    await seedDemoCategories(desks[0]!.db);
    // Regulations of many days run into the years after; what an unknown year does is tested elsewhere.
    await db()('calendar_years').insert([{ year: 2027 }, { year: 2028 }]);
  });
  afterAll(async () => {
    redis.disconnect();
    await Promise.all(desks.map((desk) => desk.stop()));
    await server.stop();
    await database.drop();
  });

  const desk = (which = 0) => desks[which % desks.length]!;
  const db = () => desk().db;
  const ticketIds = (): Promise<string[]> => db()('tickets').orderBy('number').pluck('ticket_id');

  /** Both services sweep at once; nothing that was due is left. */
  async function sweep(): Promise<void> {
    await Promise.all(desks.map((each) => each.recount.run()));
    await noteCalendar(desk(), clock.now());
    await Promise.all(desks.map((each) => each.reminders.sweep()));
    // What one passed over because the other held it, its next turn takes.
    await desk().reminders.sweep();
    for (const each of desks) expect(await sweepFaults(each, clock.now())).toEqual([]);
  }

  async function open(given: Extract<Command, { do: 'open' }>): Promise<void> {
    const { type, urgency, categoryCode, level, draft, unit } = given;
    const wished = { type, urgency, categoryCode, level, draft, unitId: unit, dispatchReason: '属地办理' };
    const input = aTicket(wished as Partial<TicketInput>);
    const key = `key-${(await ticketIds()).length}`;
    // The browser sends it twice, to two services: one work order.
    const made = await Promise.allSettled(desks.map((each) => each.tickets.open(input, PEOPLE[0]!, key)));
    const ids = made.flatMap((each) =>
      each.status === 'fulfilled' ? [each.value.ticketId] : [refusal(each.reason)],
    );
    expect(new Set(ids).size).toBe(1);
  }

  async function act(given: Act): Promise<void> {
    const ids = await ticketIds();
    // The newest few, so that some get far.
    const ticketId = ids.slice(-3)[given.ticket % Math.min(3, ids.length || 1)];
    if (!ticketId) return;
    const caller = PEOPLE[given.who % (given.shown ? AT_WORK : PEOPLE.length)]!;
    const view = await desk().reading.show(ticketId, PEOPLE[1]!);
    const mine = await desk()
      .reading.show(ticketId, caller)
      .catch(() => null);
    const from = given.shown && mine?.actions.length ? mine.actions : ACTIONS;
    const action = from[given.what % from.length]!;
    const input = inputFor(action, given.choice, view, ids, clock.now());
    if (input === null) return;
    const version = given.how === 'stale' ? view.version - 1 : view.version;
    const send = (which: number) =>
      desk(which).tickets.act(action, ticketId, version, input as ActionInput<TicketAction>, caller);
    const before = await snapshot(db());
    const both = Promise.allSettled([send(0), ...(given.how === 'twice' ? [send(1)] : [])]);
    if (given.how === 'killed') await kill();
    const results = await both;
    if (given.how === 'killed') await restart(0);
    const done = results.filter(({ status }) => status === 'fulfilled').length;
    for (const each of results)
      if (each.status === 'rejected' && given.how !== 'killed') refusal(each.reason);
    const row = await db()('tickets').where({ ticket_id: ticketId }).first();
    const rows = await db()('ticket_timeline').where({ ticket_id: ticketId }).count('* as n').first();
    const applied = row.version - view.version;
    // A connection may be cut after the commit: then it is done, though nobody was told.
    if (given.how !== 'killed') expect({ action, applied }).toEqual({ action, applied: done });
    expect(applied).toBeLessThanOrEqual(1);
    expect(Number(rows?.['n']) - view.timeline.length).toBe(applied);
    if (applied === 0) expect(await snapshot(db())).toBe(before);
  }

  /** Power is cut: every connection of the first service breaks in whatever it is doing. */
  async function kill(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const victims =
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
    await desk(1).db.raw(victims);
  }

  async function restart(which: number): Promise<void> {
    await desk(which).stop();
    desks[which] = newDesk();
  }

  async function run(given: Command): Promise<void> {
    switch (given.do) {
      case 'open':
        return open(given);
      case 'act':
        return act(given);
      case 'pass': {
        const later = new Date(clock.now().getTime() + given.minutes * 60_000);
        clock.set(later);
        return sweep();
      }
      case 'calendar': {
        const { version } = await desk().calendar.current();
        const day = shiftDay(clock.now().toISOString().slice(0, 10), given.inDays);
        const set = [{ day, working: given.working, name: '临时安排' }];
        const change = { version, reason: '通知', set, remove: [], declareYears: [] };
        await desk().calendar.change(change, person('administrator'));
        return;
      }
      case 'restart':
        return restart(given.which % desks.length);
      case 'emptyRedis':
        await redis.flushall();
    }
  }

  /** What was dispatched arrives once, although Redis is emptied while it is on its way and two services carry it. */
  async function deliver(): Promise<void> {
    const carriers = [newDesk(), newDesk()];
    for (const each of carriers) each.outboxJobs.start();
    await redis.flushall();
    await eventually(async () => {
      // A claim lapses by the clock.
      clock.set(new Date(clock.now().getTime() + 60_000));
      return (await desk().outbox.backlog(clock.now())).rows === 0;
    }, 30);
    await Promise.all(carriers.map((each) => each.stop()));
    const sent: string[] = await db()('outbox').where({ kind: 'ticketDispatched' }).pluck('outbox_id');
    const got: string[] = await db()('unit_inbox').where({ kind: 'dispatched' }).pluck('source_id');
    expect(got.sort()).toEqual(sent.sort());
  }

  test('no due date missed, no reminder twice, no update lost, every chain whole, every due date explained', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 340 }),
        fc.array(command, { minLength: 30, maxLength: 80 }),
        async (firstDay, commands) => {
          await emptied(db());
          await db().raw('delete from calendar_days; update calendar_state set version = version + 1');
          clock.set(cityInstant(shiftDay('2026-01-04', firstDay), '09:30'));
          for (const given of commands) {
            await run(given);
            expect(await faultsOf(desk())).toEqual([]);
          }
          await sweep();
          await deliver();
          expect(await faultsOf(desk())).toEqual([]);
        },
      ),
      {
        numRuns: Number(process.env.MODEL_RUNS ?? 10),
        ...(process.env.MODEL_SEED ? { seed: Number(process.env.MODEL_SEED) } : {}),
        endOnFailure: process.env.MODEL_SHRINK !== 'true',
      },
    );
  }, 3_600_000);
});

/** Whatever is refused is refused with a reason; anything else is a fault of ours. */
function refusal(reason: unknown): string {
  if (reason instanceof HotlineError) return reason.code;
  throw reason;
}

/** What an action needs, by chance; null where it can have nothing to name. */
function inputFor(
  action: TicketAction,
  choice: number,
  view: TicketView,
  ids: string[],
  now: Date,
): object | null {
  const unitId = UNITS[choice % UNITS.length]!;
  const others = UNITS.filter((each) => each !== unitId).slice(0, choice % 3);
  const yes = choice % 2 === 0;
  const inputs: Partial<Record<TicketAction, object>> = {
    amend: yes ? { urgency: 'urgent' } : { type: 'complaint', title: `改${choice}` },
    answer: { answer: '答复' },
    refuse: { kind: 'judicial', explanation: '解释', guidedTo: '人民法院' },
    dispatch: { unitId, assistingUnitIds: others, reason: '属地', final: choice % 5 === 0 },
    addAssistant: { unitIds: [unitId] },
    recall: { reason: '派错' },
    meet: { heldAt: now.toISOString(), unitIds: UNITS.slice(0, 2), decision: '议定' },
    askReturn: { reason: '不属本单位' },
    object: { reason: '仍不属本单位' },
    askExtension: { reason: '复杂', workingDays: 1 + (choice % 5) },
    decide: {
      requestId: view.requests.find(({ state }) => state === 'pending')?.requestId ?? 'none',
      granted: yes,
      words: '审核',
      ...(choice % 3 === 0 ? { workingDays: 8, overrideReason: '确有需要' } : {}),
    },
    giveOpinion: { opinion: '初步意见' },
    pause: { unitId, rule: 'appraisal' },
    resume: { unitId },
    reply: { handling: '处理', publicAnswer: '答复', solved: yes, unsolvedWhy: '原因' },
    sendBack: { reason: '重办', unitIds: yes ? [] : [unitId] },
    reopen: { reason: '不满意' },
    urge: { words: '催' },
    supplement: { words: '补充' },
    merge: { intoTicketId: ids[choice % ids.length] ?? 'none', reason: '重复' },
    unmerge: { reason: '并错' },
    markHard: { hard: yes, reason: '疑难' },
  };
  const parsed = ACTION_INPUT[action].safeParse(inputs[action] ?? {});
  return parsed.success ? parsed.data : null;
}
