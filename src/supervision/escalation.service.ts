import type { Knex } from 'knex';
import type { TicketEvent } from '../events';
import { HotlineError } from '../errors';
import { cityWords } from '../deadlines/city-time';
import type { DueTimer, RungRow, RungTimer, TimerStore } from '../deadlines/timer.store';
import { isWorkingTime, nextOpening, type WorkingCalendar } from '../deadlines/working-calendar';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import { isPaused, type UnitMessage } from '../tickets/ticket-decision';
import type { PartRow, TicketRow } from '../tickets/ticket-row';
import type { TimelineEntry } from '../tickets/ticket.store';
import type { Escalation, RaiseCause } from './escalation';
import {
  planRungs,
  SUPERVISION_CLAUSES,
  type PlannedRung,
  type Raised,
  type Rung,
} from './escalation-ladder';
import { reminderWords } from './reminder-words';

/** A unit's part with its ticket, both locked. */
export interface OpenPart {
  ticket: TicketRow;
  part: PartRow;
}

/** What the ladder needs of the tickets. */
export interface SupervisedTickets {
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
  lockOpenPart(trx: Knex, partId: string): Promise<OpenPart | null>;
  lockPart(trx: Knex, partId: string): Promise<OpenPart | null>;
  writeTimeline(trx: Knex, ticketId: string, entry: TimelineEntry): Promise<unknown>;
}

export interface RungLetters {
  /** The part's letter that is drafted or issued and not answered. */
  open(trx: Knex, partId: string): Promise<{ issued: boolean; replyBy: Date } | null>;
  /** Drafts a letter, or issues it at once where the rung is automatic; writes its timeline row. */
  raise(
    trx: Knex.Transaction,
    of: OpenPart,
    rung: Rung,
    cause: { timerId: string | null; words: string; by: RaiseCause['by'] },
  ): Promise<TicketEvent>;
  /** Withdraws drafts nobody has sent; answers the timers they came from. */
  withdrawDrafts(trx: Knex, partId: string): Promise<string[]>;
}

export interface EscalationParts {
  timers: TimerStore;
  tickets: SupervisedTickets;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  /** SMS and e-mail to the unit's people, beside the inbox. */
  tellUnit(trx: Knex.Transaction, ticketId: string, message: UnitMessage, sourceId: string): Promise<void>;
  calendar: { current(trx?: Knex): Promise<WorkingCalendar> };
  /** The city's ladder. */
  ladder: { current(trx?: Knex): Promise<readonly Rung[]> };
  letters: RungLetters;
  matters: {
    /** Proposes (or opens, where the rung is automatic) a special case; null when one is open. Writes its timeline row. */
    raiseSpecialCase(
      trx: Knex.Transaction,
      of: OpenPart,
      rung: Rung,
      timerId: string,
    ): Promise<TicketEvent | null>;
    /** Reminds of a matter's date; null when it is over. */
    remindOfDate(
      trx: Knex.Transaction,
      timer: Extract<DueTimer, { kind: 'date' }>,
    ): Promise<TicketEvent | null>;
  };
  clock: Clock;
  announce(event: TicketEvent): void;
  onFault(fault: unknown, timerId: string): void;
}

type Step = 'none' | 'later' | { event: TicketEvent | null };

/**
 * The ladder of supervision (S1–S3). Its rungs are rows written with the dispatch; the sweep over the rows is what
 * raises them, each once and in order: whoever locks the row writes timeline, inbox, letter and the row's end in one
 * transaction.
 */
export class EscalationService implements Escalation {
  constructor(private readonly parts: EscalationParts) {}

  /** Keeps the sweep from a ticket's timers for the rest of the transaction; comes before locking the ticket. */
  hold(trx: Knex, ticketId: string): Promise<void> {
    return this.parts.timers.hold(trx, ticketId);
  }

