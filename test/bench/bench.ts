import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { seedDemoCity } from '../../src/db/seeds/demo/city';
import { systemClock } from '../../src/platform/clock';
import { openPostgres } from '../../src/platform/postgres';
import { Sessions } from '../../src/platform/sessions';
import { SessionStore } from '../../src/platform/sessions.store';
import { freePort } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { privateRoot } from '../../src/runtime/private-root.service';
import { findServer, writeWrapper } from '../../src/runtime/programs.service';
import { DeskClient } from '../support/desk-client';
import { freshRedis, ownAsterisk, ownPostgres, startService } from '../support/servers';
import type { SipMessage } from '../support/sip-process';
import { registerScenario } from '../support/sip-scenarios';
import { until } from '../support/until';
import { bareApp } from './bare-app';
import { rounded, spread, table, type Spread } from './figures';
import { callersScenario, phonesScenario, runSipp } from './sipp-run';

/** Enough for 20 calls per second of less than a second each. */
const SEATS = 30;
const TALK_MS = 250;
const RATES = [
  { perSecond: 5, calls: 30 },
  { perSecond: 20, calls: 75 },
];
const WARM_UP = 60;
/** Calls measured for each of the two at each rate, so that a 99th percentile means something. */
const CALLS = Number(process.env.BENCH_CALLS ?? 300);

/** The extension of each agent's phone; the switch calls it `seat-…`. */
const accountOf = (number: number): string => String(8160 + number);

/** `floor`: an ARI application that does nothing but ring and join. */
type Way = 'hotline' | 'queue' | 'floor';
const WAYS: Way[] = ['hotline', 'queue', 'floor'];
const DIALLED: Record<Way, string> = { hotline: '12345', queue: '99001', floor: '99002' };

const say = (line: string): void => console.log(`[bench] ${line}`);

/**
 * `npm run bench`: how long from a citizen's INVITE to the seat's INVITE, and to the pop on the desk, compared with
 * Asterisk's own Queue() on the same switch, in alternating rounds of one run. Instants are SIPp's own, and for the pop
 * the desk client's, on one clock.
 */
export async function main(): Promise<void> {
  const folder = join(PROJECT, 'var', `bench-${process.pid}`);
  const ends: (() => Promise<unknown> | unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await Promise.resolve(end()).catch?.(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop().finally(() => process.exit(1)));
  try {
    const bench = await set(folder, ends);
    await run(bench);
  } catch (fault) {
    console.error(fault);
    process.exitCode = 1;
  } finally {
    await stop();
  }
  process.exit();
}

interface Bench {
  folder: string;
  sipp: string;
  at: { host: string; port: number };
  desks: DeskClient[];
  phones: { messages: Promise<SipMessage[]>; stop(): void };
}

/** Servers, service, agents at their desks, phones of both kinds on one SIPp. */
async function set(folder: string, ends: (() => Promise<unknown> | unknown)[]): Promise<Bench> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const programs = {
    asterisk: await findServer('asterisk', say),
    redis: await findServer('redis', say),
    postgres: await findServer('postgres', say),
  };
  const tools = await privateRoot('tools', say);
  const sipp = writeWrapper(join(folder, 'sipp'), { root: tools, file: '/usr/bin/sipp', version: 0 }, [
    PROJECT,
    '/tmp',
  ]);
  const nowhere = {
    ariUrl: '',
    ariUsername: '',
    ariPassword: '',
    phoneWsUrl: '',
    sipHost: '',
    sipPort: 0,
    configFile: '',
  };
  const known = { folder, postgresUrl: '', redisUrl: '', asterisk: nowhere, sipp, chromium: '', programs };
  writeFileSync(join(folder, 'servers.json'), JSON.stringify(known), { mode: 0o600 });
  process.env.HOTLINE_TEST_SERVERS = join(folder, 'servers.json');

  const phonePort = await freePort();
  // The very phones that the hotline rings: accounts in Asterisk's memory, registered contacts.
  const members = Array.from({ length: SEATS }, (_, index) => `seat-${accountOf(index + 1)}`);
  say('starting Asterisk, Redis, PostgreSQL');
  const [asterisk, redis, postgres] = await Promise.all([
    ownAsterisk({
      extraDialplan: '#include dialplans/bench.conf\n',
      extraQueues: `[bench]\nstrategy=rrmemory\ntimeout=10\nretry=1\nringinuse=no\nautofill=yes\nwrapuptime=0\n${members
        .map((name) => `member => PJSIP/${name}\n`)
        .join('')}`,
    }),
    freshRedis(),
    ownPostgres(),
  ]);
  ends.push(
    () => asterisk.stop(),
    () => redis.stop(),
    () => postgres.stop(),
  );
  const at = { host: asterisk.sipHost, port: asterisk.sipPort };
  const desks = await agents(postgres.url);
  const service = await startService({
    POSTGRES_URL: postgres.url,
    REDIS_URL: redis.url,
    ARI_URL: asterisk.ariUrl,
    ARI_USERNAME: asterisk.ariUsername,
    ARI_PASSWORD: asterisk.ariPassword,
    PHONE_WS_URL: asterisk.phoneWsUrl,
    GREETING: 'false',
    RECORDED_NOTICE: 'false',
    WRAP_UP_SECONDS: '0',
    RONA_BACK_SECONDS: '1',
    LOG_LEVEL: 'warn',
    ...(process.env.BENCH_LINK ? { ARI_LINK: process.env.BENCH_LINK } : {}),
  });
  ends.push(() => service.stop());
  const endBare = await bareApp({
    url: asterisk.ariUrl,
    username: asterisk.ariUsername,
    password: asterisk.ariPassword,
    app: 'bare',
    phones: members.map((name) => `PJSIP/${name}`),
  });
  ends.push(endBare);
  await until('the service is ready', async () => (await fetch(`${service.url}/readyz`)).ok, 15_000);
  const fields: string[] = [];
  for (const desk of desks) {
    desk.url = service.url;
    const { phone } = await desk.takeSeat();
    fields.push(`${phone.account};${phone.secret}`);
    await desk.connect();
  }
  ends.push(() => desks.forEach((desk) => desk.disconnect()));
  const register = registerScenario(3600).toString('latin1');
  const args = ['-m', String(fields.length), '-r', '50', '-timeout', '10s'];
  await runSipp({
    sipp,
    folder: join(folder, 'register'),
    scenario: register,
    to: at,
    port: phonePort,
    fields,
    args,
  }).messages;
  const phones = runSipp({
    sipp,
    folder: join(folder, 'phones'),
    scenario: phonesScenario(),
    to: at,
    port: phonePort,
  });
  ends.push(() => phones.stop());
  for (const desk of desks) {
    await until('the phones are reachable', async () => (await desk.seat())?.phoneReachable, 8000);
    await desk.ready();
  }
  return { folder, sipp, at, desks, phones };
}

