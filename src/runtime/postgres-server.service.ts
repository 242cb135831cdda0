import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, dirname } from 'node:path';
import { Client } from 'pg';
import { Child } from './child.service';
import { isRoot, RuntimeFault, waitUntil } from './machine.service';
import { commandOf, postgresUser, type Place } from './programs.service';

export interface PostgresOptions {
  /** Its own folder; made when missing. Data of each major version apart. */
  folder: string;
  port: number;
  password: string;
  logFile: string;
  /** Give durability up for speed: throw-away data only. */
  throwAway?: boolean;
}

export interface RunningServer {
  child: Child;
  url: string;
}

const INSIDE = '/var/lib/postgresql/hotline';

/** Starts PostgreSQL on loopback (its cluster made first when missing) with the database `hotline`. Resolves when it answers. */
export async function startPostgres(place: Place, options: PostgresOptions): Promise<RunningServer> {
  const folder = join(options.folder, `postgres-${place.version}`);
  const seen = place.root ? INSIDE : folder;
  const user = isRoot() ? postgresUser(place.root) : null;
  makeCluster(place, options, folder, seen, user);
  const settings = [
    `port=${options.port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'password_encryption=scram-sha-256',
    ...(options.throwAway
      ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=64MB']
      : []),
  ];
  const run = commandOf(place, {
    args: ['-D', `${seen}/cluster`, ...settings.flatMap((setting) => ['-c', setting])],
    user: user?.name,
    dieWith: 'INT',
    folders: [`${folder}=${INSIDE}`],
  });
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
  const child = new Child(run.command, run.args, {
    logFile: options.logFile,
    stopSignal: 'SIGINT',
    cwd: '/',
  });
  const url = (database: string): string =>
    `postgres://hotline:${options.password}@127.0.0.1:${options.port}/${database}`;
  try {
    await waitUntil('PostgreSQL did not start', () => answers(url('postgres')), 60_000, {
      gaveUp: () => child.obituary(),
    });
    await makeDatabase(url('postgres'), 'hotline');
  } catch (fault) {
    await child.stop();
    throw fault;
  }
  return { child, url: url('hotline') };
}

function makeCluster(
  place: Place,
  options: PostgresOptions,
  folder: string,
  seen: string,
  user: { name: string; uid: number; gid: number } | null,
): void {
  const done = join(folder, 'complete');
  if (existsSync(done)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  const initdb: Place = { ...place, file: join(dirname(place.file), 'initdb') };
  const wanted = [
    '--username=hotline',
    `--pwfile=${seen}/password`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
  ];
  const run = commandOf(initdb, {
    args: ['-D', `${seen}/cluster`, ...wanted, ...(options.throwAway ? ['--no-sync'] : [])],
    user: user?.name,
    folders: [`${folder}=${INSIDE}`],
  });
  spawnSync('rm', ['-rf', join(folder, 'cluster')]);
  const result = spawnSync(run.command, run.args, { encoding: 'utf8', cwd: '/' });
  if (result.status !== 0) throw new RuntimeFault(`initdb failed:\n${result.stdout}${result.stderr}`);
  spawnSync('rm', ['-f', passwordFile]);
  writeFileSync(done, '');
}

/** Whether a query is answered. A wrong password is told at once: waiting does not help. */
async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function makeDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
}
