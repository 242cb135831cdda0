import type { Knex } from 'knex';
import { randomBytes, randomUUID } from 'node:crypto';
import { addWorkingMinutes, type WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { TicketRow } from '../tickets/ticket-row';
import type { TicketMove } from '../tickets/ticket.service';
import type { TicketStore } from '../tickets/ticket.store';
import type { FollowUpRow } from './evaluation-row';
import { stale, type Evaluations } from './evaluation.service';
import type { EvaluationStore } from './evaluation.store';
import { ATTEMPTS, endOfAttempt, isEvaluable, isSampled, roundOf, type Attempt } from './follow-up';
import type { FollowUpStore } from './follow-up.store';
import type { SurveyRecord } from './survey';

interface Parts {
  store: FollowUpStore;
  evaluations: Pick<Evaluations, 'record'>;
  evaluationStore: Pick<EvaluationStore, 'command'>;
  ticketStore: Pick<TicketStore, 'find' | 'writeTimeline'>;
  audit: Pick<AuditStore, 'append'>;
  /** Sends the citizen the link of the survey, in the transaction that made it; does nothing where none can be sent. */
  invite(trx: Knex.Transaction, ticket: TicketRow, token: string, sourceId: string): Promise<void>;
  clock: Clock;
  answeredPercent: number;
  workingHours: number;
  mostAttempts: number;
  linkDays: number;
}

/** 回访 (E1): made at each conclusion, worked by 12345's people, ended by a result. */
export class FollowUps {
  constructor(private readonly parts: Parts) {}

  /** Told of every command on a work order, in its transaction: a conclusion makes a task, a matter that goes on ends it. */
  async moved(trx: Knex.Transaction, { ticket, kind, sourceId, at, calendar }: TicketMove): Promise<void> {
    const { ticket_id: ticketId } = ticket;
    if (kind === 'reopened' || kind === 'archived') return this.parts.store.cancel(trx, ticketId, at);
    if (kind !== 'checked' && kind !== 'answered') return;
    if (kind === 'answered' && !isSampled(ticketId, this.parts.answeredPercent)) return;
    const made = await this.parts.store.make(trx, {
      follow_up_id: randomUUID(),
      ticket_id: ticketId,
      round: roundOf(ticket),
      ...{ cause: kind, state: 'open', version: 1, made_at: at },
      due_at: dueAt(calendar, at, this.parts.workingHours),
      ...{ next_at: null, attempts: 0, taken_by: null, taken_by_name: null },
      ...{ evaluation_id: null, ended_at: null },
    });
    if (made) await this.sendLink(trx, ticket, sourceId, at);
  }

  /** The task is this person's until released. Throws `wrong-state`, `stale-version`. */
  async claim(followUpId: string, version: number, caller: Caller): Promise<void> {
    const seen = await this.find(followUpId);
    if (seen.state !== 'open') throw new HotlineError('wrong-state', whoseWords(seen));
    const taken = { state: 'taken', taken_by: caller.personId, taken_by_name: caller.name } as const;
    await this.change(seen, version, taken, 'follow-up.claim', caller);
  }

  /** Back to all; a supervisor may take it from whoever has it. */
  async release(followUpId: string, version: number, caller: Caller): Promise<void> {
    const seen = await this.find(followUpId);
    if (seen.state !== 'taken') throw new HotlineError('wrong-state', whoseWords(seen));
    mayWork(seen, caller);
    const free = { state: 'open', taken_by: null, taken_by_name: null } as const;
    await this.change(seen, version, free, 'follow-up.release', caller);
  }

  /**
   * An attempt without a result: the citizen is tried again, or, refused or not reached as often as set, asked no more and
   * the matter counts as followed up. One timeline row either way.
   */
  async attempt(
    followUpId: string,
    version: number,
    given: { outcome: Attempt; words: string; nextAt: Date | null; callId: string | null },
    caller: Caller,
  ): Promise<void> {
    const { store, ticketStore, evaluationStore, evaluations, clock, mostAttempts } = this.parts;
    const seen = await this.find(followUpId);
    if (seen.state !== 'taken' && seen.state !== 'open')
      throw new HotlineError('wrong-state', whoseWords(seen));
    if (seen.version !== version) throw stale();
    mayWork(seen, caller);
    const at = clock.now();
    if (given.nextAt && given.nextAt <= at)
      throw new HotlineError('invalid-input', '约定的时间须晚于现在。', { field: 'nextAt' });
    const number = seen.attempts + 1;
    const row = {
      follow_up_id: followUpId,
      ...{ number, at, outcome: given.outcome, words: given.words },
      ...{ next_at: given.nextAt, call_id: given.callId, by_id: caller.personId, by_name: caller.name },
    };
    const by = { id: caller.personId, name: caller.name };
    const end = endOfAttempt(given.outcome, number, mostAttempts);
    const keep = async (trx: Knex.Transaction) => {
      await store.addAttempt(trx, row);
      if (!(await store.change(trx, followUpId, version, { attempts: number, next_at: given.nextAt })))
        throw stale();
    };
    if (end) {
      const ticket = await ticketStore.find(seen.ticket_id);
      const result = { outcome: end, channel: 'call', answer: null, words: given.words } as const;
      await evaluations.record(seen.ticket_id, ticket?.version ?? 0, result, caller, by, keep);
      return;
    }
    await evaluationStore.command(async (trx) => {
      await ticketStore.writeTimeline(trx, seen.ticket_id, {
        ...{ at, kind: 'followUpTried', by, facts: { followUpId, outcome: given.outcome } },
        words: `第 ${number} 次回访：${ATTEMPTS[given.outcome]}`,
      });
      await keep(trx);
    });
  }

  /** What the citizen said, written down by who asked; also later on, beside the result there is. `version`: the work order's. */
  async record(
    ticketId: string,
    version: number,
    answer: SurveyRecord,
    caller: Caller,
  ): Promise<{ evaluationId: string }> {
    const ticket = await this.parts.ticketStore.find(ticketId);
    if (!ticket) throw new HotlineError('not-found', '没有这张工单。');
    const task = await this.parts.store.ofRound(ticketId, roundOf(ticket));
    if (task) mayWork(task, caller);
    const by = { id: caller.personId, name: caller.name };
    const result = { outcome: 'evaluated', channel: 'call', answer } as const;
    return this.parts.evaluations.record(ticketId, version, result, caller, by);
  }

  /** A new unguessable token of the matter's present round, good for `linkDays`. */
  async makeLink(trx: Knex, ticket: TicketRow, channel: 'sms' | 'web', at: Date): Promise<string> {
    if (!isEvaluable(ticket.state)) throw new HotlineError('wrong-state', '工单尚未办结，暂不能评价。');
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(at.getTime() + this.parts.linkDays * 86_400_000);
    const link = { ticketId: ticket.ticket_id, round: roundOf(ticket), channel, at, expiresAt };
    await this.parts.store.addLink(trx, token, link);
    return token;
  }

  private async sendLink(
    trx: Knex.Transaction,
    ticket: TicketRow,
    sourceId: string,
    at: Date,
  ): Promise<void> {
    if (ticket.caller_number === null && ticket.contact_number === null) return;
    const token = await this.makeLink(trx, ticket, 'sms', at);
    await this.parts.invite(trx, ticket, token, `${sourceId}-survey`);
  }

  private async find(followUpId: string): Promise<FollowUpRow> {
    const found = await this.parts.store.find(followUpId);
    if (!found) throw new HotlineError('not-found', '没有这项回访任务。');
    return found;
  }

  private async change(
    seen: FollowUpRow,
    version: number,
    changes: Partial<FollowUpRow>,
    action: string,
    caller: Caller,
  ): Promise<void> {
    await this.parts.evaluationStore.command(async (trx) => {
      if (!(await this.parts.store.change(trx, seen.follow_up_id, version, changes))) throw stale();
      const { personId: who, address } = caller;
      await this.parts.audit.append({ who, action, subject: seen.ticket_id, address }, trx);
    });
  }
}

/** Null where the working calendar does not reach: a conclusion must not wait for the calendar. */
function dueAt(calendar: WorkingCalendar, at: Date, workingHours: number): Date | null {
  try {
    return addWorkingMinutes(calendar, at, workingHours * 60);
  } catch (fault) {
    if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return null;
    throw fault;
  }
}

function mayWork(task: FollowUpRow, caller: Caller): void {
  if (task.state !== 'taken' || task.taken_by === caller.personId || caller.role === 'supervisor') return;
  throw new HotlineError('wrong-state', whoseWords(task));
}

function whoseWords(task: FollowUpRow): string {
  if (task.state === 'taken') return `${task.taken_by_name}正在回访。`;
  return task.state === 'open' ? '请先领取回访任务。' : '回访任务已结束。';
}