  /** Writes the rungs of a part, inside the command that dispatches it; answers those that wait for their time. */
  plan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]> {
    return this.write(trx, part, calendar, [], null);
  }

  /** Moves the rungs with their due date; a part whose clock stood still, or that is sent back, gets them anew. */
  async replan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]> {
    const rows = await this.parts.timers.ofPart(trx, part.part_id);
    const anew = rows.length > 0 && !rows.some(isAhead);
    return this.write(trx, part, calendar, rows, anew ? this.parts.clock.now() : null);
  }

  /** What a rung waits for has changed (a letter was issued or answered): its time is set. */
  async refresh(trx: Knex.Transaction, partId: string): Promise<DueTimer[]> {
    const open = await this.parts.tickets.lockOpenPart(trx, partId);
    if (!open || isPaused(open.part)) return [];
    const rows = await this.parts.timers.ofPart(trx, partId);
    return this.write(trx, open.part, await this.parts.calendar.current(trx), rows, null);
  }

  /** A part that is answered, returned or paused climbs no further; a letter still in draft is not sent. */
  async stop(trx: Knex, partId: string): Promise<void> {
    await this.parts.timers.stop(trx, partId);
    for (const timerId of await this.parts.letters.withdrawDrafts(trx, partId))
      await this.parts.timers.set(trx, timerId, 'undone');
  }

  async raise(trx: Knex.Transaction, partId: string, cause: RaiseCause): Promise<boolean> {
    const ladder = await this.parts.ladder.current(trx);
    const rung = ladder.find(({ on, when }) => on && when.kind === 'event' && when.event === cause.event);
    if (!rung || (await this.parts.letters.open(trx, partId))) return false;
    const of = await this.parts.tickets.lockPart(trx, partId);
    if (!of) throw new HotlineError('not-found', '没有这项承办任务。', { partId });
    await this.parts.letters.raise(trx, of, rung, { timerId: null, words: cause.words, by: cause.by });
    return true;
  }

  /** Raises every rung that is due; safe in any number of services at once. Answers how many it raised. */
  async sweep(): Promise<number> {
    const calendar = await this.parts.calendar.current();
    const passedOver: string[] = [];
    let given = 0;
    for (;;) {
      const step = await this.step(calendar, passedOver);
      if (step === 'none') return given;
      if (step === 'later' || !step.event) continue;
      given += 1;
      this.parts.announce(step.event);
    }
  }

  private async step(calendar: WorkingCalendar, passedOver: string[]): Promise<Step> {
    let current: string | null = null;
    try {
      return await this.parts.tickets.command(async (trx) => {
        const due = await this.parts.timers.lockDue(trx, this.parts.clock.now(), passedOver);
        if (!due) return 'none';
        current = due.timer.timer_id;
        if (due.busy) {
          passedOver.push(current);
          return 'later';
        }
        return this.fire(trx, due.timer, calendar);
      });
    } catch (fault) {
      // One bad timer must not hold back those behind it; without a timer in hand the database itself is at fault.
      if (current === null) throw fault;
      passedOver.push(current);
      this.parts.onFault(fault, current);
      return 'later';
    }
  }

  private async fire(trx: Knex.Transaction, timer: DueTimer, calendar: WorkingCalendar): Promise<Step> {
    const now = this.parts.clock.now();
    const opening = openingAfter(calendar, now);
    if (opening > now) {
      // The service was away at the timer's time: supervise when the offices open, never at night (S1).
      await this.parts.timers.postpone(trx, timer.timer_id, opening);
      return 'later';
    }
    if (timer.kind === 'date') {
      await this.parts.timers.fired(trx, timer.timer_id, now);
      return { event: await this.parts.matters.remindOfDate(trx, timer) };
    }
    const open = await this.parts.tickets.lockOpenPart(trx, timer.part_id);
    const others = open && (await this.parts.timers.ofPart(trx, timer.part_id));
    if (!open || overtaken(timer, others ?? [], now)) {
      await this.parts.timers.set(trx, timer.timer_id, 'cancelled');
      return { event: null };
    }
    await this.parts.timers.fired(trx, timer.timer_id, now);
    const event = await this.act(trx, timer, open, calendar);
    await this.write(trx, open.part, calendar, await this.parts.timers.ofPart(trx, timer.part_id), null);
    return { event };
  }

  private async act(
    trx: Knex.Transaction,
    timer: RungTimer,
    open: OpenPart,
    calendar: WorkingCalendar,
  ): Promise<TicketEvent | null> {
    const { rule } = timer;
    if (rule.action === 'remind') return this.remind(trx, timer, open, calendar);
    const letter = await this.parts.letters.open(trx, open.part.part_id);
    if (rule.action === 'letter')
      return letter
        ? null
        : this.parts.letters.raise(trx, open, rule, { timerId: timer.timer_id, words: timer.why, by: null });
    return this.parts.matters.raiseSpecialCase(trx, open, rule, timer.timer_id);
  }

  private async remind(
    trx: Knex.Transaction,
    timer: RungTimer,
    { ticket, part }: OpenPart,
    calendar: WorkingCalendar,
  ): Promise<TicketEvent> {
    const now = this.parts.clock.now();
    const early = timer.rule.when.kind === 'beforeDue';
    const kind = early ? 'dueSoon' : 'overdue';
    const words = reminderWords(ticket.number, part.due_at, now, calendar);
    await this.parts.tickets.writeTimeline(trx, ticket.ticket_id, {
      at: now,
      kind,
      words: `${SUPERVISION_CLAUSES[timer.rule.clause]}（${timer.rule.clause}）：提醒${part.unit_name}，${words}`,
      by: null,
      facts: {
        timerId: timer.timer_id,
        rung: timer.rung,
        dueAt: part.due_at,
        clause: timer.rule.clause,
        why: timer.why,
      },
    });
    const notice = { unitId: part.unit_id, kind, ticketId: ticket.ticket_id, at: now } as const;
    await this.parts.inbox.add(trx, { ...notice, words, sourceId: timer.timer_id });
    const { ticket_id: ticketId, number } = ticket;
    const message = {
      unitId: part.unit_id,
      template: early ? 'unitDueSoon' : 'unitOverdue',
      params: { number, dueAt: cityWords(part.due_at) },
    } as const;
    await this.parts.tellUnit(trx, ticketId, message, timer.timer_id);
    return {
      kind: early ? 'ticketDueSoon' : 'ticketOverdue',
      ...{ at: now, ticketId, number, unitId: part.unit_id, dueAt: part.due_at },
    };
  }

  /** Brings a part's rows into line with what is still to come; a row that is right already stays. */
  private async write(
    trx: Knex,
    part: PartRow,
    calendar: WorkingCalendar,
    rows: readonly RungRow[],
    since: Date | null,
  ): Promise<RungTimer[]> {
    const now = this.parts.clock.now();
    const ahead = rows.filter(isAhead);
    const letter = rows.length ? await this.parts.letters.open(trx, part.part_id) : null;
    const planned = planRungs(
      await this.parts.ladder.current(trx),
      {
        ...{ dispatchedAt: part.dispatched_at, dueAt: part.due_at, now, since },
        raised: raisedIn(rows),
        letter: letter?.issued ? letter : null,
      },
      calendar,
    );
    const right = (row: RungRow) => planned.some((one) => isSame(row, one, part));
    for (const row of ahead.filter((one) => !right(one)))
      await this.parts.timers.set(trx, row.timer_id, 'cancelled');
    const timers: RungTimer[] = [];
    for (const one of planned.filter((each) => !ahead.some((row) => isSame(row, each, part)))) {
      const { ticket_id, part_id, unit_id, due_at } = part;
      const { rung, step, at, why } = one;
      const row = { ticket_id, part_id, unit_id, due_at, step, at, why };
      const timer = await this.parts.timers.write<RungTimer>(
        trx,
        { ...row, kind: 'rung', rung: rung.code, rule: rung, calendar_version: calendar.version },
        one.held ? 'held' : 'waiting',
      );
      if (!one.held) timers.push(timer);
    }
    return timers;
  }
}

