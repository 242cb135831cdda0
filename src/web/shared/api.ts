import { ProblemError, readProblem } from './problem';

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  /** Sent as `Idempotency-Key`: the same key never creates twice. Make one with `newKey()` and keep it with the draft. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** A fresh idempotency key. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The service's HTTP API below `/api`: JSON, cookie session, `X-CSRF-Token` on unsafe methods. Every failure throws a
 * `ProblemError`; a lost session is also told to `onSessionLost`, which leads to the sign-in page.
 */
export class ApiClient {
  private csrf: string | null = null;
  private clockAhead = 0;
  onSessionLost: () => void = () => undefined;

  /** The token of the session, from `/sign-in` or `/me`. */
  useCsrf(token: string | null): void {
    this.csrf = token;
  }

  /** The service's clock in ms since the epoch: agents' computers are often minutes off, and countdowns must not be. */
  serverNow(): number {
    return Date.now() + this.clockAhead;
  }

  get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('GET', path, undefined, options);
  }
  post<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('POST', path, body, options);
  }
  put<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('PUT', path, body, options);
  }
  patch<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('PATCH', path, body, options);
  }
  delete<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    return this.send<T>('DELETE', path, body, options);
  }

  /** Sends a file's bytes as they are; the name goes along in `X-File-Name` (percent-encoded). */
  async upload<T>(path: string, file: File, options: RequestOptions = {}): Promise<T> {
    const headers = { ...this.headers(options), 'Content-Type': file.type || 'application/octet-stream' };
    const named = { ...headers, 'X-File-Name': encodeURIComponent(file.name) };
    const answer = await this.fetch(
      path,
      { method: 'POST', headers: named, body: file, signal: options.signal },
      options,
    );
    return (await this.read(answer)) as T;
  }

  /** Fetches a file and hands it to the browser's download under the name the service gave. */
  async download(path: string, options: RequestOptions = {}): Promise<void> {
    const answer = await this.fetch(path, { method: 'GET', headers: this.headers(options) }, options);
    const said = answer.headers.get('Content-Disposition') ?? '';
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(said)?.[1];
    const name = encoded
      ? decodeURIComponent(encoded)
      : (/filename="?([^";]+)"?/i.exec(said)?.[1] ?? 'download');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  private async send<T>(method: string, path: string, body: unknown, options: RequestOptions): Promise<T> {
    const headers = this.headers(options);
    const init: RequestInit = { method, headers, signal: options.signal };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    return (await this.read(await this.fetch(path, init, options))) as T;
  }

  private headers(options: RequestOptions): Record<string, string> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (this.csrf) headers['X-CSRF-Token'] = this.csrf;
    if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
    return headers;
  }

  private async fetch(path: string, init: RequestInit, options: RequestOptions): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(`/api${path}${queryText(options.query)}`, {
        ...init,
        credentials: 'same-origin',
        cache: 'no-store',
      });
    } catch (fault) {
      if (fault instanceof DOMException && fault.name === 'AbortError') throw fault;
      throw new ProblemError({ code: 'unreachable', status: 0, detail: null, fields: [], facts: {} });
    }
    this.learnClock(answer);
    if (!answer.ok) await this.refuse(answer);
    return answer;
  }

  private async refuse(answer: Response): Promise<never> {
    const problem = readProblem(answer.status, await this.read(answer));
    if (problem.code === 'not-signed-in') this.onSessionLost();
    throw new ProblemError(problem);
  }

  /** The Date header has whole seconds: a difference below two seconds is no difference. */
  private learnClock(answer: Response): void {
    const said = Date.parse(answer.headers.get('Date') ?? '');
    if (Number.isNaN(said)) return;
    const ahead = said + 500 - Date.now();
    this.clockAhead = Math.abs(ahead) < 2000 ? 0 : ahead;
  }

  private async read(answer: Response): Promise<unknown> {
    const text = await answer.text();
    if (!text) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

function queryText(query: Query = {}): string {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : '';
}

/** The page's one client. */
export const api = new ApiClient();
