import pino from 'pino';
import { DirectoryStore } from '../../src/directory/directory.store';
import { Directory } from '../../src/directory/directory.service';
import { directoryRoutes } from '../../src/directory/directory.routes';
import { People, type OpenWork } from '../../src/directory/people.service';
import { SignIn } from '../../src/directory/sign-in.service';
import { signInRoutes } from '../../src/directory/sign-in.routes';
import type { Role } from '../../src/permissions';
import { AuditStore } from '../../src/platform/audit.store';
import { Bus } from '../../src/platform/bus';
import { systemClock } from '../../src/platform/clock';
import type { Route } from '../../src/platform/http-route';
import { HttpServer, type HttpSettings } from '../../src/platform/http-server';
import { PasswordHasher } from '../../src/platform/password-hash';
import { openPostgres } from '../../src/platform/postgres';
import { Realtime } from '../../src/platform/realtime';
import { openRedis } from '../../src/platform/redis';
import { SESSION_COOKIE, Sessions } from '../../src/platform/sessions';
import { SessionStore } from '../../src/platform/sessions.store';

export const PASSWORD = '潞水长流-7391-xk';

export interface WebOptions {
  postgresUrl: string;
  redisUrl: string;
  redisPrefix?: string;
  settings?: Partial<HttpSettings>;
  routes?: Route[];
  webRoot?: string;
  sessionHours?: number;
}

/** A browser without a screen: keeps the cookie and the CSRF token. */
export class Visitor {
  cookie = '';
  csrf = '';
  constructor(readonly url: string) {}

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(this.csrf && method !== 'GET' ? { 'x-csrf-token': this.csrf } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json ? (JSON.parse(text) as Reply) : {},
    };
  }

  async signIn(name: string, password = PASSWORD) {
    const reply = await this.call('POST', '/api/sign-in', { name, password });
    const cookie = reply.headers.get('set-cookie');
    if (reply.status === 200 && cookie) {
      this.cookie = cookie.split(';')[0] ?? '';
      this.csrf = String(reply.body.csrf);
    }
    return reply;
  }
}

type Reply = Record<string, unknown> & { code?: string; csrf?: string };

/** The web part of the service alone, on a free port: HTTP, sessions, directory, realtime. */
export async function startWeb(options: WebOptions) {
  const log = pino({ level: 'silent' });
  const redisPrefix = options.redisPrefix ?? `t${Math.random().toString(36).slice(2, 10)}`;
  const database = openPostgres(options.postgresUrl, 5);
  const redis = openRedis(options.redisUrl);
  redis.on('error', () => undefined);
  const clock = systemClock;
  const bus = new Bus();
  const sessions = new Sessions({
    store: new SessionStore(database),
    clock,
    log,
    sessionHours: options.sessionHours ?? 12,
  });
  const store = new DirectoryStore(database);
  const directory = new Directory({ store, bus, clock, log });
  const audit = new AuditStore(database, clock);
  const passwords = new PasswordHasher();
  const openWork = { of: async (_personId: string): Promise<OpenWork[]> => [] };
  const people = new People({
    store,
    directory,
    sessions,
    audit,
    passwords,
    clock,
    openWork: (id) => openWork.of(id),
  });
  const signIn = new SignIn({ store, sessions, passwords, audit, redis, redisPrefix });
  const config: HttpSettings = {
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 0,
    TLS: 'off',
    TRUST_PROXY: false,
    VAR_DIR: 'var',
    PHONE_WS_URL: 'ws://127.0.0.1:9/ws',
    ...options.settings,
  };
  const http = new HttpServer({
    config,
    log,
    sessions,
    database,
    ...(options.webRoot ? { webRoot: options.webRoot } : {}),
  });
  http.mount(signInRoutes({ signIn, sessions, directory }));
  http.mount(directoryRoutes({ directory, people, audit }));
  http.mount(options.routes ?? []);
  const trustProxy = config.TRUST_PROXY;
  const realtime = new Realtime({
    http,
    sessions,
    bus,
    redisUrl: options.redisUrl,
    redisPrefix,
    trustProxy,
    log,
  });
  await directory.start();
  sessions.start();
  realtime.start();
  const { url } = await http.start();

  /** A person of a role, straight into the table. */
  const addPerson = async (role: Role, name: string, unitId: string | null = null): Promise<string> => {
    const personId = `p-${name}`;
    const password_hash = await passwords.hash(PASSWORD);
    await database('people').insert({
      person_id: personId,
      sign_in_name: name,
      name,
      role,
      unit_id: unitId,
      password_hash,
      created_at: new Date(),
    });
    await directory.refresh();
    return personId;
  };
  /** A visitor with a session, without the price of a password check. */
  const visitorAs = async (
    role: Role,
    personId = `p-${role}`,
    unitId: string | null = null,
  ): Promise<Visitor> => {
    const { token, csrf } = await sessions.open({ personId, name: personId, role, unitId });
    return Object.assign(new Visitor(url), { cookie: `${SESSION_COOKIE}=${token}`, csrf });
  };
  const stop = async () => {
    await realtime.stop();
    await http.stop();
    sessions.stop();
    directory.stop();
    redis.disconnect();
    await database.destroy();
  };
  return {
    url,
    http,
    bus,
    sessions,
    directory,
    audit,
    people,
    openWork,
    realtime,
    database,
    redis,
    redisPrefix,
    addPerson,
    visitorAs,
    stop,
  };
}

export type Web = Awaited<ReturnType<typeof startWeb>>;
