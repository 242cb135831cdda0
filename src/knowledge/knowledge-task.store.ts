import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { TaskState } from './knowledge-task';

export interface TaskRow {
  task_id: string;
  number: string;
  version: number;
  state: TaskState;
  question: string;
  category_code: string | null;
  unit_id: string;
  ticket_id: string | null;
  call_id: string | null;
  asked_at: Date;
  asked_by: string;
  asked_by_name: string;
  article_id: string | null;
  answered_at: Date | null;
  answered_by_name: string | null;
  closed_at: Date | null;
  closed_by_name: string | null;
  closed_why: string | null;
  request_key: string | null;
}

export interface ReadTask extends TaskRow {
  category_name: string | null;
  article_title: string | null;
}

export interface TaskFilter {
  state?: TaskState;
  unitId?: string;
  /** Only those that this person asked. */
  askedBy?: string;
}

/** Table `knowledge_tasks`. Methods that take `trx` belong to a command's transaction. */
export class KnowledgeTaskStore {
  constructor(private readonly db: Database) {}

  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** The task a request key has made; a repeated request waits here for the one before it. */
  async findByRequest(trx: Knex, key: string): Promise<string | null> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [key]);
    const row = await trx('knowledge_tasks')
      .where({ request_key: key })
      .first<{ task_id: string }>('task_id');
    return row?.task_id ?? null;
  }

  async insert(trx: Knex, row: Omit<TaskRow, 'number'>): Promise<void> {
    await trx('knowledge_tasks').insert(row);
  }

  /** Moves a task on if it is still the version the caller saw. */
  async move(trx: Knex, taskId: string, version: number, changes: Partial<TaskRow>): Promise<boolean> {
    const moved = await trx('knowledge_tasks')
      .where({ task_id: taskId, version })
      .update({ ...changes, version: version + 1 });
    return moved > 0;
  }

  async find(taskId: string, trx: Knex = this.db): Promise<ReadTask | null> {
    return (await this.read(trx).where('t.task_id', taskId).first()) ?? null;
  }

  /** Newest first, numbered below `before`. */
  list(filter: TaskFilter, before: string | null, limit: number): Promise<ReadTask[]> {
    const query = this.read(this.db).orderBy('t.number', 'desc').limit(limit);
    if (before !== null) void query.where('t.number', '<', before);
    if (filter.state !== undefined) void query.where('t.state', filter.state);
    if (filter.unitId !== undefined) void query.where('t.unit_id', filter.unitId);
    if (filter.askedBy !== undefined) void query.where('t.asked_by', filter.askedBy);
    return query;
  }

  private read(db: Knex) {
    return db('knowledge_tasks as t')
      .leftJoin('ticket_categories as c', 'c.category_code', 't.category_code')
      .leftJoin('articles as a', 'a.article_id', 't.article_id')
      .leftJoin('article_editions as e', (on) =>
        on.on('e.article_id', 'a.article_id').on('e.edition', 'a.published_edition'),
      )
      .select<ReadTask[]>('t.*', { category_name: 'c.name', article_title: 'e.title' });
  }
}
