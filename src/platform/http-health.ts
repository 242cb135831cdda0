import { Router, type Request } from 'express';
import type { Registry } from 'prom-client';
import { HotlineError } from '../errors';
import { clientAddress } from './http-origin';
import { within } from './lifecycle';
import { sessionTokenOf, type Sessions } from './sessions';

/** Says in Chinese what is missing, or null when all is well. */
export type ReadinessCheck = () => Promise<string | null>;

const CHECK_SECONDS = 2;
/** The answer is reused this long, so that asking often costs nothing. */
const KEEP_MS = 1000;

/** Readiness: named checks run together, each with a time limit. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private last: { at: number; answer: Promise<{ name: string; why: string }[]> } | null = null;

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** What is missing now (empty: ready). */
  missing(): Promise<{ name: string; why: string }[]> {
    const now = performance.now();
    if (!this.last || now - this.last.at > KEEP_MS) this.last = { at: now, answer: this.ask() };
    return this.last.answer;
  }

  private async ask(): Promise<{ name: string; why: string }[]> {
    const answers = await Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const why = await within(CHECK_SECONDS, name, check).catch(() => '检查失败或超时');
        return why === null ? [] : [{ name, why }];
      }),
    );
    return answers.flat();
  }
}

/** `/healthz` (alive), `/readyz` (what is missing) and `/metrics`. */
export function healthRoutes(deps: {
  readiness: Readiness;
  metrics: Registry;
  sessions: Sessions;
  trustProxy: boolean;
}): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const missing = await deps.readiness.missing();
    response.setHeader('Cache-Control', 'no-store');
    response.status(missing.length ? 503 : 200).json({ ready: missing.length === 0, missing });
  });
  router.get('/metrics', async (request, response) => {
    if (!(await mayReadMetrics(request, deps)))
      throw new HotlineError('not-allowed', '指标只对本机和管理人员开放');
    response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
  return router;
}

/** A scraper on this very machine, or a signed-in supervisor or administrator. */
async function mayReadMetrics(
  request: Request,
  deps: { sessions: Sessions; trustProxy: boolean },
): Promise<boolean> {
  const direct = request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined;
  const address = clientAddress(request, false);
  if (direct && (address === '127.0.0.1' || address === '::1')) return true;
  const caller = await deps.sessions.resolve(
    sessionTokenOf(request.headers.cookie),
    clientAddress(request, deps.trustProxy),
    false,
  );
  return caller?.role === 'supervisor' || caller?.role === 'administrator';
}
