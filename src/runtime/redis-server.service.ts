import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Child } from './child.service';
import { waitUntil } from './machine.service';
import { commandOf, type Place } from './programs.service';
import type { RunningServer } from './postgres-server.service';

export interface RedisOptions {
  folder: string;
  port: number;
  /** Empty for none. */
  password: string;
  logFile: string;
  /** Keep nothing on disk. */
  throwAway?: boolean;
}

/** Starts Redis on loopback. Resolves when it answers. */
export async function startRedis(place: Place, options: RedisOptions): Promise<RunningServer> {
  const folder = join(options.folder, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const settings = [
    `port ${options.port}`,
    'bind 127.0.0.1',
    `dir "${folder}"`,
    // BullMQ and the journal must never be evicted.
    'maxmemory-policy noeviction',
    ...(options.throwAway ? ['save ""', 'appendonly no'] : ['appendonly yes', 'appendfsync everysec']),
    ...(options.password ? [`requirepass ${options.password}`] : []),
  ];
  const file = join(folder, 'redis.conf');
  writeFileSync(file, `${settings.join('\n')}\n`, { mode: 0o600 });
  const run = commandOf(place, { args: [file], dieWith: 'TERM', folders: [folder] });
  const child = new Child(run.command, run.args, { logFile: options.logFile });
  const secret = options.password ? `:${options.password}@` : '';
  const url = `redis://${secret}127.0.0.1:${options.port}`;
  try {
    await waitUntil('Redis did not start', () => answers(url), 30_000, {
      everyMs: 50,
      gaveUp: () => child.obituary(),
    });
  } catch (fault) {
    await child.stop();
    throw fault;
  }
  return { child, url };
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
