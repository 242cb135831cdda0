import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { HotlineError } from '../errors';
import { may } from '../permissions';
import type { Clock } from './clock';
import { clientAddress, isSecure, sameOrigin } from './http-origin';
import { parseWith } from './http-problem';
import {
  ReplyWithHeaders,
  type Caller,
  type FileReply,
  type Route,
  type StoredFileReply,
  type StreamReply,
} from './http-route';
import type { IdempotencyStore, KeyOf } from './idempotency.store';
import { csrfMatches, sessionTokenOf, type Sessions } from './sessions';

/** A client that takes nothing of a long answer for so long is gone. */
const STALLED_MS = 120_000;
const JSON_LIMIT = 256 * 1024;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{8,200}$/;
const readJson = express.json({ limit: JSON_LIMIT, strict: true, type: () => true });

type Asked = Parameters<Route['handle']>[0];

export interface OperationDeps {
  sessions: Sessions;
  idempotency: IdempotencyStore;
  clock: Clock;
  trustProxy: boolean;
}

/**
 * Turns a declared route into an Express handler: origin and session → CSRF → permission → body, within limits →
 * schemas → idempotency → handler → reply. The body is read only after the caller was found to be allowed.
 */
export function operation(route: Route, deps: OperationDeps): RequestHandler {
  return async (request, response) => {
    const token = sessionTokenOf(request.headers.cookie);
    const caller = await admit(route, deps, request, token);
    response.locals.caller = caller;
    await readBody(route, request, response);
    const asked: Asked = {
      params: route.params ? parseWith(route.params, request.params, 'params') : undefined,
      query: route.query ? parseWith(route.query, request.query, 'query') : undefined,
      body: route.body ? parseWith(route.body, request.body ?? {}, 'body') : undefined,
      caller,
      client: {
        address: clientAddress(request, deps.trustProxy),
        sessionToken: token,
        secure: isSecure(request, deps.trustProxy),
      },
      ...(route.upload ? { upload: uploadOf(request) } : {}),
    };
    const key = route.idempotent ? idempotencyKeyOf(request) : null;
    if (key && caller) await answerOnce(route, deps, { ...asked, idempotencyKey: key }, request, response);
    else await send(response, route, await route.handle(asked));
  };
}

async function admit(
  route: Route,
  deps: OperationDeps,
  request: Request,
  token: string | null,
): Promise<Caller | null> {
  const changes = route.method !== 'get';
  if (changes && !sameOrigin(request)) throw new HotlineError('not-allowed', '请求来源不是本系统页面');
  if (route.action === 'public') return null;
  const caller = await deps.sessions.resolve(token, clientAddress(request, deps.trustProxy));
  if (!caller || !token) throw new HotlineError('not-signed-in', '请先登录');
  if (changes && !csrfMatches(token, request.get('X-CSRF-Token')))
    throw new HotlineError('csrf-missing', '缺少或错误的 X-CSRF-Token，请刷新页面');
  if (route.action !== 'signed-in' && !may(caller.role, route.action))
    throw new HotlineError('not-allowed', '您的角色没有此项权限', { action: route.action });
  return caller;
}

async function readBody(route: Route, request: Request, response: Response): Promise<void> {
  if (route.method === 'get') return;
  if (route.upload)
    return run(express.raw({ limit: route.upload, type: () => true, inflate: false }), request, response);
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody) return;
  if (!request.is('json')) throw new HotlineError('unsupported-media-type', '请以 application/json 提交');
  return run(readJson, request, response);
}

function run(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void handler(request, response, (fault?: unknown) => (fault ? reject(fault) : resolve()));
  });
}

/** The raw upload; its name comes percent-encoded in the header `X-File-Name`. */
function uploadOf(request: Request): { bytes: Buffer; contentType: string; fileName: string } {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0)
    throw new HotlineError('invalid-input', '没有收到文件内容');
  const contentType = request.get('Content-Type') ?? 'application/octet-stream';
  return { bytes, contentType, fileName: fileNameOf(request.get('X-File-Name') ?? 'upload') };
}