/** More agents than the demo city has, each with a session. */
async function agents(url: string): Promise<DeskClient[]> {
  const db = openPostgres(url, 2);
  await seedDemoCity(db, { passwords: {} });
  const log = pino({ level: 'silent' });
  const sessions = new Sessions({ store: new SessionStore(db), clock: systemClock, log, sessionHours: 1 });
  const desks: DeskClient[] = [];
  for (let number = 1; number <= SEATS; number++) {
    const person = {
      personId: `bench${number}`,
      name: `坐席${number}`,
      role: 'agent',
      unitId: null,
    } as const;
    await db('people').insert({
      person_id: person.personId,
      sign_in_name: person.personId,
      name: person.name,
      role: person.role,
      skills: ['general'],
      account: accountOf(number),
      password_hash: 'none',
      created_at: new Date(),
    });
    const session = await sessions.open(person);
    desks.push(new DeskClient('', person.personId, '').useSession(session, person.personId));
  }
  await db.destroy();
  return desks;
}

interface Made {
  way: Way;
  perSecond: number;
  /** Last four digits of the caller's number: unique in a run. */
  mark: string;
  inviteAt: number;
}

async function run(bench: Bench): Promise<void> {
  const made: Made[] = [];
  let next = 0;
  const round = async (way: Way, perSecond: number, calls: number): Promise<Made[]> => {
    const marks = Array.from({ length: calls }, () => String(next++).padStart(4, '0'));
    const { messages } = runSipp({
      sipp: bench.sipp,
      folder: join(bench.folder, `round-${next}`),
      scenario: callersScenario(TALK_MS),
      to: bench.at,
      port: await freePort(),
      fields: marks.map((mark) => `${DIALLED[way]};1380000${mark}`),
      args: ['-m', String(calls), '-r', String(perSecond), '-timeout', '60s'],
    });
    const invites = new Map<string, number>();
    for (const message of await messages)
      if (message.sent && message.method === 'INVITE' && !invites.has(markOf(message.text)))
        invites.set(markOf(message.text), message.at);
    // The seats come to rest between the rounds.
    await new Promise((done) => setTimeout(done, 500));
    return marks.flatMap((mark) => {
      const inviteAt = invites.get(mark);
      return inviteAt === undefined ? [] : [{ way, perSecond, mark, inviteAt }];
    });
  };
  say('warming up');
  for (const way of WAYS) await round(way, 20, WARM_UP);
  for (const { perSecond, calls } of RATES) {
    const rounds = Math.ceil(CALLS / calls);
    for (let number = 1; number <= rounds; number++) {
      // Each goes first in turn.
      const ways = WAYS.map((_, index) => WAYS[(index + number) % WAYS.length]!);
      for (const way of ways) made.push(...(await round(way, perSecond, calls)));
      say(`${perSecond} calls/s: round ${number} of ${rounds}`);
    }
  }
  bench.phones.stop();
  const rings = new Map<string, number>();
  for (const message of await bench.phones.messages)
    if (!message.sent && message.method === 'INVITE' && !rings.has(markOf(message.text)))
      rings.set(markOf(message.text), message.at);
  const pops = new Map<string, number>();
  for (const entry of bench.desks.flatMap((desk) => desk.feed))
    if (entry.kind === 'call' && entry.call.stage === 'ringing')
      pops.set(entry.call.caller.masked.slice(-4), entry.receivedAt);
  if (process.env.BENCH_RAW)
    writeFileSync(
      process.env.BENCH_RAW,
      JSON.stringify(
        made.map((call) => ({ ...call, ringAt: rings.get(call.mark), popAt: pops.get(call.mark) })),
      ),
    );
  report(made, rings, pops);
}

