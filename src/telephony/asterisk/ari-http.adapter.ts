import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { HotlineError } from '../../errors';
import type { AriLinkOptions, AriReply } from './ari-link';
import type { AriHttpRequest } from './ari-operations';

/** JSON, or null when it is none. */
export function parsedOrNull(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function basicAuthorization(options: Pick<AriLinkOptions, 'username' | 'password'>): string {
  return `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
}

/** Connections are kept for a few seconds: less than Asterisk's session_keep_alive, so that it never closes one first. */
const agents = {
  'http:': new HttpAgent({ keepAlive: true, timeout: 5000 }),
  'https:': new HttpsAgent({ keepAlive: true, timeout: 5000 }),
};

/**
 * One ARI request over plain HTTP. Throws HotlineError `switch-unavailable` when there is no answer in time. Not
 * `fetch`: that costs this process several times as much, and every call needs some of these.
 */
export function httpAri(options: AriLinkOptions, ask: AriHttpRequest): Promise<AriReply> {
  const url = new URL(`${options.url.replace(/\/$/, '')}/ari/${ask.path}`);
  const secure = url.protocol === 'https:';
  const body = ask.body ? JSON.stringify(ask.body) : '';
  const headers = {
    authorization: basicAuthorization(options),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const agent = agents[secure ? 'https:' : 'http:'];
  return new Promise((resolve, reject) => {
    const refuse = (fault: unknown): void =>
      reject(new HotlineError('switch-unavailable', '无法连接交换机', { why: String(fault) }));
    const signal = AbortSignal.timeout(options.timeoutMs);
    const request = (secure ? requestHttps : requestHttp)(url, {
      method: ask.method,
      headers,
      agent,
      signal,
    });
    request.once('error', refuse);
    request.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', refuse);
      response.once('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: parsedOrNull(text) });
      });
    });
    request.end(body);
  });
}

/**
 * A file that Asterisk keeps, as it comes; null when it has none. However long it is, only its parts must come in time.
 * Throws HotlineError `switch-unavailable`, also while it is read.
 */
export function ariFile(options: AriLinkOptions, path: string): Promise<AsyncIterable<Buffer> | null> {
  const url = new URL(`${options.url.replace(/\/$/, '')}/ari/${path}`);
  const headers = { authorization: basicAuthorization(options) };
  return new Promise((resolve, reject) => {
    const refuse = (why: unknown): void =>
      reject(new HotlineError('switch-unavailable', '无法从交换机读取文件', { why: String(why) }));
    // A connection of its own: another request may not wait behind it.
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { headers, agent: false });
    request.setTimeout(options.timeoutMs, () => request.destroy(new Error('no answer in time')));
    request.once('error', refuse);
    request.once('response', (response) => {
      if (response.statusCode === 200) return resolve(partsOf(response));
      response.resume();
      if (response.statusCode === 404) return resolve(null);
      refuse(response.statusCode);
    });
    request.end();
  });
}

async function* partsOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (fault) {
    throw new HotlineError('switch-unavailable', '从交换机读取文件时中断', { why: String(fault) });
  }
}

/** Asterisk's version text, e.g. `22.10.1`. Throws when the switch does not answer or refuses the password. */
export async function asteriskVersion(options: AriLinkOptions): Promise<string> {
  const reply = await httpAri(options, { method: 'GET', path: 'asterisk/info?only=system', body: null });
  const version = (reply.body as { system?: { version?: unknown } } | null)?.system?.version;
  if (reply.status !== 200 || typeof version !== 'string')
    throw new HotlineError('switch-unavailable', '交换机拒绝了 ARI 请求', { status: reply.status });
  return version;
}
