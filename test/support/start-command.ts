import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { freePort, freeRtpBlock } from '../../src/runtime/free-port.service';
import { PROJECT } from '../../src/runtime/machine.service';
import { testFolder } from './servers';
import { until } from './until';

export interface Start {
  process: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
  /** Resolves with run.json when it is written. */
  ready(): Promise<Record<string, Record<string, unknown>>>;
}

/** Ports and a folder of its own for an `npm start`. */
export async function startEnvironment(): Promise<Record<string, string> & { VAR_DIR: string }> {
  const rtp = await freeRtpBlock();
  return {
    VAR_DIR: testFolder('start'),
    HTTP_PORT: String(await freePort()),
    SIP_PORT: String(await freePort()),
    ARI_PORT: String(await freePort()),
    REDIS_PORT: String(await freePort()),
    POSTGRES_PORT: String(await freePort()),
    RTP_START: String(rtp),
    RTP_END: String(rtp + 99),
  };
}

const started = new Set<ChildProcess>();

/** Ends what a failed test has left running; its servers die with it. For afterEach. */
export function endStarts(): void {
  for (const child of started) child.kill('SIGTERM');
}

/** A time limit that is promised for a machine with nothing else to do, for this one as it is now. */
export function allowingForLoad(limitMs: number): number {
  return limitMs * Math.max(1, (loadavg()[0] ?? 0) / cpus().length);
}

/** `npm start`; `bare` is the same without npm around it, so that signals reach it directly. */
export function start(environment: Record<string, string>, bare = false): Start {
  const [command, ...args] = bare
    ? [process.execPath, 'src/runtime/bootstrap.mjs', 'start']
    : ['npm', '--silent', 'start'];
  const child = spawn(command!, args, {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const runFile = join(environment.VAR_DIR ?? 'var', 'run.json');
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    process: child,
    output: () => text,
    ended,
    ready: async () => {
      await until(
        'npm start is ready',
        () => existsSync(runFile),
        allowingForLoad(60_000),
        () => text,
      );
      return JSON.parse(readFileSync(runFile, 'utf8')) as Record<string, Record<string, unknown>>;
    },
  };
}

/** Living processes whose command line or environment-given folder names `word`; zombies have neither. */
export function processesNaming(word: string): string[] {
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