/** The last four digits of the number in From, which our service leaves when it masks the rest. */
function markOf(invite: string): string {
  return /^From:[^\r\n]*sip:[0-9*]*([0-9]{4})@/im.exec(invite)?.[1] ?? '';
}

function report(made: Made[], rings: ReadonlyMap<string, number>, pops: ReadonlyMap<string, number>): void {
  const ring = (way: Way, perSecond: number): Spread =>
    spread(
      made
        .filter((call) => call.way === way && call.perSecond === perSecond && rings.has(call.mark))
        .map(({ mark, inviteAt }) => (rings.get(mark) ?? 0) - inviteAt),
    );
  const pop = (perSecond: number, from: (call: Made) => number): Spread =>
    spread(
      made
        .filter(
          (call) =>
            call.way === 'hotline' &&
            call.perSecond === perSecond &&
            pops.has(call.mark) &&
            rings.has(call.mark),
        )
        .map((call) => (pops.get(call.mark) ?? 0) - from(call)),
    );
  const lost = made.filter((call) => !rings.has(call.mark)).length;
  const rows = RATES.flatMap(({ perSecond }) => {
    const [ours, queues] = [ring('hotline', perSecond), ring('queue', perSecond)];
    const afterRing = pop(perSecond, (call) => rings.get(call.mark) ?? 0);
    const afterInvite = pop(perSecond, (call) => call.inviteAt);
    const row = (name: string, { count, p50, p90, p99 }: Spread) => [name, String(count), p50, p90, p99];
    return [
      row(`INVITE to seat, hotline, ${perSecond}/s`, ours),
      row(`INVITE to seat, Queue(), ${perSecond}/s`, queues),
      row(`INVITE to seat, bare ARI, ${perSecond}/s`, ring('floor', perSecond)),
      row(`INVITE to pop, hotline, ${perSecond}/s`, afterInvite),
      row(`seat's INVITE to pop, ${perSecond}/s`, afterRing),
    ];
  });
  console.log(table(['ms', 'calls', 'p50', 'p90', 'p99'], rows));
  if (lost) console.log(`${lost} calls of ${made.length} rang no seat`);
  const compared = (perSecond: number) => {
    const [ours, queues, floor] = WAYS.map((way) => ring(way, perSecond)) as [Spread, Spread, Spread];
    return {
      p50Ms: rounded(ours.p50),
      p99Ms: rounded(ours.p99),
      queueP50Ms: rounded(queues.p50),
      queueP99Ms: rounded(queues.p99),
      ratioP50: rounded(ours.p50 / queues.p50),
      ratioP99: rounded(ours.p99 / queues.p99),
      floorP50Ms: rounded(floor.p50),
      floorP99Ms: rounded(floor.p99),
      ratioToFloorP50: rounded(ours.p50 / floor.p50),
      ratioToFloorP99: rounded(ours.p99 / floor.p99),
    };
  };
  const afterRing = pop(5, (call) => rings.get(call.mark) ?? 0);
  const afterInvite = pop(5, (call) => call.inviteAt);
  console.log(
    JSON.stringify({
      ring: compared(5),
      pop: {
        p50Ms: rounded(afterInvite.p50),
        p99Ms: rounded(afterInvite.p99),
        afterPhoneP50Ms: rounded(afterRing.p50),
        afterPhoneP99Ms: rounded(afterRing.p99),
      },
      ringAt20: compared(20),
      lost,
    }),
  );
}
