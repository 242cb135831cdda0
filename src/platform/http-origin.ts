import type { IncomingMessage } from 'node:http';

/**
 * Whether a request comes from our own pages. A browser always says the Origin of a WebSocket and of a request that
 * changes something; `required` refuses those that say none.
 */
export function sameOrigin(request: IncomingMessage, required = false): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return !required;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** The remote address. Behind one trusted proxy it is the last one that proxy wrote into X-Forwarded-For. */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const last = [forwarded ?? []].flat().join(',').split(',').at(-1)?.trim();
  return (last || (request.socket.remoteAddress ?? 'unknown')).replace(/^::ffff:/, '').slice(0, 64);
}

/** Whether the browser's connection is encrypted, by us or by the trusted proxy. */
export function isSecure(request: IncomingMessage, trustProxy: boolean): boolean {
  if ('encrypted' in request.socket && request.socket.encrypted) return true;
  return trustProxy && request.headers['x-forwarded-proto'] === 'https';
}
