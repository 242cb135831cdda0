import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { TicketEvent } from '../events';
import { cityWords } from '../deadlines/city-time';
import { remindAt } from '../deadlines/due-dates';
import type { DueTimer, TimerStore } from '../deadlines/timer.store';
import {
  isWorkingTime,
  nextOpening,
  workingMinutesBetween,
  type WorkingCalendar,
} from '../deadlines/working-calendar';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { PartRow, TicketRow } from '../tickets/ticket-row';
import type { TimelineEntry } from '../tickets/ticket.store';

/** What the reminder needs of the tickets. */
export interface RemindedTickets {
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
  lockOpenPart(trx: Knex, partId: string): Promise<{ ticket: TicketRow; part: PartRow } | null>;
  writeTimeline(trx: Knex, ticketId: string, entry: TimelineEntry): Promise<unknown>;
}

export interface ReminderParts {
  timers: TimerStore;
  tickets: RemindedTickets;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  calendar: { current(): Promise<WorkingCalendar> };
  clock: Clock;
  announce(event: TicketEvent): void;
  /** Reminder this many working hours before the due date (setting REMIND_WORKING_HOURS_BEFORE). */
  workingHoursBefore: number;
  onFault(fault: unknown, timerId: string): void;
}

type Step = 'none' | 'later' | { event: TicketEvent | null };

/**
 * 系统督办, the reminder before a due date (S1). The timer's row is written with the dispatch; the sweep over the rows
 * is what fires it, once: whoever locks the row writes timeline, inbox and the row's end in one transaction.
 */
export class ReminderService {
  constructor(private readonly parts: ReminderParts) {}

  /** Writes the timers of a part, inside the command that dispatches it. */
  async plan(
    trx: Knex,
    part: Pick<PartRow, 'part_id' | 'ticket_id' | 'unit_id' | 'dispatched_at' | 'due_at'>,
    calendar: WorkingCalendar,
  ): Promise<DueTimer[]> {
    const at = remindAt(calendar, part.dispatched_at, part.due_at, this.parts.workingHoursBefore);
    const { ticket_id, part_id, unit_id } = part;
    return [await this.parts.timers.write(trx, { kind: 'remind', ticket_id, part_id, unit_id, at })];
  }

  /** Keeps the sweep from a ticket's timers for the rest of the transaction; comes before locking the ticket. */
  hold(trx: Knex, ticketId: string): Promise<void> {
    return this.parts.timers.hold(trx, ticketId);
  }

  /** A part that is answered, returned or paused needs no reminder. */
  stop(trx: Knex, partId: string): Promise<void> {
    return this.parts.timers.stop(trx, partId);
  }

  /** Moves the reminder with its due date. One that was given is not given again, unless its new time is yet to come. */
  async replan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]> {
    const { firedBefore } = await this.parts.timers.cancel(trx, part.part_id, 'remind');
    const at = remindAt(calendar, part.dispatched_at, part.due_at, this.parts.workingHoursBefore);
    return firedBefore && at <= this.parts.clock.now() ? [] : this.plan(trx, part, calendar);
  }

  /** Fires every timer that is due; safe in any number of services at once. Answers how many reminders it gave. */
  async sweep(): Promise<number> {
    const calendar = await this.parts.calendar.current();
    const faulty: string[] = [];
    let given = 0;
    for (;;) {
      const step = await this.step(calendar, faulty);
      if (step === 'none') return given;
      if (step === 'later' || !step.event) continue;
      given += 1;
      this.parts.announce(step.event);
    }
  }

  private async step(calendar: WorkingCalendar, faulty: string[]): Promise<Step> {
    let current: string | null = null;
    try {
      return await this.parts.tickets.command(async (trx) => {
        const timer = await this.parts.timers.lockDue(trx, this.parts.clock.now(), faulty);
        if (!timer) return 'none';
        current = timer.timer_id;
        return this.fire(trx, timer, calendar);
      });
    } catch (fault) {
      // One bad timer must not hold back those behind it; without a timer in hand the database itself is at fault.
      if (current === null) throw fault;
      faulty.push(current);
      this.parts.onFault(fault, current);
      return 'later';
    }
  }

  private async fire(trx: Knex.Transaction, timer: DueTimer, calendar: WorkingCalendar): Promise<Step> {
    const now = this.parts.clock.now();
    const opening = openingAfter(calendar, now);
    if (opening > now) {
      // The service was away at the timer's time: remind when the offices open, never at night (S1).
      await this.parts.timers.postpone(trx, timer.timer_id, opening);
      return 'later';
    }
    const open = await this.parts.tickets.lockOpenPart(trx, timer.part_id);
    if (!open) {
      await this.parts.timers.drop(trx, timer.timer_id);
      return { event: null };
    }
    const { ticket, part } = open;
    const words = reminderWords(ticket.number, part.due_at, now, calendar);
    await this.parts.timers.fired(trx, timer.timer_id, now);
    await this.parts.tickets.writeTimeline(trx, ticket.ticket_id, {
      at: now,
      kind: 'dueSoon',
      words: `系统督办（S1）：提醒${part.unit_name}，${words}`,
      by: null,
      facts: { timerId: timer.timer_id, dueAt: part.due_at, clause: 'S1' },
    });
    const notice = { unitId: part.unit_id, kind: 'dueSoon', ticketId: ticket.ticket_id, at: now } as const;
    await this.parts.inbox.add(trx, { ...notice, words, sourceId: timer.timer_id });
    return {
      event: {
        kind: 'ticketDueSoon',
        at: now,
        ticketId: ticket.ticket_id,
        number: ticket.number,
        unitId: part.unit_id,
        dueAt: part.due_at,
      },
    };
  }
}

/** The next working moment; in a year the calendar does not know, a timer that was set is given rather than lost. */
function openingAfter(calendar: WorkingCalendar, now: Date): Date {
  try {
    return isWorkingTime(calendar, now) ? now : nextOpening(calendar, now);
  } catch (fault) {
    if (fault instanceof HotlineError && fault.code === 'calendar-unknown') return now;
    throw fault;
  }
}

function reminderWords(number: string, dueAt: Date, now: Date, calendar: WorkingCalendar): string {
  if (dueAt <= now) return `工单 ${number} 已超过办理期限 ${cityWords(dueAt)}，请立即办理。`;
  const hours = Math.round(workingMinutesBetween(calendar, now, dueAt) / 6) / 10;
  return `工单 ${number} 将于 ${cityWords(dueAt)} 到期，剩余 ${hours} 个工作小时。`;
}
