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

/** One ARI request over plain HTTP. Throws HotlineError `switch-unavailable` when there is no answer in time. */
export async function httpAri(options: AriLinkOptions, request: AriHttpRequest): Promise<AriReply> {
  try {
    const response = await fetch(`${options.url.replace(/\/$/, '')}/ari/${request.path}`, {
      method: request.method,
      headers: { authorization: basicAuthorization(options), 'content-type': 'application/json' },
      body: request.body ? JSON.stringify(request.body) : undefined,
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    return { status: response.status, body: parsedOrNull(await response.text()) };
  } catch (fault) {
    throw new HotlineError('switch-unavailable', '无法连接交换机', { why: String(fault) });
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
