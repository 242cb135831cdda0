import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express, type RequestHandler } from 'express';
import { Histogram, Registry } from 'prom-client';
import type { Config } from '../config';
import { HotlineError } from '../errors';
import { certificateFor } from './certificate';
import { systemClock, type Clock } from './clock';
import { healthRoutes, Readiness, type ReadinessCheck } from './http-health';
import { operation } from './http-operation';
import { pages, securityHeaders } from './http-pages';
import { problemHandler } from './http-problem';
import type { Caller, Route } from './http-route';
import { IdempotencyStore, KEEP_HOURS } from './idempotency.store';
import type { Logger } from './logger';
import { apiPageOf, openApiOf } from './openapi';
import { PHONE_PATH, PhoneProxy, refuse } from './phone-proxy';
import type { Database } from './postgres';
import type { Sessions } from './sessions';

/** Limits against clients that send slowly or never stop (seconds and bytes). */
const LIMITS = {
  headersSeconds: 10,
  requestSeconds: 60,
  keepAliveSeconds: 30,
  headerBytes: 16 * 1024,
  connections: 5000,
};
const CLEANING_MS = 3_600_000;

export type HttpSettings = Pick<
  Config,
  | 'HTTP_HOST'
  | 'HTTP_PORT'
  | 'TLS'
  | 'TLS_CERT_FILE'
  | 'TLS_KEY_FILE'
  | 'TRUST_PROXY'
  | 'VAR_DIR'
  | 'PHONE_WS_URL'
>;

export interface HttpServerDeps {
  config: HttpSettings;
  log: Logger;
  sessions: Sessions;
  database: Database;
  clock?: Clock;
  metrics?: Registry;
  /** Folder of the built pages. */
  webRoot?: string;
  version?: string;
}

/**
 * The one HTTP(S) server: API below /api, pages, health, metrics, the phone's WebSocket, and whatever joins by
 * `beforeListen` (socket.io). Routes are mounted before `start`.
 */
export class HttpServer {
  private readonly routes: Route[] = [];
  private readonly guests: { path: string; handler: RequestHandler }[] = [];
  private readonly readiness = new Readiness();
  private readonly joining: ((server: http.Server) => void)[] = [];
  private readonly idempotency: IdempotencyStore;
  private readonly clock: Clock;
  readonly metrics: Registry;
  private readonly phone: PhoneProxy;
  private server: http.Server | undefined;
  private cleaning: NodeJS.Timeout | undefined;

  constructor(private readonly deps: HttpServerDeps) {
    this.idempotency = new IdempotencyStore(deps.database);
    this.clock = deps.clock ?? systemClock;
    this.metrics = deps.metrics ?? new Registry();
    const { PHONE_WS_URL, TRUST_PROXY } = deps.config;
    this.phone = new PhoneProxy({
      target: PHONE_WS_URL,
      sessions: deps.sessions,
      log: deps.log,
      trustProxy: TRUST_PROXY,
    });
  }

  /** Adds operations below /api. Two with the same method and path are a mistake and refused at once. */
  mount(routes: readonly Route[]): void {
    for (const route of routes) {
      if (this.routes.some((known) => known.method === route.method && known.path === route.path))
        throw new Error(`two routes for ${route.method} ${route.path}`);
      this.routes.push(route);
    }
  }

  /** All mounted routes, for the documents and for tests over every route. */
  mounted(): readonly Route[] {
    return this.routes;
  }

  /** Another interface with paths, forms and errors of its own; no session is read for it. */
  mountGuest(path: string, handler: RequestHandler): void {
    this.guests.push({ path, handler });
  }

  /** Registers a check for /readyz: it answers null, or in Chinese what is missing. */
  addReadiness(name: string, check: ReadinessCheck): void {
    this.readiness.add(name, check);
  }

  /** Lets another protocol (socket.io) attach itself to the server before it listens. */
  beforeListen(join: (server: http.Server) => void): void {
    this.joining.push(join);
  }

