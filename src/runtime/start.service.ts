import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { get as httpsGet } from 'node:https';
import { join, resolve } from 'node:path';
import { readConfig, type Config } from '../config';
import { migrate } from '../db/migrate';
import { openPostgres } from '../platform/postgres';
import { startAsterisk } from './asterisk-server.service';
import { Child } from './child.service';
import { demoCity } from './demo';
import { tcpFree, udpFree } from './free-port.service';
import { lockHolder, takeLock } from './lock-file.service';
import { onPath, PROJECT, RuntimeFault, waitUntil } from './machine.service';
import { findFfmpeg, findLetterFont, findServer, type Place } from './programs.service';
import { startPostgres } from './postgres-server.service';
import { startRedis } from './redis-server.service';
import {
  portsInConflict,
  runtimeSettings,
  takenPort,
  type RuntimeSettings,
  type WantedPort,
} from './runtime-settings';
import { openSecrets, saveSecrets, writePrivately, type Secrets } from './secrets.service';
import { endLeftovers, Supervisor } from './supervisor.service';
import { buildWeb } from './web-build.service';

const began = Date.now();
const say = (line: string): void =>
  console.log(`[${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}`);

type Environment = Record<string, string | undefined>;

/** What `var/run.json` says: where everything listens, and who can sign in. */
interface RunFile {
  http: { url: string };
  sip: { host: string; port: number };
  ari: { url: string; username: string; password: string; phoneWsUrl: string };
  redis: { url: string };
  postgres: { url: string };
  accounts: { role: string; name: string; password: string }[];
}

/** `npm start`: servers, migrations, demo city, web pages, service; then stays until SIGINT or SIGTERM. */
export async function main(): Promise<void> {
  const varFolder = resolve(PROJECT, process.env.VAR_DIR || 'var');
  mkdirSync(varFolder, { recursive: true });
  const files = {
    lock: join(varFolder, 'start.lock'),
    run: join(varFolder, 'run.json'),
    pids: join(varFolder, 'children'),
  };
  let supervisor: Supervisor | null = null;
  let locked = false;
  const end = async (code: number): Promise<never> => {
    await supervisor?.stop();
    if (locked) for (const file of [files.run, files.lock]) rmSync(file, { force: true });
    process.exit(code);
  };
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      say('stopping …');
      void end(0);
    });
  }
  try {
    const settings = readSettings();
    locked = takeLock(files.lock);
    if (!locked) throw new RuntimeFault(alreadyRunning(files.lock, files.run));
    rmSync(files.run, { force: true });
    endLeftovers(files.pids, say);
    supervisor = new Supervisor(files.pids, say);
    const run = await startAll(settings, varFolder, supervisor);
    if (ending) return;
    writePrivately(files.run, run);
    tellPeople(run, files.run);
  } catch (fault) {
    if (ending) return;
    console.error(fault instanceof RuntimeFault ? `\n${fault.message}\n` : fault);
    await end(1);
  }
}

function readSettings(): RuntimeSettings {
  const present = Object.entries(process.env).filter(([, value]) => value !== undefined && value !== '');
  const result = runtimeSettings.safeParse(Object.fromEntries(present));
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new RuntimeFault(`Settings that cannot be used:\n${lines.join('\n')}`);
}

function alreadyRunning(lock: string, run: string): string {
  const url = existsSync(run) ? (JSON.parse(readFileSync(run, 'utf8')) as RunFile).http.url : null;
  return `The hotline is running already (process ${lockHolder(lock) ?? '?'}${url ? `, at ${url}` : ', still starting'}).`;
}

/** Starts what the environment gives no address for, then the service. */
async function startAll(
  settings: RuntimeSettings,
  varFolder: string,
  supervisor: Supervisor,
): Promise<RunFile> {
  const secretsFile = join(varFolder, 'secrets.json');
  const secrets = openSecrets(secretsFile);
  const environment: Environment = { ...process.env };
  const config = previewConfig(environment);
  const given = environment.ARI_URL;
  if (given) environment.PHONE_WS_URL ||= `${given.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`;
  await checkPorts(wantedPorts(settings, config, environment));
  const web = buildWeb(say);
  web.catch(() => undefined);
  await startServers(settings, secrets, varFolder, supervisor, environment);
  environment.FFMPEG ||= await ifFound('recordings cannot be uploaded', () =>
    findFfmpeg(join(varFolder, 'ffmpeg'), say),
  );
  environment.LETTER_FONT ||= await ifFound('letters come as DOCX only', () => findLetterFont(say));
  if (!environment.SMS) {
    environment.SMS = 'file';
    say(`SMS are written to ${join(varFolder, 'sms')}`);
  }
  say('bringing the database up to date');
  const accounts = await prepareDatabase(environment.POSTGRES_URL!, secrets, secretsFile, settings);
  await web;
  say('starting the service');
  const whole = { ...environment, VAR_DIR: varFolder };
  const url = `${config.TLS === 'off' ? 'http' : 'https'}://${config.HTTP_HOST === '0.0.0.0' ? '127.0.0.1' : config.HTTP_HOST}:${config.HTTP_PORT}`;
  await supervisor.keep('the service', () => startService(whole, url, join(varFolder, 'log/service.log')));
  return {
    http: { url },
    sip: { host: sipHost(settings, given), port: settings.SIP_PORT },
    ari: {
      url: environment.ARI_URL ?? '',
      username: environment.ARI_USERNAME ?? 'hotline',
      password: environment.ARI_PASSWORD ?? '',
      phoneWsUrl: environment.PHONE_WS_URL ?? '',
    },
    redis: { url: environment.REDIS_URL! },
    postgres: { url: environment.POSTGRES_URL! },
    accounts,
  };
}

