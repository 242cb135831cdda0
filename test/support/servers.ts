import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/db/migrate';
import { openPostgres } from '../../src/platform/postgres';
import {
  consoleCommand,
  startAsterisk,
  type RunningAsterisk,
} from '../../src/runtime/asterisk-server.service';
import type { AsteriskSettings } from '../../src/runtime/asterisk-folder.service';
import { Child } from '../../src/runtime/child.service';
import { freePort, freeRtpBlock, RTP_PORTS_EACH } from '../../src/runtime/free-port.service';
import { PROJECT, waitUntil } from '../../src/runtime/machine.service';
import { startPostgres } from '../../src/runtime/postgres-server.service';
import { startRedis } from '../../src/runtime/redis-server.service';
import type { TestServers } from '../../src/runtime/test-run.service';

let servers: TestServers | undefined;

/** The servers of this test run, shared by all tests: use names of your own in them, never empty them. */
export function testServers(): TestServers {
  const file = process.env.HOTLINE_TEST_SERVERS;
  if (!file) throw new Error('This test needs servers: run it with "npm test -- <path>".');
  servers ??= JSON.parse(readFileSync(file, 'utf8')) as TestServers;
  return servers;
}

/** A folder of this test run, made for one test; removed with the run. */
export function testFolder(name: string): string {
  const folder = join(testServers().folder, `${name}-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

const TEMPLATE = 'hotline_template';

/** Makes the migrated template once per run; the advisory lock keeps two workers from doing it at once. */
async function ensureTemplate(client: Client, adminUrl: string): Promise<void> {
  await client.query('select pg_advisory_lock(12345)');
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
    if (found.rowCount) return;
    await client.query('create database hotline_template_making');
    const db = openPostgres(databaseUrl(adminUrl, 'hotline_template_making'), 2);
    try {
      await migrate(db);
    } catch (fault) {
      await db.destroy();
      await client.query('drop database hotline_template_making with (force)');
      throw fault;
    }
    await db.destroy();
    await client.query(`alter database hotline_template_making rename to ${TEMPLATE}`);
  } finally {
    await client.query('select pg_advisory_unlock(12345)');
  }
}

function databaseUrl(url: string, name: string): string {
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.toString();
}

async function withAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: testServers().postgresUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A new, migrated, empty database on the shared PostgreSQL. */
export async function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = testServers().postgresUrl;
  await withAdmin(async (client) => {
    await ensureTemplate(client, url);
    await client.query('select pg_advisory_lock(12346)');
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  return {
    url: databaseUrl(url, name),
    drop: () =>
      withAdmin(async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}

/** A server of one test's own: it may be emptied, killed and started again (on the same port, with the same data). */
export interface OwnServer {
  url: string;
  /** SIGKILL, as a power cut. */
  kill(): Promise<void>;
  /** Orderly stop that may be followed by restart(). */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** Stops answering without closing anything; thaw() goes on. */
  freeze(): void;
  thaw(): void;
}

function own(url: string, start: () => Promise<Child>, first: Child): OwnServer {
  let child = first;
  return {
    url,
    kill: () => child.kill(),
    stop: () => child.stop(),
    restart: async () => {
      if (child.running) await child.stop();
      child = await start();
    },
    freeze: () => child.signal('SIGSTOP'),
    thaw: () => child.signal('SIGCONT'),
  };
}

/** A Redis of the test's own: FLUSHALL is safe. Keeps its data over stop() and restart() when `durable`. */
export async function freshRedis(options: { durable?: boolean } = {}): Promise<OwnServer> {
  const folder = testFolder('redis');
  const port = await freePort();
  const logFile = join(folder, 'redis.log');
  const start = () =>
    startRedis(testServers().programs.redis, {
      folder,
      port,
      password: '',
      logFile,
      throwAway: !options.durable,
    });
  const { child, url } = await start();
  return own(url, async () => (await start()).child, child);
}

/** A migrated PostgreSQL of the test's own, to be stopped and started again. */
export async function ownPostgres(): Promise<OwnServer> {
  const folder = testFolder('postgres');
  const port = await freePort();
  const logFile = join(folder, 'postgres.log');
  const start = () =>
    startPostgres(testServers().programs.postgres, {
      folder,
      port,
      password: 'test',
      logFile,
      throwAway: true,
    });
  const { child, url } = await start();
  const db = openPostgres(url, 2);
  await migrate(db);
  await db.destroy();
  return own(url, async () => (await start()).child, child);
}

export interface OwnAsterisk extends Omit<RunningAsterisk, 'child'>, Omit<OwnServer, 'url'> {
  /** Where calls by the trunk go: host and port. */
  trunkHost: string;
  /** Runs a console command and gives what it prints. */
  console(command: string): string;
}

/** An Asterisk of the test's own, with its own ports; `settings` overrides what asterisk-config/local gets. */
export async function ownAsterisk(settings: Partial<AsteriskSettings> = {}): Promise<OwnAsterisk> {
  const folder = testFolder('asterisk');
  const rtpStart = await freeRtpBlock();
  const whole: AsteriskSettings = {
    folder,
    ariPort: await freePort(),
    ariPassword: 'test',
    sipHost: '127.0.0.1',
    sipPort: await freePort(),
    rtpStart,
    rtpEnd: rtpStart + RTP_PORTS_EACH - 1,
    app: 'hotline',
    trunkAddresses: ['127.0.0.1'],
    trunkHost: `127.0.0.1:${await freePort()}`,
    ...settings,
  };
  const place = testServers().programs.asterisk;
  const start = () => startAsterisk(place, whole, join(folder, 'asterisk.log'));
  const { child, ...address } = await start();
  const server = own(address.ariUrl, async () => (await start()).child, child);
  const { url: _url, ...moves } = server;
  const { trunkHost } = whole;
  return {
    ...address,
    ...moves,
    trunkHost,
    console: (command) => asteriskConsole(command, address.configFile),
  };
}

/** Runs a console command on a running Asterisk of this test run (the shared one by default) and gives what it prints. */
export function asteriskConsole(command: string, configFile = testServers().asterisk.configFile): string {
  const run = consoleCommand(testServers().programs.asterisk, join(configFile, '../..'), command);
  return spawnSync(run.command, run.args, { encoding: 'utf8', cwd: '/' }).stdout;
}

export interface Service {
  url: string;
  port: number;
  /** SIGKILL. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  running(): boolean;
  /** Everything it has printed. */
  logs(): string;
}

/** Whether the address answers 200, with whatever certificate. */
function answersSecurely(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { rejectUnauthorized: false, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode === 200);
    }).on('error', reject);
  });
}

/**
 * Runs src/main.ts as a process of its own and waits until it is ready.
 *
 * @param env settings of src/config.ts; addresses of the shared servers are the defaults
 */
export async function startService(env: Record<string, string> = {}): Promise<Service> {
  const shared = testServers();
  const folder = testFolder('service');
  const port = env.HTTP_PORT ? Number(env.HTTP_PORT) : await freePort();
  const logFile = join(folder, 'service.log');
  const whole: Record<string, string | undefined> = {
    ...process.env,
    POSTGRES_URL: shared.postgresUrl,
    REDIS_URL: shared.redisUrl,
    ARI_URL: shared.asterisk.ariUrl,
    ARI_USERNAME: shared.asterisk.ariUsername,
    ARI_PASSWORD: shared.asterisk.ariPassword,
    PHONE_WS_URL: shared.asterisk.phoneWsUrl,
    FFMPEG: shared.ffmpeg,
    LETTER_FONT: shared.letterFont,
    HTTP_PORT: String(port),
    VAR_DIR: folder,
    ...env,
  };
  // Dies with this process, should that be killed.
  const guarded = [
    '--pdeathsig',
    'KILL',
    '--',
    process.execPath,
    ...(process.env.NODE_FLAGS?.split(' ') ?? []),
    '--import',
    'tsx',
    join(PROJECT, 'src/main.ts'),
  ];
  const child = new Child('setpriv', guarded, {
    logFile,
    env: whole,
    cwd: PROJECT,
  });
  const secure = whole.TLS && whole.TLS !== 'off';
  const url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
  const healthy = async (): Promise<boolean> => {
    return secure ? answersSecurely(`${url}/healthz`) : (await fetch(`${url}/healthz`)).ok;
  };
  try {
    await waitUntil('The service did not become ready', healthy, 40_000, { gaveUp: () => child.obituary() });
  } catch (fault) {
    await child.kill();
    throw new Error(`${(fault as Error).message}\n${child.lastLines(30)}`, { cause: fault });
  }
  return {
    url,
    port,
    kill9: () => child.kill(),
    stop: () => child.stop(10_000),
    running: () => child.running,
    logs: () => readFileSync(logFile, 'utf8'),
  };
}
