import type { Logger } from './logger';

/** How to read something from PostgreSQL, and how to see cheaply whether it changed. */
export interface Source<T> {
  /** A text that differs whenever the thing was changed by anyone. */
  revision(): Promise<string>;
  read(): Promise<T>;
}

/**
 * Something of PostgreSQL kept in memory for the call path: read at the start, after each change made here, and when
 * another service changed it (`refresh` on its news, and a cheap look every few seconds). While PostgreSQL is away
 * the last known stays.
 */
export class Kept<T> {
  private known: T;
  private revision: string | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private away = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly deps: {
      name: string;
      source: Source<T>;
      /** In use until the first reading. */
      first: T;
      log: Pick<Logger, 'warn' | 'info'>;
      lookEveryMs?: number;
    },
  ) {
    this.known = deps.first;
  }

  get now(): T {
    return this.known;
  }

  /** Reads once if PostgreSQL is there, and looks again for ever. Never rejects because PostgreSQL is away. */
  async start(): Promise<void> {
    await this.refresh().catch(() => undefined);
    this.timer = setInterval(() => void this.look(), this.deps.lookEveryMs ?? 3000);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.running?.catch(() => undefined);
  }

  /** Reads again now; calls that overlap share the work, and each sees a reading begun after it asked. */
  refresh(): Promise<void> {
    this.again = true;
    this.running ??= this.read();
    return this.running;
  }

  private async read(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        // The revision first: a change in between is read twice rather than missed.
        const revision = await this.deps.source.revision();
        this.known = await this.deps.source.read();
        this.revision = revision;
        this.reached(true);
      }
    } catch (fault) {
      this.reached(false, fault);
      throw fault;
    } finally {
      this.running = null;
    }
  }

  private async look(): Promise<void> {
    if (this.running) return;
    try {
      if ((await this.deps.source.revision()) !== this.revision) await this.refresh();
      this.reached(true);
    } catch (fault) {
      this.reached(false, fault);
    }
  }

  private reached(there: boolean, fault?: unknown): void {
    if (there === !this.away) return;
    this.away = !there;
    const { log, name } = this.deps;
    if (there) log.info(`${name}: read again`);
    else log.warn({ err: fault }, `${name}: cannot be read; the last known stay in use`);
  }
}