  /** Listens. Throws an Error that names the setting when the port is taken or the certificate cannot be read. */
  async start(): Promise<{ url: string }> {
    const { config } = this.deps;
    const certificate = await certificateFor(config, this.clock.now());
    const app = this.application(certificate !== null);
    const options = { maxHeaderSize: LIMITS.headerBytes, connectionsCheckingInterval: 5000 };
    const server = certificate
      ? https.createServer({ ...options, ...certificate, minVersion: 'TLSv1.2' }, app)
      : http.createServer(options, app);
    server.headersTimeout = LIMITS.headersSeconds * 1000;
    server.requestTimeout = LIMITS.requestSeconds * 1000;
    server.keepAliveTimeout = LIMITS.keepAliveSeconds * 1000;
    server.maxConnections = LIMITS.connections;
    for (const join of this.joining) join(server);
    server.on('upgrade', (request: http.IncomingMessage, socket: Duplex, head: Buffer) =>
      this.upgrade(request, socket, head),
    );
    await listen(server, config);
    this.server = server;
    this.cleaning = setInterval(() => this.clean(), CLEANING_MS).unref();
    const { port } = server.address() as AddressInfo;
    return { url: `${certificate ? 'https' : 'http'}://${hostForUrl(config.HTTP_HOST)}:${port}` };
  }

  /** Stops taking connections, gives those in progress a moment, then closes them. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    clearInterval(this.cleaning);
    if (!server) return;
    this.phone.stop();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), 1500);
    await closed;
    clearTimeout(timer);
  }

  private application(encrypted: boolean): Express {
    const { config, log, sessions, webRoot = 'build/web', version = '0' } = this.deps;
    const app = express();
    app.disable('x-powered-by');
    app.set('trust proxy', config.TRUST_PROXY ? 1 : false);
    app.use(...securityHeaders(encrypted), this.observe());
    app.use(
      healthRoutes({
        readiness: this.readiness,
        metrics: this.metrics,
        sessions,
        trustProxy: config.TRUST_PROXY,
      }),
    );
    const api = express.Router({ caseSensitive: true });
    api.use((_request, response, next) => {
      response.setHeader('Cache-Control', 'no-store');
      next();
    });
    // Made once: both are open to everybody and cost more than any other answer.
    const [document, page] = [openApiOf(this.routes, version), apiPageOf(this.routes, version)];
    api.get('/openapi.json', (_request, response) => void response.json(document));
    api.get('/docs', (_request, response) => void response.type('html').send(page));
    const deps = {
      sessions,
      idempotency: this.idempotency,
      clock: this.clock,
      trustProxy: config.TRUST_PROXY,
    };
    for (const route of this.routes) api[route.method](route.path, operation(route, deps));
    app.use('/api', api);
    app.use('/api', () => {
      throw new HotlineError('not-found', '没有这个接口');
    });
    for (const { path, handler } of this.guests) app.use(path, handler);
    app.use(pages(webRoot));
    app.use(() => {
      throw new HotlineError('not-found', '没有这个页面');
    });
    app.use(problemHandler(log));
    return app;
  }

  /** Numbers every request, measures it, and logs it without its content. */
  private observe(): RequestHandler {
    const duration = new Histogram({
      name: 'http_request_seconds',
      help: 'Time from request to reply, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.metrics],
    });
    return (request, response, next) => {
      const began = performance.now();
      const requestId = randomUUID();
      response.setHeader('X-Request-Id', requestId);
      response.once('close', () => {
        const seconds = (performance.now() - began) / 1000;
        const matched = (request.route as { path?: unknown } | undefined)?.path;
        const path = typeof matched === 'string' ? `${request.baseUrl}${matched}` : 'other';
        duration.observe({ method: request.method, route: path, status: response.statusCode }, seconds);
        const caller = response.locals.caller as Caller | null | undefined;
        const facts = { requestId, method: request.method, route: path, status: response.statusCode };
        this.deps.log.debug({ ...facts, ms: Math.round(seconds * 1000), who: caller?.personId }, 'request');
      });
      next();
    };
  }

  private upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path === PHONE_PATH) void this.phone.take(request, socket, head);
    else if (!path.startsWith('/socket.io/') || this.joining.length === 0) refuse(socket, 404, 'Not Found');
  }

  private clean(): void {
    const oldest = new Date(this.clock.now().getTime() - KEEP_HOURS * 3_600_000);
    this.idempotency
      .removeOlderThan(oldest)
      .catch((fault: unknown) => this.deps.log.warn({ err: fault }, 'old idempotency keys not removed'));
  }
}

async function listen(server: http.Server, config: HttpSettings): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => {
      const where = `${config.HTTP_HOST}:${config.HTTP_PORT}`;
      if (fault.code === 'EADDRINUSE')
        reject(new Error(`${where} is taken: choose another port with HTTP_PORT`));
      else if (fault.code === 'EADDRNOTAVAIL')
        reject(new Error(`${where} is not an address of this machine: HTTP_HOST`));
      else reject(fault);
    });
    server.listen(config.HTTP_PORT, config.HTTP_HOST, resolve);
  });
}

function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