/** Where SIP is taken: an Asterisk that was given listens where ARI is, unless SIP_HOST says otherwise. */
function sipHost(settings: RuntimeSettings, given: string | undefined): string {
  return given && !process.env.SIP_HOST ? new URL(given).hostname : settings.SIP_HOST;
}

/** The service's own settings, checked before anything is started. */
function previewConfig(environment: Environment): Config {
  try {
    return readConfig({
      POSTGRES_URL: 'postgres://127.0.0.1/later',
      REDIS_URL: 'redis://127.0.0.1',
      ...(environment.ARI_URL ? {} : { ARI_PASSWORD: 'later' }),
      ...environment,
    });
  } catch (fault) {
    throw new RuntimeFault((fault as Error).message);
  }
}

function wantedPorts(settings: RuntimeSettings, config: Config, environment: Environment): WantedPort[] {
  const local = { host: '127.0.0.1', protocol: 'tcp' } as const;
  const sip = {
    host: settings.SIP_HOST,
    port: settings.SIP_PORT,
    server: 'Asterisk (SIP)',
    setting: 'SIP_PORT',
  };
  const asterisk: WantedPort[] =
    environment.ARI_URL || config.SWITCH !== 'asterisk'
      ? []
      : [
          { ...sip, protocol: 'udp' },
          { ...sip, protocol: 'tcp' },
          { ...local, port: settings.ARI_PORT, server: 'Asterisk (ARI)', setting: 'ARI_PORT' },
        ];
  return [
    {
      host: config.HTTP_HOST,
      protocol: 'tcp',
      port: config.HTTP_PORT,
      server: 'the web',
      setting: 'HTTP_PORT',
    },
    ...asterisk,
    ...(environment.REDIS_URL
      ? []
      : [{ ...local, port: settings.REDIS_PORT, server: 'Redis', setting: 'REDIS_PORT' }]),
    ...(environment.POSTGRES_URL
      ? []
      : [{ ...local, port: settings.POSTGRES_PORT, server: 'PostgreSQL', setting: 'POSTGRES_PORT' }]),
  ];
}

async function checkPorts(wanted: WantedPort[]): Promise<void> {
  const conflict = portsInConflict(wanted);
  if (conflict) throw new RuntimeFault(conflict);
  for (const each of wanted) {
    const free =
      each.protocol === 'tcp' ? await tcpFree(each.port, each.host) : await udpFree(each.port, each.host);
    if (!free) throw new RuntimeFault(takenPort(each));
  }
}

/** Finds and starts each server the environment gives no address for, and puts its address into `environment`. */
async function startServers(
  settings: RuntimeSettings,
  secrets: Secrets,
  varFolder: string,
  supervisor: Supervisor,
  environment: Environment,
): Promise<void> {
  const log = (name: string): string => freshLog(join(varFolder, 'log', `${name}.log`));
  const starts: Promise<unknown>[] = [];
  if (!environment.POSTGRES_URL) {
    const place = await findServer('postgres', say);
    tellPlace('PostgreSQL', place);
    const options = {
      folder: varFolder,
      port: settings.POSTGRES_PORT,
      password: secrets.postgres,
      logFile: log('postgres'),
    };
    starts.push(
      supervisor.keep('PostgreSQL', async () => {
        const { child, url } = await startPostgres(place, options);
        environment.POSTGRES_URL = url;
        return child;
      }),
    );
  }
  if (!environment.REDIS_URL) {
    const place = await findServer('redis', say);
    tellPlace('Redis', place);
    const options = {
      folder: varFolder,
      port: settings.REDIS_PORT,
      password: secrets.redis,
      logFile: log('redis'),
    };
    starts.push(
      supervisor.keep('Redis', async () => {
        const { child, url } = await startRedis(place, options);
        environment.REDIS_URL = url;
        return child;
      }),
    );
  }
  if (!environment.ARI_URL && environment.SWITCH !== 'simulated') {
    const place = await findServer('asterisk', say);
    tellPlace('Asterisk', place);
    starts.push(
      supervisor.keep('Asterisk', () =>
        asterisk(place, settings, secrets, varFolder, log('asterisk'), environment),
      ),
    );
  }
  const results = await Promise.allSettled(starts);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  if (starts.length > 0) say('the servers are up');
}

