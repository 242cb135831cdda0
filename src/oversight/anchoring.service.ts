import { appendFile, readFile } from 'node:fs/promises';
import { cityDay, cityInstant, shiftDay } from '../deadlines/city-time';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import { RepeatedTask } from '../platform/repeated-task';
import type { TimelineChainStore } from '../tickets/timeline-chain.store';
import { readAnchors, type Anchor } from './anchor';

const LOOK_SECONDS = 600;
/** A transaction that began before midnight has ended by then. */
const SETTLED_MS = 600_000;
/** After a long pause only so many days are noted in hindsight. */
const MOST_DAYS = 31;

/** The file outside the database in which the heads of the chains are noted once a day. */
export class Anchoring {
  private readonly looking: RepeatedTask;

  constructor(
    private readonly parts: {
      file: string;
      audit: Pick<AuditStore, 'head'>;
      timelines: Pick<TimelineChainStore, 'digest'>;
      clock: Clock;
      log: { error(facts: object, words: string): void };
    },
  ) {
    this.looking = new RepeatedTask(
      LOOK_SECONDS,
      () => this.note(),
      (fault) => parts.log.error({ err: fault }, 'heads of the chains not noted'),
    );
  }

  start(): void {
    this.looking.start();
  }

  stop(): Promise<void> {
    return this.looking.stop();
  }

  /** What was noted, oldest first; nothing while there is no file. Throws when the file cannot be read. */
  async all(): Promise<Anchor[]> {
    const text = await readFile(this.parts.file, 'utf8').catch((fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') return '';
      throw fault;
    });
    return readAnchors(text);
  }

  /** Notes every day that is over and was not noted. */
  async note(): Promise<void> {
    const last = (await this.all()).at(-1)?.day;
    const today = cityDay(new Date(this.parts.clock.now().getTime() - SETTLED_MS));
    const oldest = shiftDay(today, -MOST_DAYS);
    const next = last ? shiftDay(last, 1) : shiftDay(today, -1);
    for (let day = next < oldest ? oldest : next; day < today; day = shiftDay(day, 1)) {
      const line: Anchor = {
        day,
        audit: await this.parts.audit.head(),
        timelines: await this.parts.timelines.digest(cityInstant(day, '00:00'), cityInstant(day, '24:00')),
      };
      await appendFile(this.parts.file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    }
  }
}
