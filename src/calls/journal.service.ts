import { randomUUID } from 'node:crypto';
import type { JournalEvent } from './call-record';
import type { JournalEntry, JournalStore } from './journal.store';

interface Pending {
  entry: JournalEntry;
  /** The stream's id once Redis has taken it; null when it could not. */
  streamId: Promise<string | null>;
}

const BATCH = 500;
const QUIET_MS = 100;
const RETRY_MS = 1000;

/**
 * Everything that happened to calls and seats, in order. `append` never waits: the entry is held here and in a Redis
 * stream until PostgreSQL has it, exactly once. PostgreSQL may be away for an hour; Redis may be emptied while we
 * live; the service may die. Only both at the same moment lose the entries not yet written.
 */
export class JournalService {
  private pending: Pending[] = [];
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly store: JournalStore,
    private readonly log: {
      warn(facts: object, words: string): void;
      info(facts: object, words: string): void;
    },
    private readonly onWritten: (events: JournalEvent[]) => void = () => undefined,
  ) {}

  /** Takes over what an earlier run left in the stream. */
  async start(): Promise<void> {
    const { entries, unreadable } = await this.store.leftovers();
    this.pending.unshift(
      ...entries.map(({ streamId, entry }) => ({ entry, streamId: Promise.resolve(streamId) })),
    );
    if (entries.length || unreadable)
      this.log.info({ entries: entries.length, unreadable }, 'journal entries of an earlier run');
    this.schedule(0);
  }

  /** How many entries PostgreSQL does not have yet. */
  get lag(): number {
    return this.pending.length;
  }

  append(event: JournalEvent): void {
    const entry = { entryId: randomUUID(), event };
    const streamId = this.store.push(entry).catch((fault: unknown) => {
      this.log.warn({ fault: String(fault) }, 'journal entry is held in memory only');
      return null;
    });
    this.pending.push({ entry, streamId });
    this.schedule(QUIET_MS);
  }

  /** Resolves when PostgreSQL has everything appended so far; throws when it cannot be written now. */
  async flush(): Promise<void> {
    while (this.pending.length) await this.write();
  }

  /** Writes what can be written; the rest stays in the stream for the next run. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.flush().catch(() => undefined);
  }

  private schedule(delay: number): void {
    if (this.timer || this.stopped || !this.pending.length) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.write().then(
        () => this.schedule(QUIET_MS),
        (fault: unknown) => {
          this.log.warn(
            { fault: String(fault), waiting: this.pending.length },
            'journal cannot be written now',
          );
          this.schedule(RETRY_MS);
        },
      );
    }, delay);
  }

  /** One writer at a time, so that entries keep their order in the table. */
  private async write(): Promise<void> {
    if (this.writing) return this.writing;
    this.writing = this.writeBatch().finally(() => (this.writing = null));
    return this.writing;
  }

  private async writeBatch(): Promise<void> {
    const batch = this.pending.slice(0, BATCH);
    if (!batch.length) return;
    await this.store.write(batch.map(({ entry }) => entry));
    this.pending = this.pending.slice(batch.length);
    this.onWritten(batch.map(({ entry }) => entry.event));
    void this.forget(batch);
  }

  private async forget(batch: Pending[]): Promise<void> {
    const ids = await Promise.all(batch.map(({ streamId }) => streamId));
    await this.store.drop(ids.filter((id) => id) as string[]).catch(() => undefined);
  }
}
