import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { InboxNotice } from '../notifications/notice';
import { may } from '../permissions';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { scopeOf } from './knowledge-access';
import { TASK_ACTIONS, taskActions, type QuestionInput, type TaskAction } from './knowledge-task';
import type { KnowledgeTaskStore, ReadTask, TaskFilter, TaskRow } from './knowledge-task.store';

export interface TaskParts {
  store: KnowledgeTaskStore;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  /** The units that the dispatch catalogue names for a matter in a place, the place's own first (R2). */
  catalogue(categoryCode: string, areaCode: string | null): Promise<{ unitId: string }[]>;
  category(code: string): Promise<{ code: string } | null>;
  unit(unitId: string): { unitId: string; name: string } | null;
  unitName(unitId: string): string | null;
  /** Whether agents find the article now. */
  citable(articleId: string): Promise<boolean>;
  audit: { append(entry: AuditEntry, within?: Knex.Transaction): Promise<void> };
  clock: Clock;
}

const OPENING = 60;

/** Questions to which no answer was found: each goes to the unit that keeps the matter's articles (D1). */
export class KnowledgeTasks {
  constructor(private readonly parts: TaskParts) {}

  /**
   * Makes the task and tells its unit in the inbox, in one transaction. The unit is the one given, else the catalogue's
   * for the category and place. With a request key a repeated request answers the task it made. Throws `invalid-input`.
   */
  async ask(input: QuestionInput, caller: Caller, requestKey: string | null = null) {
    const at = this.parts.clock.now();
    const unitId = await this.unitFor(input);
    const key = requestKey === null ? null : `${caller.personId}:${requestKey}`;
    const taskId = await this.parts.store.command(async (trx) => {
      const before = key === null ? null : await this.parts.store.findByRequest(trx, key);
      if (before !== null) return before;
      const made = newTask(input, unitId, caller, at, key);
      await this.parts.store.insert(trx, made);
      await this.tell(trx, made, `knowledge:${made.task_id}`, '市民咨询未找到答案，请补充知识', at);
      await this.audit(trx, 'ask', made.task_id, caller, { unitId, ticketId: input.ticketId });
      return made.task_id;
    });
    return this.show(taskId, caller);
  }