/** The name is only ever a label: no folder, no control characters. */
function fileNameOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
      .replace(/[\x00-\x1f\x7f/\\]/g, '_')
      .slice(0, 120);
  } catch {
    throw new HotlineError('invalid-input', '文件名编码有误');
  }
}

function idempotencyKeyOf(request: Request): string | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return null;
  if (!IDEMPOTENCY_KEY.test(key))
    throw new HotlineError('invalid-input', 'Idempotency-Key 应为 8–200 个可见字符');
  return key;
}

async function answerOnce(
  route: Route,
  deps: OperationDeps,
  asked: Asked,
  request: Request,
  response: Response,
): Promise<void> {
  const of: KeyOf = {
    personId: asked.caller?.personId ?? '',
    operation: `${route.method} ${route.path}`,
    key: asked.idempotencyKey ?? '',
  };
  const claim = await deps.idempotency.claim(of, requestHash(request), deps.clock.now());
  if (claim.kind === 'mismatch')
    throw new HotlineError('idempotency-mismatch', '同一 Idempotency-Key 的内容不同');
  if (claim.kind === 'running')
    throw new HotlineError('wrong-state', '同一请求正在处理，请稍候', { retryAfterSeconds: 1 });
  if (claim.kind === 'done') {
    response.setHeader('Idempotency-Replayed', 'true');
    response.status(claim.status).json(claim.reply);
    return;
  }
  let result: unknown;
  try {
    result = await route.handle(asked);
  } catch (fault) {
    await deps.idempotency.release(of).catch(() => undefined);
    throw fault;
  }
  // The work is done: if its reply cannot be kept, the caller still gets it.
  await deps.idempotency.finish(of, route.status ?? 200, result).catch(() => undefined);
  await send(response, route, result);
}

function requestHash(request: Request): string {
  const body: unknown = request.body;
  const bytes = Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null);
  return createHash('sha256').update(`${request.originalUrl}\n`).update(bytes).digest('hex');
}

async function send(response: Response, route: Route, result: unknown): Promise<void> {
  if (result instanceof ReplyWithHeaders) {
    for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
    return send(response, route, result.body);
  }
  if (route.reply === 'file') return sendFile(response, result as FileReply);
  if (route.reply === 'stored-file') return sendStored(response, result as StoredFileReply);
  if (route.reply === 'stream') return sendStream(response, result as StreamReply);
  if (result === undefined) response.status(route.status ?? 204).end();
  else response.status(route.status ?? 200).json(result);
}

function sendFile(response: Response, reply: FileReply): void {
  nameFile(response, reply);
  response.send(reply.file);
}

async function sendStream(response: Response, reply: StreamReply): Promise<void> {
  nameFile(response, reply);
  response.setTimeout(STALLED_MS, () => response.destroy());
  try {
    await pipeline(reply.stream, response);
  } catch (fault) {
    // The client has gone: nobody is there to be told.
    if ((fault as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw fault;
  }
}

function nameFile(response: Response, reply: Pick<FileReply, 'contentType' | 'fileName'>): void {
  response.setHeader('Content-Type', reply.contentType);
  const ascii = reply.fileName.replace(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(reply.fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  response.setHeader('Content-Disposition', `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`);
}

function sendStored(response: Response, { path, contentType, fileName }: StoredFileReply): void {
  if (fileName === undefined) response.type(contentType);
  else nameFile(response, { contentType, fileName });
  response.sendFile(resolve(path), { dotfiles: 'allow', cacheControl: false }, (fault?: Error) => {
    // A player that has heard enough hangs up in the middle: nobody is there to be told.
    if (!fault || response.headersSent) return;
    response.req.next?.(new HotlineError('not-found', '文件已不在'));
  });
}