const isAhead = ({ state }: RungRow): boolean => state === 'waiting' || state === 'held';

const isSame = (row: RungRow, one: PlannedRung, part: PartRow): boolean =>
  row.rung === one.rung.code &&
  (row.state === 'held') === one.held &&
  row.at.getTime() === one.at.getTime() &&
  row.due_at.getTime() === part.due_at.getTime();

function raisedIn(rows: readonly RungRow[]): Map<string, Raised> {
  const raised = new Map<string, Raised>();
  for (const { rung, state, fired_at, due_at } of rows) {
    const before = raised.get(rung);
    if (state === 'fired' && fired_at && (!before || before.at < fired_at))
      raised.set(rung, { at: fired_at, dueAt: due_at });
  }
  return raised;
}

/** A reminder before the due date is pointless when the one at the due date goes out now. */
const overtaken = (timer: RungTimer, others: readonly RungRow[], now: Date): boolean =>
  timer.rule.when.kind === 'beforeDue' &&
  others.some((row) => row.state === 'waiting' && row.step > timer.step && row.at <= now);

/** The next working moment; in a year the calendar does not know, a timer that was set is given rather than lost. */
function openingAfter(calendar: WorkingCalendar, now: Date): Date {
  try {
    return isWorkingTime(calendar, now) ? now : nextOpening(calendar, now);
  } catch (fault) {
    if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return now;
    throw fault;
  }
}
