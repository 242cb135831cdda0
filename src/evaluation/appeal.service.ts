import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { addWorkingDays, type WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { TicketStore } from '../tickets/ticket.store';
import type { AppealRow, EvaluationRow } from './evaluation-row';
import { stale } from './evaluation.service';
import type { EvaluationStore } from './evaluation.store';
import { LEVELS, type SatisfactionLevel } from './survey';

/** What an appeal, an exclusion or a ruling changes in months that are closed already: performance/ keeps a correction. */
export interface Correction {
  ticketId: string;
  cause: 'appeal' | 'exclusion' | 'demand';
  words: string;
  at: Date;
  by: { id: string; name: string };
}
export type Correct = (trx: Knex.Transaction, correction: Correction) => Promise<void>;

interface Parts {
  store: EvaluationStore;
  ticketStore: Pick<TicketStore, 'writeTimeline'>;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  calendar: { current(): Promise<WorkingCalendar> };
  correct: Correct;
  clock: Clock;
  workingDays: number;
}

/** What an upheld appeal does: the result counts no more, or counts as corrected. */
export type Ruling =
  | { upheld: false; words: string }
  | { upheld: true; words: string; effect: 'excluded' }
  | { upheld: true; words: string; effect: 'corrected'; level: SatisfactionLevel; solved: boolean };

/** 申诉: a unit's objection to its evaluation, decided by a supervisor (E1, P1). */
export class Appeals {
  constructor(private readonly parts: Parts) {}

  /** Once for each evaluation, in time, by the evaluated unit. Throws `not-found`, `appeal-too-late`, `already-exists`. */
  async ask(
    evaluationId: string,
    given: { reason: string; evidence: string },
    caller: Caller,
  ): Promise<{ appealId: string }> {
    const { store, ticketStore, clock } = this.parts;
    const seen = await store.find(evaluationId);
    if (!seen || seen.unit_id === null || seen.unit_id !== caller.unitId)
      throw new HotlineError('not-found', '没有这条评价。');
    if (seen.outcome !== 'evaluated') throw new HotlineError('wrong-state', '诉求人未作评价，无需申诉。');
    const at = clock.now();
    await this.inTime(seen, at);
    const by = { id: caller.personId, name: caller.name };
    const row: AppealRow = {
      appeal_id: randomUUID(),
      evaluation_id: evaluationId,
      ticket_id: seen.ticket_id,
      unit_id: seen.unit_id,
      ...given,
      ...{ state: 'pending', version: 1 },
      ...{ asked_at: at, asked_by: by.id, asked_by_name: by.name },
      ...{ decided_at: null, decided_by: null, decided_by_name: null, decision: null },
    };
    await store.command(async (trx) => {
      await ticketStore.writeTimeline(trx, seen.ticket_id, {
        ...{ at, kind: 'appealed', words: `${seen.unit_name}对评价提出申诉：${given.reason}`, by },
        facts: { evaluationId, appealId: row.appeal_id },
      });
      if (!(await store.insertAppeal(trx, row)))
        throw new HotlineError('already-exists', '这条评价已经申诉过。', { evaluationId });
    });
    return { appealId: row.appeal_id };
  }

  /** One timeline row; the unit is told. Throws `not-found`, `stale-version`, `wrong-state`. */
  async decide(appealId: string, version: number, ruling: Ruling, caller: Caller): Promise<void> {
    const { store, ticketStore, inbox, correct, clock } = this.parts;
    const appeal = await store.findAppeal(appealId);
    const evaluation = appeal && (await store.find(appeal.evaluation_id));
    if (!appeal || !evaluation) throw new HotlineError('not-found', '没有这项申诉。');
    if (appeal.state !== 'pending') throw new HotlineError('wrong-state', '这项申诉已经审核。');
    const at = clock.now();
    const by = { id: caller.personId, name: caller.name };
    const words = `评价申诉${rulingWords(ruling)}：${ruling.words}`;
    const ticketId = appeal.ticket_id;
    await store.command(async (trx) => {
      await ticketStore.writeTimeline(trx, ticketId, {
        ...{ at, kind: 'appealDecided', words, by },
        facts: { appealId, evaluationId: evaluation.evaluation_id, upheld: ruling.upheld },
      });
      const state = ruling.upheld ? ('upheld' as const) : ('refused' as const);
      const decided = { decided_at: at, decided_by: by.id, decided_by_name: by.name, decision: words };
      if (!(await store.decideAppeal(trx, appealId, version, { state, ...decided }))) throw stale();
      await inbox.add(trx, {
        ...{ unitId: appeal.unit_id, kind: 'appealDecided', ticketId, words, at },
        sourceId: `${appealId}-decided`,
      });
      if (!ruling.upheld) return;
      const now = await store.find(evaluation.evaluation_id, trx);
      await store.change(trx, evaluation.evaluation_id, now?.version ?? 0, effectOf(ruling));
      await correct(trx, { ticketId, cause: 'appeal', words, at, by });
    });
  }

  private async inTime(seen: EvaluationRow, at: Date): Promise<void> {
    const { calendar, workingDays } = this.parts;
    const until = seen.appeal_until ?? addWorkingDays(await calendar.current(), seen.at, workingDays).at;
    if (at > until)
      throw new HotlineError('appeal-too-late', `申诉须在评价后 ${workingDays} 个工作日内提出。`, {
        until: until.toISOString(),
      });
  }
}

function effectOf(ruling: Exclude<Ruling, { upheld: false }>): Partial<EvaluationRow> {
  if (ruling.effect === 'excluded') return { counts: false };
  return { counted_level: ruling.level, counted_solved: ruling.solved };
}

function rulingWords(ruling: Ruling): string {
  if (!ruling.upheld) return '不成立，维持评价';
  if (ruling.effect === 'excluded') return '成立，评价不计入考核';
  return `成立，评价更正为${LEVELS[ruling.level]}、${ruling.solved ? '已解决' : '未解决'}`;
}
