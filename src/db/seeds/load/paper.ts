import type { TimeLimits } from '../../../deadlines/time-limit';
import type { RungRow } from '../../../deadlines/timer.store';
import type { WorkingCalendar } from '../../../deadlines/working-calendar';
import { chained, FIRST_HASH } from '../../../platform/hash-chain';
import { defaultLadder, planRungs } from '../../../supervision/escalation-ladder';
import { ACTION_INPUT, type ActionInput } from '../../../tickets/ticket-action-input';
import { decideAction } from '../../../tickets/ticket-decide';
import type { Actor, Decision, Known, NamedUnit, TicketFile } from '../../../tickets/ticket-decision';
import type { TicketAction } from '../../../tickets/ticket-lifecycle';
import type { PartRow, RequestRow, TicketRow, TimelineRow, UrgeRow } from '../../../tickets/ticket-row';
import { timelineRecord } from '../../../tickets/timeline-record';

export interface Rules {
  calendar: WorkingCalendar;
  limits: TimeLimits;
  regulation: Known['regulation'];
  utility: boolean;
  units: ReadonlyMap<string, NamedUnit>;
  remindHours: number;
  newId(): string;
}

/**
 * A work order kept in memory: the same decisions as the service takes, with the rows they would write. The rules are
 * not repeated here, so that what is loaded is what the hotline would have made.
 */
export class PaperTicket {
  readonly parts: PartRow[] = [];
  readonly requests: RequestRow[] = [];
  readonly urges: UrgeRow[] = [];
  readonly timers: RungRow[] = [];
  readonly timeline: TimelineRow[] = [];

  constructor(
    public ticket: TicketRow,
    private readonly rules: Rules,
  ) {}

  /** The row of the opening itself. */
  opened(actor: Actor, words: string, facts: Record<string, unknown>): void {
    this.write(this.ticket.opened_at, 'opened', words, actor, facts);
  }

  /** Takes an action at an instant. Throws what the service would refuse. */
  act<A extends TicketAction>(action: A, at: Date, input: object, actor: Actor): void {
    this.remind(at);
    const { regulation, limits, utility, units, calendar, newId } = this.rules;
    const known = {
      ...{ at, calendar, limits, regulation, units, newId },
      article: null,
      into: null,
      mostReopened: 2,
    };
    const given = ACTION_INPUT[action].parse(input) as ActionInput<A>;
    const decision = decideAction(action, given, this.file(), actor, { ...known, category: { utility } });
    this.carryOut(decision, at, actor);
  }

  private file(): TicketFile {
    const parts = this.parts.filter(({ current }) => current);
    const ids = new Set(parts.map(({ part_id }) => part_id));
    return {
      ticket: this.ticket,
      parts,
      requests: this.requests.filter(({ part_id }) => ids.has(part_id)),
      rounds: Math.max(0, ...this.parts.map(({ round }) => round)),
    };
  }

  private carryOut(decision: Decision, at: Date, actor: Actor): void {
    this.ticket = { ...this.ticket, ...decision.ticket, version: this.ticket.version + 1 };
    for (const { partId, changes } of decision.changed ?? [])
      Object.assign(this.parts.find(({ part_id }) => part_id === partId) ?? {}, changes);
    this.parts.push(...(decision.made ?? []));
    if (decision.asked) this.requests.push(decision.asked);
    for (const { requestId, changes } of decision.settled ?? [])
      Object.assign(this.requests.find(({ request_id }) => request_id === requestId) ?? {}, changes);
    if (decision.urge) this.urges.push({ ...decision.urge, number: this.ticket.urges });
    this.write(at, decision.kind, decision.words, actor, decision.facts ?? {});
    for (const partId of [...(decision.stopped ?? []), ...(decision.planned ?? [])])
      for (const timer of this.timers)
        if (timer.part_id === partId && timer.state === 'waiting') timer.state = 'cancelled';
    for (const partId of decision.planned ?? []) this.plan(partId, at);
  }

  /** The reminders of the ladder (S1). Letters (S2) are left to the hotline: nobody has written any. */
  private plan(partId: string, now: Date): void {
    const part = this.parts.find(({ part_id }) => part_id === partId);
    if (!part) return;
    const { calendar, remindHours, newId } = this.rules;
    const { ticket_id, part_id, unit_id, due_at } = part;
    const given = this.timers.filter((timer) => timer.part_id === partId && timer.state === 'fired');
    const facts = {
      ...{ dispatchedAt: part.dispatched_at, dueAt: due_at, now, since: null, letter: null },
      raised: new Map(given.map((timer) => [timer.rung, { at: timer.at, dueAt: timer.due_at }])),
    };
    const reminders = defaultLadder(remindHours).filter(({ action }) => action === 'remind');
    for (const { rung, step, at, why } of planRungs(reminders, facts, calendar))
      this.timers.push({
        ...{
          timer_id: newId(),
          kind: 'rung',
          ticket_id,
          part_id,
          unit_id,
          due_at,
          rung: rung.code,
          rule: rung,
        },
        ...{ step, at, why, calendar_version: calendar.version, state: 'waiting', fired_at: null },
      });
  }

  /** Gives the reminders (S1) that were due by then. */
  remind(until: Date): void {
    for (const timer of this.timers) {
      if (timer.state !== 'waiting' || timer.at > until) continue;
      timer.state = 'fired';
      timer.fired_at = timer.at;
      const part = this.parts.find(({ part_id }) => part_id === timer.part_id);
      const facts = { timerId: timer.timer_id, rung: timer.rung, dueAt: part?.due_at, clause: 'S1' };
      const early = timer.rule.when.kind === 'beforeDue';
      const words = `系统督办（S1）：提醒${part?.unit_name}，工单${early ? '将到期' : '已到期'}。`;
      this.write(timer.at, early ? 'dueSoon' : 'overdue', words, null, facts);
    }
  }

  private write(
    at: Date,
    kind: string,
    words: string,
    by: Actor | null,
    facts: Record<string, unknown>,
  ): void {
    const previous = this.ticket.timeline_hash ?? FIRST_HASH;
    const row = {
      ticket_id: this.ticket.ticket_id,
      seq: this.ticket.timeline_seq + 1,
      ...{ at, kind, words },
      by_id: by?.personId ?? null,
      by_name: by?.name ?? null,
      // As it will be read back.
      facts: JSON.parse(JSON.stringify(facts)) as Record<string, unknown>,
    };
    const hash = chained(previous, timelineRecord(row));
    this.timeline.push({ ...row, previous_hash: previous, hash });
    Object.assign(this.ticket, { timeline_seq: row.seq, timeline_hash: hash, updated_at: at });
  }
}
