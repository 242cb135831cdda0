import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import Redis from 'ioredis';
import { findServer, writeWrapper } from '../../src/runtime/programs.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { freshDatabase, freshRedis, ownAsterisk, testFolder, testServers } from '../support/servers';
import { callCitizen } from '../support/sip-caller';
import { stopSipp } from '../support/sip-process';
import { endStarts, processesNaming, start, startEnvironment } from '../support/start-command';
import { until } from '../support/until';

const ends: (() => Promise<unknown>)[] = [];
afterEach(endStarts);
afterAll(async () => {
  await stopSipp();
  for (const end of ends.reverse()) await end();
}, 30_000);

describe('npm start with servers that are there already', () => {
  it('uses the addresses it is given, starts only the service, and leaves those servers alone', async () => {
    const [database, redis, asterisk] = await Promise.all([freshDatabase(), freshRedis(), ownAsterisk()]);
    ends.push(database.drop, redis.stop, asterisk.stop);
    const environment = {
      ...(await startEnvironment()),
      POSTGRES_URL: database.url,
      REDIS_URL: redis.url,
      ARI_URL: asterisk.ariUrl,
      ARI_USERNAME: asterisk.ariUsername,
      ARI_PASSWORD: asterisk.ariPassword,
      SIP_PORT: String(asterisk.sipPort),
    };
    const one = start(environment, true);
    const run = await one.ready();
    expect(run).toMatchObject({
      postgres: { url: database.url },
      redis: { url: redis.url },
      ari: { url: asterisk.ariUrl, phoneWsUrl: asterisk.phoneWsUrl },
      sip: { host: '127.0.0.1', port: asterisk.sipPort },
    });
    expect(one.output()).not.toMatch(/starting (PostgreSQL|Redis|Asterisk)/);
    expect(readFileSync(join(environment.VAR_DIR, 'children'), 'utf8').trim().split('\n')).toHaveLength(1);
    await until('it commands the switch', async () => (await fetch(`${String(run.http?.url)}/readyz`)).ok);
    const call = await callCitizen({ at: { host: asterisk.sipHost, port: asterisk.sipPort } });
    await call.answered();
    await until('the notice is heard', () => call.audio.count('other') > 20);
    await call.hangUp();
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(processesNaming(environment.VAR_DIR)).toEqual([]);
    const client = new Redis(redis.url);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    expect(asterisk.console('core show uptime')).toContain('uptime');
  }, 90_000);

  it('says what is missing beside an address', async () => {
    const one = start({ ...(await startEnvironment()), ARI_URL: 'http://127.0.0.1:9', ARI_PASSWORD: '' });
    expect(await one.ended).toBe(1);
    expect(one.output()).toContain('ARI_PASSWORD');
    expect(one.output()).not.toContain('starting');
  }, 30_000);

  it('takes a suitable one on the PATH', async () => {
    const bin = testFolder('bin');
    const { redis } = testServers().programs;
    writeWrapper(join(bin, 'redis-server'), redis, [PROJECT, '/tmp']);
    const database = await freshDatabase();
    ends.push(database.drop);
    const environment = {
      ...(await startEnvironment()),
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      POSTGRES_URL: database.url,
      SWITCH: 'simulated',
    };
    const one = start(environment, true);
    const run = await one.ready();
    expect(one.output()).toContain(`starting Redis ${redis.version} from ${join(bin, 'redis-server')}`);
    const client = new Redis(String(run.redis?.url));
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(processesNaming(environment.VAR_DIR)).toEqual([]);
  }, 90_000);
});

describe('which server on the PATH will do', () => {
  const before = { ...process.env };
  const said: string[] = [];
  afterEach(() => {
    jest.restoreAllMocks();
    Object.assign(process.env, before);
    if (before.XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  });

  /** Programs that only say their version, and nothing else to fall back to. */
  function onlyThese(programs: Record<string, string>): void {
    const bin = join(testFolder('bin'), 'bin');
    mkdirSync(bin);
    for (const [name, version] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\necho '${version}'\n`);
      chmodSync(join(bin, name), 0o755);
    }
    process.env.PATH = `${bin}${delimiter}${before.PATH}`;
    process.env.XDG_CACHE_HOME = bin;
    jest.spyOn(process, 'getuid').mockReturnValue(1000);
    said.length = 0;
  }
  const found = (name: 'asterisk' | 'redis' | 'postgres') =>
    findServer(name, (line) => said.push(line)).then(
      ({ root, version }) => ({ root, version }),
      () => said.join(),
    );

  it.each([
    ['redis', { 'redis-server': 'Redis server v=7.2.4 sha=0' }, { root: null, version: 7 }],
    ['redis', { 'redis-server': 'Redis server v=5.0.1 sha=0' }, /is not used: version 5.0 is older than 6.2/],
    ['redis', { 'redis-server': 'hello' }, /is not used: its version cannot be read/],
    ['postgres', { postgres: 'postgres (PostgreSQL) 16.2', initdb: '' }, { root: null, version: 16 }],
    ['postgres', { postgres: 'postgres (PostgreSQL) 16.2' }, /is not used: there is no initdb beside it/],
    ['asterisk', { asterisk: 'Asterisk 18.2.0' }, /is not used: version 18.2 is older than 20.0/],
  ] as const)('%s: %j', async (name, programs, expected) => {
    onlyThese(programs);
    if (expected instanceof RegExp) expect(await found(name)).toMatch(expected);
    else expect(await found(name)).toEqual(expected);
  });
});
