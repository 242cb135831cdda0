import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { parseCookie } from 'cookie';
import { HotlineError } from '../errors';
import type { Role } from '../permissions';
import type { Clock } from './clock';
import type { Caller } from './http-route';
import { within } from './lifecycle';
import type { Logger } from './logger';
import type { SessionRow, SessionStore } from './sessions.store';

export const SESSION_COOKIE = 'hotline_session';
/** A cached session is looked up again after this long, so that an end made by another service is noticed. */
const RECHECK_MS = 10_000;
/** Use is written to the table at most this often. */
const WRITE_USE_MS = 60_000;
const SWEEP_MS = 60_000;
/** The table is not waited for longer than this (seconds): it may hang instead of refusing. */
const PATIENCE = { known: 1.5, unknown: 5 };
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Who a session is opened for. */
export interface SessionPerson {
  personId: string;
  name: string;
  role: Role;
  unitId: string | null;
}

interface Cached extends SessionRow {
  checkedAt: number;
  writtenAt: number;
}

type EndListener = (sessionId: string, personId: string) => void;

/**
 * Server-side sessions. The browser holds a 256-bit random token in a cookie; the table holds its hash. Sessions seen
 * by this process stay usable from memory while PostgreSQL is away; unknown ones are then refused as
 * `store-unavailable`, since nobody can say whether they exist.
 */
export class Sessions {
  private readonly cache = new Map<string, Cached>();
  private readonly endListeners = new Set<EndListener>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly deps: { store: SessionStore; clock: Clock; log: Logger; sessionHours: number },
  ) {}

  start(): void {
    this.timer ??= setInterval(() => void this.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Hears the end of every session this process knows of; returns the function that stops it. */
  onEnded(listener: EndListener): () => void {
    this.endListeners.add(listener);
    return () => this.endListeners.delete(listener);
  }

  /** Opens a session with a new token (never one the browser brought: no fixation). */
  async open(person: SessionPerson): Promise<{ token: string; csrf: string; sessionId: string }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.deps.clock.now();
    const { personId, name, role, unitId } = person;
    const row = {
      sessionId: randomUUID(),
      tokenHash: hashOf(token),
      personId,
      name,
      role,
      unitId,
      beganAt: now,
      usedAt: now,
    };
    await this.deps.store.insert(row);
    this.cache.set(row.tokenHash, { ...row, checkedAt: now.getTime(), writtenAt: now.getTime() });
    return { token, csrf: csrfOf(token), sessionId: row.sessionId };
  }

  /**
   * Who this token belongs to, or null when it belongs to nobody, is idle too long or was ended. `use` (the default)
   * counts as activity. Throws `store-unavailable` when only the table could tell and it cannot be reached.
   */
  async resolve(token: string | null, address: string, use = true): Promise<Caller | null> {
    if (!token || !TOKEN.test(token)) return null;
    const tokenHash = hashOf(token);
    const row = await this.current(tokenHash);
    if (!row) return null;
    const now = this.deps.clock.now();
    if (now.getTime() - row.usedAt.getTime() > this.idleMs()) {
      await this.end(row.sessionId);
      return null;
    }
    if (use) this.noteUse(row, now);
    const { personId, name, role, unitId, sessionId } = row;
    return { personId, name, role, unitId, sessionId, address };
  }

  /** Ends one session: sign-out. Already ended is fine. */
  async end(sessionId: string): Promise<void> {
    this.forget((row) => row.sessionId === sessionId);
    await this.deps.store.remove(sessionId);
  }

  /** Ends all sessions of a person (role changed, ended, password changed), but for one if named. */
  async endAllOf(personId: string, exceptSessionId: string | null = null): Promise<void> {
    this.forget((row) => row.personId === personId && row.sessionId !== exceptSessionId);
    await this.deps.store.removeAllOf(personId, exceptSessionId);
  }

  private async current(tokenHash: string): Promise<Cached | null> {
    const known = this.cache.get(tokenHash);
    const now = this.deps.clock.now().getTime();
    if (known && now - known.checkedAt < RECHECK_MS) return known;
    let row: SessionRow | null;
    try {
      const patience = known ? PATIENCE.known : PATIENCE.unknown;
      row = await within(patience, 'session', () => this.deps.store.byTokenHash(tokenHash));
    } catch (fault) {
      if (!known) throw new HotlineError('store-unavailable', '数据库暂时不可用，请稍后再试');
      this.deps.log.warn({ err: fault }, 'session table not reachable: going on with the remembered session');
      known.checkedAt = now;
      return known;
    }
    if (!row) {
      if (known) this.forget((entry) => entry.tokenHash === tokenHash);
      return null;
    }
    const usedAt = known && known.usedAt > row.usedAt ? known.usedAt : row.usedAt;
    const fresh = { ...row, usedAt, checkedAt: now, writtenAt: row.usedAt.getTime() };
    this.cache.set(tokenHash, fresh);
    return fresh;
  }

  private noteUse(row: Cached, now: Date): void {
    row.usedAt = now;
    if (now.getTime() - row.writtenAt < WRITE_USE_MS) return;
    row.writtenAt = now.getTime();
    // Not awaited: the request must not wait for it, and losing one note of use is harmless.
    this.deps.store
      .used(row.sessionId, now)
      .catch((fault: unknown) => this.deps.log.warn({ err: fault }, 'use of a session not written'));
  }

  private forget(which: (row: Cached) => boolean): void {
    for (const [tokenHash, row] of this.cache) {
      if (!which(row)) continue;
      this.cache.delete(tokenHash);
      for (const listener of this.endListeners) listener(row.sessionId, row.personId);
    }
  }

  private async sweep(): Promise<void> {
    const oldest = new Date(this.deps.clock.now().getTime() - this.idleMs());
    this.forget((row) => row.usedAt < oldest);
    await this.deps.store
      .removeUnusedSince(oldest)
      .catch((fault: unknown) => this.deps.log.warn({ err: fault }, 'old sessions not removed'));
  }

  private idleMs(): number {
    return this.deps.sessionHours * 3_600_000;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The CSRF token of a session: derived from its secret token, so that it needs no storage and ends with it. */
export function csrfOf(token: string): string {
  return createHash('sha256').update(`csrf:${token}`).digest('base64url');
}

/** Whether a header's CSRF token is the session's, compared in constant time. */
export function csrfMatches(token: string, given: string | undefined): boolean {
  const expected = Buffer.from(csrfOf(token));
  const actual = Buffer.from(given ?? '');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The session token of a Cookie header, or null. */
export function sessionTokenOf(cookieHeader: string | undefined): string | null {
  return cookieHeader ? (parseCookie(cookieHeader)[SESSION_COOKIE] ?? null) : null;
}
