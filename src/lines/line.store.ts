import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import { HotlineError } from '../errors';
import { inputOf, type Line, type LineChange, type LineInput } from './line';

/** Channel on which every service hears that lines changed. */
export const LINES_CHANNEL = 'lines_changed';

export interface LineRow {
  line_id: string;
  version: number;
  name: string;
  mode: Line['mode'];
  unit_id: string | null;
  owner: string;
  first_day: string;
  last_day: string | null;
  greeting_sound: string;
  greeting_text: string;
  queue: string;
  priority: number;
  default_category: string | null;
  script: string;
  parallel_destination: string | null;
  numbers: string[];
}

/** Who changes a line, when and how: what goes into its history. */
export interface ChangeNote {
  at: Date;
  action: LineChange['action'];
  whoId: string;
  whoName: string;
}

/** What is written in the same transaction as the change: the audit trail. */
export type Beside = (transaction: Knex.Transaction) => Promise<void>;
const nothing: Beside = async () => undefined;

const SELECT = `
  select l.line_id, l.version, l.name, l.mode, l.unit_id, l.owner, to_char(l.first_day, 'YYYY-MM-DD') first_day,
    to_char(l.last_day, 'YYYY-MM-DD') last_day, l.greeting_sound, l.greeting_text, l.queue, l.priority,
    l.default_category, l.script, l.parallel_destination,
    (select coalesce(json_agg(n.number order by n.position), '[]') from line_numbers n where n.line_id = l.line_id)
      as numbers
  from lines l`;

/** The tables lines, line_numbers and line_history. */
export class LineStore {
  constructor(private readonly db: Database) {}

  /** Every line, ended ones too, by first day and id. */
  async all(): Promise<Line[]> {
    const { rows } = await this.db.raw<{ rows: LineRow[] }>(`${SELECT} order by l.first_day, l.line_id`);
    return rows.map(toLine);
  }

  /** A text that differs whenever any line was created or changed: versions only grow and lines are never deleted. */
  async revision(): Promise<string> {
    const { rows } = await this.db.raw<{ rows: { revision: string }[] }>(
      `select count(*) || ':' || coalesce(sum(version), 0) as revision from lines`,
    );
    return rows[0]?.revision ?? '';
  }

  /** Stores a new line with version 1; `beside` writes in the same transaction. An overlapping number is a database error that `isOverlap` knows. */
  async insert(line: Line, note: ChangeNote, beside: Beside = nothing): Promise<void> {
    await this.changing(async (transaction) => {
      await transaction('lines').insert(toColumns(line));
      await this.write(transaction, line, null, note);
      await beside(transaction);
    });
  }

  /**
   * Replaces a line if it still has `expectedVersion`; `line.version` is the next one. Throws `not-found` or
   * `stale-version` with the version there is now.
   */
  async replace(
    line: Line,
    expectedVersion: number,
    note: ChangeNote,
    beside: Beside = nothing,
  ): Promise<void> {
    await this.changing(async (transaction) => {
      const before = await this.lock(transaction, line.lineId);
      if (before.version !== expectedVersion)
        throw new HotlineError('stale-version', '该热线已被他人修改，请刷新后再试', {
          version: before.version,
        });
      const { line_id: _id, ...columns } = toColumns(line);
      await transaction('lines').where({ line_id: line.lineId }).update(columns);
      await transaction('line_numbers').where({ line_id: line.lineId }).delete();
      await this.write(transaction, line, inputOf(before), note);
      await beside(transaction);
    });
  }

  /** A line's changes, newest first. */
  async history(lineId: string): Promise<LineChange[]> {
    const rows = await this.db('line_history')
      .where({ line_id: lineId })
      .orderBy('version', 'desc')
      .limit(500);
    return rows.map((row) => ({
      lineId: row.line_id as string,
      version: row.version as number,
      at: (row.at as Date).toISOString(),
      action: row.action as LineChange['action'],
      whoId: row.who_id as string,
      whoName: row.who_name as string,
      before: row.before as LineInput | null,
      after: row.after as LineInput,
    }));
  }

  /** One change of lines at a time: two that meet in the exclusion constraint would otherwise end in a deadlock. */
  private changing(work: (transaction: Knex.Transaction) => Promise<void>): Promise<void> {
    return this.db.transaction(async (transaction) => {
      await transaction.raw(`select pg_advisory_xact_lock(hashtext('hotline lines'))`);
      await work(transaction);
    });
  }

  private async lock(transaction: Knex.Transaction, lineId: string): Promise<Line> {
    const { rows } = await transaction.raw<{ rows: LineRow[] }>(
      `${SELECT} where l.line_id = ? for update of l`,
      [lineId],
    );
    if (!rows[0]) throw new HotlineError('not-found', '没有这条热线', { lineId });
    return toLine(rows[0]);
  }

  /** Numbers, history row and the word to the other services, in the change's own transaction. */
  private async write(
    transaction: Knex.Transaction,
    line: Line,
    before: LineInput | null,
    note: ChangeNote,
  ): Promise<void> {
    await transaction('line_numbers').insert(
      line.numbers.map((number, position) => ({
        line_id: line.lineId,
        position,
        number,
        first_day: line.firstDay,
        last_day: line.lastDay,
      })),
    );
    await transaction('line_history').insert({
      line_id: line.lineId,
      version: line.version,
      at: note.at,
      action: note.action,
      who_id: note.whoId,
      who_name: note.whoName,
      before: before === null ? null : JSON.stringify(before),
      after: JSON.stringify(inputOf(line)),
    });
    await transaction.raw('select pg_notify(?, ?)', [LINES_CHANNEL, line.lineId]);
  }
}

/** Whether the database refused because a number would belong to two lines on one day. */
export function isOverlap(fault: unknown): boolean {
  return typeof fault === 'object' && fault !== null && 'code' in fault && fault.code === '23P01';
}

/** Whether two inputs say the same. */
export function sameInput(one: LineInput, other: LineInput): boolean {
  return isDeepStrictEqual(one, other);
}

function toLine(row: LineRow): Line {
  return {
    lineId: row.line_id,
    version: row.version,
    name: row.name,
    mode: row.mode,
    numbers: row.numbers,
    unitId: row.unit_id,
    owner: row.owner,
    firstDay: row.first_day,
    lastDay: row.last_day,
    greetingSound: row.greeting_sound,
    greetingText: row.greeting_text,
    queue: row.queue,
    priority: row.priority,
    defaultCategory: row.default_category,
    script: row.script,
    parallelDestination: row.parallel_destination,
  };
}

function toColumns(line: Line): Omit<LineRow, 'numbers'> {
  return {
    line_id: line.lineId,
    version: line.version,
    name: line.name,
    mode: line.mode,
    unit_id: line.unitId,
    owner: line.owner,
    first_day: line.firstDay,
    last_day: line.lastDay,
    greeting_sound: line.greetingSound,
    greeting_text: line.greetingText,
    queue: line.queue,
    priority: line.priority,
    default_category: line.defaultCategory,
    script: line.script,
    parallel_destination: line.parallelDestination,
  };
}
