import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  allowingForLoad,
  endStarts,
  processesNaming,
  start,
  startEnvironment,
} from '../support/start-command';
import { until } from '../support/until';

/** What the README promises; on an idle machine it takes about a third of that. */
const LATER_START_MS = 20_000;
const STOP_MS = 10_000;

describe('npm start', () => {
  let folder: string;
  let environment: Record<string, string>;
  beforeAll(async () => {
    environment = await startEnvironment();
    folder = environment.VAR_DIR ?? '';
  });
  afterEach(endStarts);
  const runFile = (): string => join(folder, 'run.json');

  it('says where everything is, keeps the service up, refuses a second start, leaves nothing behind', async () => {
    const mounts = readFileSync('/proc/mounts', 'utf8');
    const one = start(environment);
    const run = await one.ready();
    expect(statSync(runFile()).mode & 0o777).toBe(0o600);
    expect(Object.keys(run)).toEqual(['http', 'sip', 'ari', 'redis', 'postgres', 'accounts']);
    expect(run.sip).toEqual({ host: '127.0.0.1', port: Number(environment.SIP_PORT) });
    expect((await fetch(`${String(run.http!.url)}/healthz`)).status).toBe(200);

    const two = start(environment);
    expect(await two.ended).toBe(1);
    expect(two.output()).toContain('is running already');
    expect(two.output()).toContain(String(run.http!.url));

    const pids = readFileSync(join(folder, 'children'), 'utf8').trim().split('\n');
    process.kill(Number(pids.at(-1)!.split(' ')[0]), 'SIGKILL');
    await until(
      'the service is back',
      () => one.output().includes('the service is back'),
      30_000,
      one.output,
    );
    expect((await fetch(`${String(run.http!.url)}/healthz`)).status).toBe(200);

    const asked = Date.now();
    // To npm itself, as whoever started it in the background would.
    one.process.kill('SIGTERM');
    await one.ended;
    await until('nothing is left', () => processesNaming(folder).length === 0, STOP_MS, one.output);
    expect(Date.now() - asked).toBeLessThan(STOP_MS);
    expect(existsSync(runFile())).toBe(false);
    expect(processesNaming(folder)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).toBe(mounts);
  }, 150_000);

  it('starts again after kill -9, whose children die with it, and with the same accounts', async () => {
    const one = start(environment, true);
    const before = await one.ready();
    one.process.kill('SIGKILL');
    await one.ended;
    await until(
      'its children are gone',
      () => processesNaming(folder).length === 0,
      10_000,
      () => processesNaming(folder).join('\n'),
    );
    const began = Date.now();
    const two = start(environment, true);
    await until('the second is ready', () => two.output().includes('ready'), 60_000, two.output);
    expect(Date.now() - began).toBeLessThan(allowingForLoad(LATER_START_MS));
    expect(JSON.parse(readFileSync(runFile(), 'utf8'))).toMatchObject({ accounts: before.accounts });
    two.process.kill('SIGINT');
    expect(await two.ended).toBe(0);
    expect(processesNaming(folder)).toEqual([]);
  }, 150_000);

  it('stops in the middle of a start, too, and leaves nothing behind', async () => {
    const mounts = readFileSync('/proc/mounts', 'utf8');
    const one = start(environment, true);
    await until('Asterisk starts', () => one.output().includes('starting Asterisk'), 30_000, one.output);
    const asked = Date.now();
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(Date.now() - asked).toBeLessThan(STOP_MS);
    expect(processesNaming(folder)).toEqual([]);
    expect(existsSync(runFile())).toBe(false);
    expect(readFileSync('/proc/mounts', 'utf8')).toBe(mounts);
  }, 60_000);

  it('names a taken port and the setting that moves it', async () => {
    const squatter = createServer().listen(Number(environment.REDIS_PORT), '127.0.0.1');
    await new Promise((done) => squatter.once('listening', done));
    const one = start(environment);
    expect(await one.ended).toBe(1);
    expect(one.output()).toContain(`Port ${environment.REDIS_PORT}/tcp`);
    expect(one.output()).toContain('REDIS_PORT=');
    expect(existsSync(join(folder, 'start.lock'))).toBe(false);
    squatter.close();
  }, 30_000);

  it('tells every faulty setting', async () => {
    const one = start({ ...environment, SIP_PORT: '70000', TRUNK_ADDRESSES: 'x;y' });
    expect(await one.ended).toBe(1);
    expect(one.output()).toMatch(/SIP_PORT[\s\S]*TRUNK_ADDRESSES/);
  }, 30_000);
});
