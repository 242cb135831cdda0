import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { addWorkingDays, type WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { InboxNotice } from '../notifications/notice';
import type { Escalation } from '../supervision/escalation';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { leadOf } from '../tickets/ticket-decision';
import type { TicketRow } from '../tickets/ticket-row';
import type { TicketService } from '../tickets/ticket.service';
import type { TicketStore } from '../tickets/ticket.store';
import type { EvaluationRow } from './evaluation-row';
import type { EvaluationStore } from './evaluation.store';
import { isEvaluable, roundOf } from './follow-up';
import type { FollowUpStore } from './follow-up.store';
import {
  consequenceOf,
  isPoor,
  resultWords,
  SURVEY_CHANNELS,
  type Consequence,
  type Outcome,
  type SurveyChannel,
  type SurveyRecord,
} from './survey';

export interface EvaluationParts {
  store: EvaluationStore;
  followUps: FollowUpStore;
  tickets: Pick<TicketService, 'act'>;
  ticketStore: Pick<TicketStore, 'find' | 'lockFile' | 'writeTimeline'>;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  /** Messages to the unit's people, beside its inbox; once for each `sourceId`. */
  tellUnit(
    trx: Knex.Transaction,
    told: { unitId: string; ticketId: string; number: string; result: string; sourceId: string },
  ): Promise<void>;
  calendar: { current(): Promise<WorkingCalendar> };
  /** Supervision's ladder, which may have a rung for a dissatisfied citizen (S2). */
  escalation: Escalation;
  clock: Clock;
  mostReopened: number;
  appealWorkingDays: number;
}

/** What came of asking a citizen; `answer` is null where he said nothing. */
export interface Result {
  outcome: Outcome;
  channel: SurveyChannel;
  answer: SurveyRecord | null;
  /** Of the agent, where nothing was said. */
  words?: string;
}

/** Results of follow-ups (E1): kept, counted once per matter, and moving the work order on. */
export class Evaluations {
  constructor(private readonly parts: EvaluationParts) {}

  /**
   * Keeps a result and moves its work order, in one transaction with one timeline row: followed up, or reopened to the
   * same unit when the citizen is dissatisfied or the matter unsolved. `version` is the work order's; `by` is null for the
   * citizen himself; `also` adds to the transaction. Throws `not-found`, `stale-version`, `wrong-state`.
   */
  async record(
    ticketId: string,
    version: number,
    result: Result,
    caller: Caller,
    by: { id: string; name: string } | null,
    also: (trx: Knex.Transaction) => Promise<void> = async () => undefined,
  ): Promise<{ evaluationId: string; consequence: Consequence }> {
    const ticket = await this.parts.ticketStore.find(ticketId);
    if (!ticket) throw new HotlineError('not-found', '没有这张工单。');
    if (!isEvaluable(ticket.state)) throw new HotlineError('wrong-state', '工单尚未办结，或已重办、归档。');
    const { answer } = result;
    const { mostReopened } = this.parts;
    const consequence = answer
      ? consequenceOf(answer, { reopened: ticket.reopened, mostReopened })
      : 'followUp';
    const row = await this.rowOf(ticket, result, consequence, by);
    const words = this.words(result, consequence);
    const within = async (trx: Knex.Transaction) => {
      await also(trx);
      await this.keep(trx, ticket, row, result);
    };
    const { tickets } = this.parts;
    if (consequence === 'reopen')
      await tickets.act('reopen', ticketId, version, { reason: words }, caller, within);
    else await tickets.act('followUp', ticketId, version, { words }, caller, within);
    return { evaluationId: row.evaluation_id, consequence };
  }

  /** A supervisor has looked at a matter that may not be done again once more. */
  async review(evaluationId: string, version: number, words: string, caller: Caller): Promise<void> {
    const { store, ticketStore, clock } = this.parts;
    const seen = await store.find(evaluationId);
    if (!seen) throw new HotlineError('not-found', '没有这条评价。');
    if (seen.review !== 'waiting') throw new HotlineError('wrong-state', '这条评价不待处理。');
    const at = clock.now();
    const by = { id: caller.personId, name: caller.name };
    const reviewed = {
      review: 'done' as const,
      review_words: words,
      ...{ reviewed_at: at, reviewed_by: by.id, reviewed_by_name: by.name },
    };
    await store.command(async (trx) => {
      await ticketStore.writeTimeline(trx, seen.ticket_id, {
        ...{ at, kind: 'evaluationReviewed', words: `重办已达上限，班长处理：${words}`, by },
        facts: { evaluationId },
      });
      if (!(await store.change(trx, evaluationId, version, reviewed))) throw stale();
    });
  }

  private async rowOf(
    ticket: TicketRow,
    { outcome, channel, answer, words }: Result,
    consequence: Consequence,
    by: { id: string; name: string } | null,
  ): Promise<Omit<EvaluationRow, 'final'>> {
    const at = this.parts.clock.now();
    return {
      evaluation_id: randomUUID(),
      ticket_id: ticket.ticket_id,
      round: roundOf(ticket),
      ...{ channel, outcome, consequence, at },
      unit_id: ticket.lead_unit_id,
      unit_name: ticket.lead_unit_name,
      truthful: answer?.truthful ?? null,
      unit_contacted: answer?.unitContacted ?? null,
      solved: answer?.solved ?? null,
      first_level: answer ? (answer.firstLevel ?? answer.level) : null,
      level: answer?.level ?? null,
      counts: true,
      counted_solved: answer?.solved ?? null,
      counted_level: answer?.level ?? null,
      words: answer?.words ?? words ?? '',
      advice: answer?.advice ?? '',
      call_id: answer?.callId ?? null,
      review: consequence === 'supervise' ? 'waiting' : null,
      ...{ review_words: null, reviewed_at: null, reviewed_by: null, reviewed_by_name: null },
      appeal_until: ticket.lead_unit_id === null ? null : await this.appealUntil(at),
      by_id: by?.id ?? null,
      by_name: by?.name ?? null,
      version: 1,
    };
  }

  /** Null where the calendar does not reach so far: a result must not wait for the calendar. */
  private async appealUntil(at: Date): Promise<Date | null> {
    try {
      return addWorkingDays(await this.parts.calendar.current(), at, this.parts.appealWorkingDays).at;
    } catch (fault) {
      if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return null;
      throw fault;
    }
  }

  /** For the timeline and the unit. What a citizen said himself stays with the result: it may tell who he is. */
  private words({ channel, outcome, answer }: Result, consequence: Consequence): string {
    const advice = answer?.advice ? `。12345意见：${answer.advice}` : '';
    const limit = consequence === 'supervise' ? '。重办已达上限，转班长处理' : '';
    return `${SURVEY_CHANNELS[channel]}，${resultWords(outcome, answer)}${advice}${limit}`;
  }

  /** In the transaction of the move. */
  private async keep(
    trx: Knex.Transaction,
    before: TicketRow,
    row: Omit<EvaluationRow, 'final'>,
    result: Result,
  ): Promise<void> {
    const { store, followUps, inbox, tellUnit, ticketStore, escalation } = this.parts;
    const { evaluation_id: evaluationId, ticket_id: ticketId, round, unit_id: unitId, at } = row;
    await store.insert(trx, row);
    await followUps.end(trx, { ticketId, round, evaluationId, at });
    if (unitId === null || !result.answer) return;
    // A reopened one tells its unit so itself, with the same words.
    if (row.consequence !== 'reopen')
      await inbox.add(trx, {
        ...{ unitId, kind: 'evaluated', ticketId, at },
        words: `工单 ${before.number} ${this.words(result, row.consequence)}`,
        sourceId: evaluationId,
      });
    const { level, solved } = result.answer;
    const brief = resultWords('evaluated', { level, solved, unitContacted: null, truthful: null });
    const about = { unitId, ticketId, number: before.number };
    await tellUnit(trx, { ...about, result: brief, sourceId: evaluationId });
    if (!isPoor(result.answer)) return;
    const file = await ticketStore.lockFile(trx, ticketId);
    const lead = file && leadOf(file);
    const words = `诉求人${resultWords(result.outcome, result.answer)}`;
    const by = row.by_id === null ? null : { id: row.by_id, name: row.by_name ?? '' };
    if (lead) await escalation.raise(trx, lead.part_id, { event: 'dissatisfied', words, by });
  }
}

export const stale = () => new HotlineError('stale-version', '已被他人更新，请刷新后再操作。');