  /** Newest first. A unit's clerk sees the own unit's, an agent the own ones. */
  async list(filter: TaskFilter, page: { cursor?: string; limit: number }, caller: Caller) {
    const scope = scopeOf(caller);
    const mine = caller.role === 'agent' ? { askedBy: caller.personId } : {};
    const narrowed = { ...filter, ...mine, ...(scope === null ? {} : { unitId: scope }) };
    const rows = await this.parts.store.list(narrowed, page.cursor ?? null, page.limit + 1);
    const items = rows.slice(0, page.limit).map((row) => this.view(row, caller));
    return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.number ?? null) : null };
  }

  /** Throws `not-found`, also for another unit's task. */
  async show(taskId: string, caller: Caller) {
    return this.view(readable(await this.parts.store.find(taskId), caller), caller);
  }

  /** Answers a task by an article that agents find. Throws `not-found`, `stale-version`, `wrong-state`, `invalid-input`. */
  async answer(taskId: string, version: number, articleId: string, caller: Caller) {
    if (!(await this.parts.citable(articleId)))
      throw new HotlineError('invalid-input', '没有这个知识条目，或尚未发布、已失效。', {
        field: 'articleId',
      });
    return this.act(taskId, version, 'answer', caller, { articleId }, (at) => ({
      ...{ article_id: articleId, answered_at: at, answered_by_name: caller.name },
    }));
  }

  /** Gives a task back to its unit, with the reason: the article does not answer it. */
  reopen(taskId: string, version: number, reason: string, caller: Caller) {
    const changes = { article_id: null, answered_at: null, answered_by_name: null };
    return this.act(taskId, version, 'reopen', caller, { reason }, () => changes, reason);
  }

  close(taskId: string, version: number, reason: string, caller: Caller) {
    return this.act(taskId, version, 'close', caller, { reason }, (at) => ({
      ...{ closed_at: at, closed_by_name: caller.name, closed_why: reason },
    }));
  }

  private async act(
    taskId: string,
    version: number,
    action: TaskAction,
    caller: Caller,
    facts: Record<string, unknown>,
    changesAt: (at: Date) => Partial<TaskRow>,
    told?: string,
  ) {
    const at = this.parts.clock.now();
    await this.parts.store.command(async (trx) => {
      const row = readable(await this.parts.store.find(taskId, trx), caller);
      const stale = () => new HotlineError('stale-version', '该任务已被他人处理，请刷新后再试。');
      if (row.version !== version) throw stale();
      const { moves, words } = TASK_ACTIONS[action];
      const state = moves[row.state];
      if (state === undefined)
        throw new HotlineError('wrong-state', `该任务当前不能${words}。`, { state: row.state });
      if (!(await this.parts.store.move(trx, taskId, version, { ...changesAt(at), state }))) throw stale();
      if (told !== undefined)
        await this.tell(trx, row, `knowledge:${taskId}:${version}`, `知识补充被退回（${told}）`, at);
      await this.audit(trx, action, taskId, caller, facts);
    });
    return this.show(taskId, caller);
  }

  private async unitFor({ unitId, categoryCode, areaCode }: QuestionInput): Promise<string> {
    if (categoryCode !== null && !(await this.parts.category(categoryCode)))
      throw new HotlineError('invalid-input', '没有这个类别。', { field: 'categoryCode' });
    if (unitId !== null) {
      if (this.parts.unit(unitId)) return unitId;
      throw new HotlineError('invalid-input', '没有这个单位，或该单位已停用。', { field: 'unitId' });
    }
    const named = categoryCode === null ? [] : await this.parts.catalogue(categoryCode, areaCode);
    const found = named.find((entry) => this.parts.unit(entry.unitId));
    if (found) return found.unitId;
    throw new HotlineError('invalid-input', '派单目录没有此类事项的单位，请指定归口单位。', {
      field: 'unitId',
    });
  }

  /** The question alone: who asked, and in which call or work order, stays with the hotline. */
  private async tell(
    trx: Knex,
    task: Pick<TaskRow, 'unit_id' | 'question'>,
    sourceId: string,
    why: string,
    at: Date,
  ) {
    const asked = Array.from(task.question);
    const opening = asked.length > OPENING ? `${asked.slice(0, OPENING).join('')}…` : task.question;
    const words = `${why}：${opening}`;
    await this.parts.inbox.add(trx, {
      ...{ unitId: task.unit_id, kind: 'knowledgeAsked', ticketId: null, words, sourceId, at },
    });
  }

  private view(row: ReadTask, { role }: Caller) {
    // Call and work order lead to the citizen.
    const whole = may(role, 'ticket.view-confidential');
    const iso = (at: Date | null) => at?.toISOString() ?? null;
    return {
      taskId: row.task_id,
      number: row.number,
      version: row.version,
      state: row.state,
      question: row.question,
      categoryCode: row.category_code,
      categoryName: row.category_name,
      unitId: row.unit_id,
      unitName: this.parts.unitName(row.unit_id),
      ticketId: whole ? row.ticket_id : null,
      callId: whole ? row.call_id : null,
      askedAt: row.asked_at.toISOString(),
      askedByName: row.asked_by_name,
      articleId: row.article_id,
      articleTitle: row.article_title,
      answeredAt: iso(row.answered_at),
      answeredByName: row.answered_by_name,
      closedAt: iso(row.closed_at),
      closedByName: row.closed_by_name,
      closedWhy: row.closed_why,
      actions: taskActions(row.state, role),
    };
  }

  private audit(
    trx: Knex.Transaction,
    what: string,
    taskId: string,
    caller: Caller,
    facts: Record<string, unknown>,
  ): Promise<void> {
    const entry = {
      who: caller.personId,
      action: `knowledge-task.${what}`,
      subject: `knowledge-task:${taskId}`,
    };
    return this.parts.audit.append({ ...entry, facts, address: caller.address }, trx);
  }
}

function readable(row: ReadTask | null, caller: Caller): ReadTask {
  const { role, unitId, personId } = caller;
  const seen = role === 'unit' ? row?.unit_id === unitId : role !== 'agent' || row?.asked_by === personId;
  if (!row || !seen) throw new HotlineError('not-found', '没有这个任务。');
  return row;
}

function newTask(
  input: QuestionInput,
  unitId: string,
  caller: Caller,
  at: Date,
  key: string | null,
): Omit<TaskRow, 'number'> {
  return {
    ...{ task_id: randomUUID(), version: 1, state: 'open', question: input.question },
    ...{
      category_code: input.categoryCode,
      unit_id: unitId,
      ticket_id: input.ticketId,
      call_id: input.callId,
    },
    ...{ asked_at: at, asked_by: caller.personId, asked_by_name: caller.name, request_key: key },
    ...{ article_id: null, answered_at: null, answered_by_name: null },
    ...{ closed_at: null, closed_by_name: null, closed_why: null },
  };
}
