import type { ErrorRequestHandler, Response } from 'express';
import { z } from 'zod';
import { HotlineError, REFUSALS, type RefusalCode } from '../errors';
import type { Logger } from './logger';

const TITLES: Partial<Record<RefusalCode, string>> = {
  'not-signed-in': '请先登录',
  'not-allowed': '没有权限',
  'not-found': '不存在',
  'invalid-input': '输入有误',
  'too-large': '内容过大',
  'too-many-attempts': '尝试过于频繁',
  'store-unavailable': '数据库暂时不可用',
  'switch-unavailable': '交换机暂时不可用',
  'internal-fault': '服务内部错误',
};

/** Body of every refusal (RFC 9457) with our stable code; `errors` lists faulty fields by path. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]),
  detail: z.string(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** Turns zod's findings into a refusal with a Chinese message per field. `where` is params, query or body. */
export function invalidInput(where: 'params' | 'query' | 'body', fault: z.ZodError): HotlineError {
  const errors = fault.issues.slice(0, 50).map((issue) => ({
    path: [where, ...issue.path.map(String)].join('.').slice(0, 200),
    message: issue.message,
  }));
  return new HotlineError(
    'invalid-input',
    errors
      .map((entry) => entry.message)
      .join('；')
      .slice(0, 500),
    { errors },
  );
}

/** Checks a value with a schema, in Chinese. Throws `invalid-input` that lists every faulty field. */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'params' | 'query' | 'body',
): z.output<S> {
  const result = schema.safeParse(value, { error: CHINESE });
  if (!result.success) throw invalidInput(where, result.error);
  return result.data;
}

const CHINESE = z.locales.zhCN().localeError;

/** Any fault as a refusal: ours as they are, those of Express and of the stores by what they mean, the rest internal. */
export function asRefusal(fault: unknown): HotlineError {
  if (fault instanceof HotlineError) return fault;
  if (isStoreAway(fault)) return new HotlineError('store-unavailable', '数据库暂时不可用，请稍后再试');
  const { type, status } = fault as { type?: unknown; status?: unknown };
  if (UNSTORABLE.has(String((fault as { code?: unknown }).code)))
    return new HotlineError('invalid-input', '内容含有无法保存的字符');
  if (type === 'entity.parse.failed') return new HotlineError('invalid-input', '请求内容不是有效的 JSON');
  if (type === 'entity.too.large') return new HotlineError('too-large', '请求内容过大');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new HotlineError('unsupported-media-type', '不支持的内容编码');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new HotlineError('invalid-input', '请求无法解读');
  return new HotlineError('internal-fault', '服务内部错误，请联系管理员');
}

/** PostgreSQL: a NUL or half a surrogate pair in a text. Only what a caller wrote can hold one. */
const UNSTORABLE = new Set(['22021', '22P05']);

const AWAY_CODES =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH|57P0[1-3]|53300|08\w{3})$/;
const AWAY_WORDS =
  /Connection terminated|Connection ended unexpectedly|Unable to acquire a connection|timeout exceeded when trying to connect|Timeout acquiring a connection|Connection is closed|max retries per request/i;

/** Whether a fault means that PostgreSQL or Redis cannot be reached (as opposed to: refused the statement). */
export function isStoreAway(fault: unknown): boolean {
  if (typeof fault !== 'object' || fault === null) return false;
  const { code, message, errors } = fault as { code?: unknown; message?: unknown; errors?: unknown };
  if (typeof code === 'string' && AWAY_CODES.test(code)) return true;
  // Several addresses were tried: an AggregateError of their faults.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isStoreAway);
  return typeof message === 'string' && AWAY_WORDS.test(message);
}

/** Sends a refusal as problem+json. */
export function sendProblem(response: Response, refusal: HotlineError, requestId: string): void {
  const status = REFUSALS[refusal.code];
  const { retryAfterSeconds } = refusal.facts;
  if (typeof retryAfterSeconds === 'number')
    response.setHeader('Retry-After', String(Math.ceil(retryAfterSeconds)));
  response.status(status).type('application/problem+json');
  response.send(
    JSON.stringify({
      ...refusal.facts,
      type: `urn:hotline:problem:${refusal.code}`,
      title: TITLES[refusal.code] ?? refusal.detail.slice(0, 40),
      status,
      code: refusal.code,
      detail: refusal.detail,
      requestId,
    }),
  );
}

/** The last handler: whatever was thrown becomes a problem; only our own faults are logged as errors, without the request's content. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (fault: unknown, request, response, next) => {
    const refusal = asRefusal(fault);
    const requestId = String(response.getHeader('X-Request-Id') ?? '');
    if (refusal.code === 'internal-fault')
      log.error({ err: fault, requestId, method: request.method, path: request.path }, 'request failed');
    if (response.headersSent) return next(fault);
    // A refused body may still be on its way: do not keep reading it.
    if (!request.complete) response.setHeader('Connection', 'close');
    sendProblem(response, refusal, requestId);
  };
}
