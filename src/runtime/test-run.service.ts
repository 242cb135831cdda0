import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAsterisk } from './asterisk-server.service';
import type { Child } from './child.service';
import { freePort, freeRtpBlock } from './free-port.service';
import { processStart } from './lock-file.service';
import { PROJECT, RuntimeFault } from './machine.service';
import { privateRoot } from './private-root.service';
import { findFfmpeg, findLetterFont, findServer, writeWrapper, type Place } from './programs.service';
import { startPostgres } from './postgres-server.service';
import { startRedis } from './redis-server.service';
import { buildWeb } from './web-build.service';

/** What the tests are told about their servers, as JSON in the file that HOTLINE_TEST_SERVERS names. */
export interface TestServers {
  /** Throw-away folder of this run. */
  folder: string;
  postgresUrl: string;
  redisUrl: string;
  asterisk: {
    ariUrl: string;
    ariUsername: string;
    ariPassword: string;
    phoneWsUrl: string;
    sipHost: string;
    sipPort: number;
    configFile: string;
    promptsDir: string;
  };
  /** Paths of executables. */
  sipp: string;
  chromium: string;
  ffmpeg: string;
  letterFont: string;
  /** For tests that start servers of their own. */
  programs: { asterisk: Place; redis: Place; postgres: Place };
}

interface Sum {
  passed: number;
  failed: number;
}

/**
 * `npm test`: starts the servers, runs jest, stops the servers, prints `N passed, N failed` as the last line.
 *
 * @param args jest's own arguments; with a path among them one jest run of that, else everything in two runs
 */
export async function main(args: string[]): Promise<void> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  const children: Child[] = [];
  const folder = join(PROJECT, 'var', `test-${process.pid}`);
  let sum: Sum = { passed: 0, failed: 0 };
  let whole = false;
  try {
    sweepOldFolders();
    const servers = await startServers(folder, children);
    if (needsPages(args)) await buildWeb(say);
    const file = join(folder, 'servers.json');
    writeFileSync(file, JSON.stringify(servers), { mode: 0o600 });
    for (const [number, run] of jestRuns(args).entries()) {
      if (stopped.signal.aborted) break;
      const result = await jest(run, join(folder, `result-${number}.json`), file, stopped.signal);
      sum = { passed: sum.passed + result.passed, failed: sum.failed + result.failed };
    }
    whole = !stopped.signal.aborted;
  } catch (fault) {
    console.error(fault instanceof RuntimeFault ? `[test] ${fault.message}` : fault);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    const keep = process.env.HOTLINE_KEEP_TEST_FOLDER === 'true';
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = whole && sum.failed === 0 && sum.passed > 0 ? 0 : 1;
  // The last words, after everything jest may still have to say.
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`, () => process.exit(process.exitCode));
}

/** Browser tests look at the built pages. */
function needsPages(args: string[]): boolean {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  return paths.length === 0 || paths.some((path) => /browser|journeys/.test(path));
}

const say = (line: string): void => console.log(`[test] ${line}`);

async function startServers(folder: string, children: Child[]): Promise<TestServers> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const programs = {
    asterisk: await findServer('asterisk', say),
    redis: await findServer('redis', say),
    postgres: await findServer('postgres', say),
  };
  const tools = await privateRoot('tools', say);
  const logs = (name: string): string => join(folder, `${name}.log`);
  const password = randomBytes(12).toString('hex');
  const rtpStart = await freeRtpBlock();
  const began = Date.now();
  const asterisk = startAsterisk(
    programs.asterisk,
    {
      folder: join(folder, 'asterisk'),
      ariPort: await freePort(),
      ariPassword: password,
      sipHost: '127.0.0.1',
      sipPort: await freePort(),
      rtpStart,
      rtpEnd: rtpStart + 399,
      app: 'hotline',
      trunkAddresses: ['127.0.0.1'],
      trunkHost: `127.0.0.1:${await freePort()}`,
    },
    logs('asterisk'),
  );
  const redis = startRedis(programs.redis, {
    folder,
    port: await freePort(),
    password: '',
    logFile: logs('redis'),
    throwAway: true,
  });
  const postgres = startPostgres(programs.postgres, {
    folder,
    port: await freePort(),
    password,
    logFile: logs('postgres'),
    throwAway: true,
  });
  const started = await Promise.allSettled([asterisk, redis, postgres]);
  for (const one of started) if (one.status === 'fulfilled') children.push(one.value.child);
  const [a, r, p] = await Promise.all([asterisk, redis, postgres]);
  say(`Asterisk, Redis and PostgreSQL are up after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  const { child: _child, ...switchAddress } = a;
  return {
    folder,
    postgresUrl: p.url,
    redisUrl: r.url,
    asterisk: switchAddress,
    sipp: writeWrapper(join(folder, 'sipp'), { root: tools, file: '/usr/bin/sipp', version: 0 }, [
      PROJECT,
      '/tmp',
    ]),
    chromium: writeWrapper(join(folder, 'chromium'), { root: tools, file: '/usr/bin/chromium', version: 0 }, [
      PROJECT,
      '/tmp',
    ]),
    ffmpeg: await findFfmpeg(join(folder, 'ffmpeg'), say),
    letterFont: await findLetterFont(say),
    programs,
  };
}

/** Two runs: what may share the machine, then what listens to timing. One when paths are given. */
function jestRuns(args: string[]): string[][] {
  if (args.some((arg) => !arg.startsWith('-')))
    return [args.includes('--maxWorkers') ? args : ['--runInBand', ...args]];
  const present = (names: string[]): string[] => names.filter((name) => existsSync(join(PROJECT, name)));
  return [
    ['--maxWorkers=2', ...args, ...present(['test/pure', 'test/integration', 'test/architecture.test.ts'])],
    ['--runInBand', ...args, ...present(['test/telephony', 'test/journeys', 'test/browser'])],
  ];
}

function jest(args: string[], resultFile: string, serversFile: string, stopped: AbortSignal): Promise<Sum> {
  const program = join(PROJECT, 'node_modules/jest/bin/jest.js');
  const all = [
    program,
    '-c',
    '.jestrc.json',
    '--json',
    `--outputFile=${resultFile}`,
    '--testLocationInResults',
    '--passWithNoTests',
    '--forceExit',
    ...args,
  ];
  return new Promise((resolve) => {
    // --json sends the report to stdout as well; what people read is on stderr.
    const child = spawn(process.execPath, all, {
      cwd: PROJECT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, HOTLINE_TEST_SERVERS: serversFile, TZ: process.env.TZ ?? 'UTC' },
    });
    const stop = (): void => void child.kill('SIGINT');
    stopped.addEventListener('abort', stop);
    child.on('close', (code) => {
      stopped.removeEventListener('abort', stop);
      resolve(readSum(resultFile, code));
    });
  });
}

/** A test file that cannot even be loaded counts as one failure; so does a jest that ended without a report. */
function readSum(file: string, code: number | null): Sum {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numRuntimeErrorTestSuites: number;
  };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** Removes what earlier runs left that were killed before they could tidy up. */
function sweepOldFolders(): void {
  const folder = join(PROJECT, 'var');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^test-(\d+)$/.exec(name)?.[1];
    if (pid && processStart(Number(pid)) === null)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}
