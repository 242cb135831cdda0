import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { DEFAULT_QUEUES, type Queue } from './queue';

/** The queues, kept in memory: the call path reads them without the database. */
export class QueueStore {
  private known: ReadonlyMap<string, Queue> = byName(DEFAULT_QUEUES);

  constructor(private readonly database: Database) {}

  /** Reads the list anew; the last known stays when the database is away. */
  async refresh(): Promise<void> {
    const rows = (await this.database('queues')
      .select('queue', 'name', 'skill', 'relax')
      .orderBy('queue')) as Queue[];
    this.known = byName([...DEFAULT_QUEUES, ...rows]);
  }

  /** Makes or changes a queue; calls already waiting in it are offered by its new skill. `beside` (audit) joins in. */
  async put(queue: Queue, beside: (transaction: Knex.Transaction) => Promise<void>): Promise<void> {
    const row = { ...queue, relax: JSON.stringify(queue.relax ?? []) };
    await this.database.transaction(async (trx) => {
      await trx('queues').insert(row).onConflict('queue').merge();
      await beside(trx);
    });
    await this.refresh();
  }

  all(): ReadonlyMap<string, Queue> {
    return this.known;
  }
}

function byName(queues: Queue[]): ReadonlyMap<string, Queue> {
  return new Map(queues.map((queue) => [queue.queue, queue]));
}
