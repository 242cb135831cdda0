import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort, freeRtpBlock } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { testFolder } from '../support/servers';

interface Start {
  process: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

/** `npm start` with ports and a folder of its own. */
function start(environment: Record<string, string>): Start {
  const child = spawn(process.execPath, ['src/runtime/bootstrap.mjs', 'start'], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  return {
    process: child,
    output: () => text,
    ended: new Promise((done) => child.once('close', (code) => done(code))),
  };
}

async function until(what: () => boolean, limitMs: number, explain: () => string): Promise<void> {
  const end = Date.now() + limitMs;
  while (!what()) {
    if (Date.now() > end) throw new Error(`not in time:\n${explain()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Living processes whose command line or environment-given folder names `word`; zombies have neither. */
function processesNaming(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0/g, ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
        return line.includes(word) || environment.includes(word) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

describe('npm start', () => {
  let folder: string;
  let environment: Record<string, string>;
  beforeAll(async () => {
    folder = testFolder('start');
    const rtp = await freeRtpBlock();
    environment = {
      VAR_DIR: folder,
      HTTP_PORT: String(await freePort()),
      SIP_PORT: String(await freePort()),
      ARI_PORT: String(await freePort()),
      REDIS_PORT: String(await freePort()),
      POSTGRES_PORT: String(await freePort()),
      RTP_START: String(rtp),
      RTP_END: String(rtp + 99),
    };
  });
  const runFile = (): string => join(folder, 'run.json');
  const ready = (one: Start): Promise<void> => until(() => existsSync(runFile()), 60_000, one.output);

  it('says where everything is, keeps the service up, refuses a second start, leaves nothing behind', async () => {
    const mounts = readFileSync('/proc/mounts', 'utf8');
    const one = start(environment);
    await ready(one);
    expect(statSync(runFile()).mode & 0o777).toBe(0o600);
    const run = JSON.parse(readFileSync(runFile(), 'utf8')) as Record<string, Record<string, unknown>>;
    expect(Object.keys(run)).toEqual(['http', 'sip', 'ari', 'redis', 'postgres', 'accounts']);
    expect(run.sip).toEqual({ host: '127.0.0.1', port: Number(environment.SIP_PORT) });
    expect((await fetch(`${String(run.http!.url)}/healthz`)).status).toBe(200);

    const two = start(environment);
    expect(await two.ended).toBe(1);
    expect(two.output()).toContain('is running already');
    expect(two.output()).toContain(String(run.http!.url));

    const pids = readFileSync(join(folder, 'children'), 'utf8').trim().split('\n');
    process.kill(Number(pids.at(-1)!.split(' ')[0]), 'SIGKILL');
    await until(() => one.output().includes('the service is back'), 30_000, one.output);
    expect((await fetch(`${String(run.http!.url)}/healthz`)).status).toBe(200);

    const asked = Date.now();
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(existsSync(runFile())).toBe(false);
    expect(processesNaming(folder)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).toBe(mounts);
  }, 150_000);

  it('starts again after kill -9, whose children die with it, and with the same accounts', async () => {
    const one = start(environment);
    await ready(one);
    const before = JSON.parse(readFileSync(runFile(), 'utf8')) as { accounts: unknown };
    one.process.kill('SIGKILL');
    await one.ended;
    await until(
      () => processesNaming(folder).length === 0,
      10_000,
      () => processesNaming(folder).join('\n'),
    );
    const two = start(environment);
    await until(() => two.output().includes('ready'), 60_000, two.output);
    expect((JSON.parse(readFileSync(runFile(), 'utf8')) as { accounts: unknown }).accounts).toEqual(
      before.accounts,
    );
    two.process.kill('SIGINT');
    expect(await two.ended).toBe(0);
    expect(processesNaming(folder)).toEqual([]);
  }, 150_000);

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