async function asterisk(
  place: Place,
  settings: RuntimeSettings,
  secrets: Secrets,
  varFolder: string,
  logFile: string,
  environment: Environment,
): Promise<Child> {
  const started = await startAsterisk(
    place,
    {
      folder: join(varFolder, 'asterisk'),
      ariPort: settings.ARI_PORT,
      ariPassword: secrets.ari,
      sipHost: settings.SIP_HOST,
      sipPort: settings.SIP_PORT,
      rtpStart: settings.RTP_START,
      rtpEnd: settings.RTP_END,
      app: environment.ARI_APP || 'hotline',
      trunkAddresses: settings.TRUNK_ADDRESSES.split(',').map((address) => address.trim()),
      trunkHost: settings.TRUNK_HOST,
    },
    logFile,
  );
  environment.ARI_URL = started.ariUrl;
  environment.ARI_USERNAME = started.ariUsername;
  environment.ARI_PASSWORD = started.ariPassword;
  environment.PHONE_WS_URL = started.phoneWsUrl;
  environment.PROMPTS_DIR = started.promptsDir;
  return started.child;
}

/** What only one feature needs: without it everything else goes on, and `without` says what does not. */
async function ifFound(without: string, find: () => Promise<string>): Promise<string | undefined> {
  try {
    return await find();
  } catch (fault) {
    if (!(fault instanceof RuntimeFault)) throw fault;
    say(`${without}: ${fault.message}`);
    return undefined;
  }
}

function tellPlace(name: string, place: Place): void {
  say(`starting ${name} ${place.version} from ${place.root ? `the private root ${place.root}` : place.file}`);
}

/** Puts a log that has grown large aside, once per start. */
function freshLog(file: string): string {
  if (existsSync(file) && statSync(file).size > 20_000_000) renameSync(file, `${file}.1`);
  return file;
}

async function prepareDatabase(
  url: string,
  secrets: Secrets,
  secretsFile: string,
  settings: RuntimeSettings,
): Promise<RunFile['accounts']> {
  const db = openPostgres(url, 2);
  try {
    await migrate(db);
    if (settings.DEMO_CITY === 'false') return [];
    return await demoCity(db, secrets, (kept) => saveSecrets(secretsFile, kept));
  } finally {
    await db.destroy();
  }
}

async function startService(environment: Environment, url: string, logFile: string): Promise<Child> {
  const program = [process.execPath, '--import', 'tsx', join(PROJECT, 'src/main.ts')];
  const guard = onPath('setpriv') ? ['setpriv', '--pdeathsig', 'TERM', '--'] : [];
  const [command, ...args] = [...guard, ...program];
  const child = new Child(command!, args, { logFile: freshLog(logFile), env: environment, cwd: PROJECT });
  try {
    await waitUntil('The service did not become ready', () => healthy(url), 60_000, {
      gaveUp: () => child.obituary(),
    });
  } catch (fault) {
    const lastLines = child.lastLines();
    await child.stop();
    throw new RuntimeFault(`${(fault as Error).message}\n${lastLines}`);
  }
  return child;
}

function healthy(url: string): Promise<boolean> {
  if (url.startsWith('http:')) return fetch(`${url}/healthz`).then((reply) => reply.ok);
  // Our own self-signed certificate on loopback: only whether it answers is asked.
  return new Promise((done) => {
    httpsGet(`${url}/healthz`, { rejectUnauthorized: false }, (reply) => {
      reply.resume();
      done(reply.statusCode === 200);
    }).on('error', () => done(false));
  });
}

function tellPeople(run: RunFile, file: string): void {
  const width = Math.max(...run.accounts.map((account) => account.name.length), 4);
  const accounts = run.accounts.map(
    (account) => `    ${account.name.padEnd(width)}  ${account.password}  (${account.role})`,
  );
  say('ready');
  console.log(`
  Sign in at ${run.http.url} with
${accounts.join('\n')}

  Call the hotline: dial sip:12345@${run.sip.host}:${run.sip.port} with a softphone or SIPp on this machine.
  Addresses and accounts are also in ${file}. Ctrl-C stops everything.
`);
}
