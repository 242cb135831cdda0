import type { Knex } from 'knex';
import { cityWords } from '../deadlines/city-time';
import type { TimeLimits } from '../deadlines/time-limit';
import type { DueTimer } from '../deadlines/timer.store';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { CategoryStore } from './category.store';
import { ofLead } from './decide-dispatch';
import { limitOf } from './decide-part';
import { isPaused, recounted } from './ticket-decision';
import type { PartRow } from './ticket-row';
import type { TicketStore } from './ticket.store';

export interface RecountParts {
  store: TicketStore;
  categories: CategoryStore;
  calendar: { current(): Promise<WorkingCalendar> };
  limits: { current(): Promise<TimeLimits> };
  reminders: {
    hold(trx: Knex, ticketId: string): Promise<void>;
    replan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]>;
  };
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  clock: Clock;
  hurry: { timer(timer: DueTimer): void };
  onFault(fault: unknown, partId: string): void;
}

const BATCH = 200;

/**
 * Recounts open due dates after the working calendar changed (DESIGN §8). Each part knows the calendar version it was
 * counted on, so whatever one service does not finish, the next run of any service does.
 */
export class DueRecount {
  constructor(private readonly parts: RecountParts) {}

  /** Recounts every open part counted on an older calendar; answers how many due dates moved. */
  async run(): Promise<number> {
    const calendar = await this.parts.calendar.current();
    let moved = 0;
    for (;;) {
      const stale = await this.parts.store.staleParts(calendar.version, BATCH);
      let faults = 0;
      for (const { part_id, ticket_id } of stale)
        try {
          if (await this.recount(ticket_id, part_id, calendar)) moved += 1;
        } catch (fault) {
          faults += 1;
          this.parts.onFault(fault, part_id);
        }
      if (stale.length < BATCH || faults > 0) return moved;
    }
  }

  private async recount(ticketId: string, partId: string, calendar: WorkingCalendar): Promise<boolean> {
    const { moved, timers } = await this.parts.store.command(async (trx) => {
      await this.parts.reminders.hold(trx, ticketId);
      const open = await this.parts.store.lockOpenPart(trx, partId);
      if (!open) {
        await this.parts.store.updatePart(trx, partId, { calendar_version: calendar.version });
        return { moved: false, timers: [] };
      }
      if (open.part.calendar_version >= calendar.version) return { moved: false, timers: [] };
      const { ticket, part } = open;
      const category = await this.parts.categories.find(ticket.category_code);
      const known = {
        regulation: category?.regulation ?? null,
        limits: await this.parts.limits.current(),
      };
      const changes = recounted(part, calendar, limitOf(part, { ticket }, known));
      const now: PartRow = { ...part, ...changes };
      await this.parts.store.updatePart(trx, partId, changes);
      if (part.role === 'lead') await this.parts.store.amend(trx, part.ticket_id, ofLead(now));
      const moved = now.due_at.getTime() !== part.due_at.getTime();
      if (moved) await this.tell(trx, part, now);
      // Rungs move with the calendar also where the due date stays.
      return {
        moved,
        timers: isPaused(now) ? [] : await this.parts.reminders.replan(trx, now, calendar),
      };
    });
    for (const timer of timers) this.parts.hurry.timer(timer);
    return moved;
  }

  private async tell(trx: Knex.Transaction, before: PartRow, after: PartRow): Promise<void> {
    const at = this.parts.clock.now();
    const words =
      `工作日历调整（第 ${after.calendar_version} 版），办理期限由 ${cityWords(before.due_at)} ` +
      `改为 ${cityWords(after.due_at)}`;
    const facts = {
      partId: after.part_id,
      before: before.due_at,
      after: after.due_at,
      calendarVersion: after.calendar_version,
    };
    await this.parts.store.writeTimeline(trx, after.ticket_id, {
      at,
      kind: 'dueChanged',
      words,
      by: null,
      facts,
    });
    await this.parts.inbox.add(trx, {
      unitId: after.unit_id,
      kind: 'dueChanged',
      ticketId: after.ticket_id,
      words: `${words}。`,
      sourceId: `${after.part_id}-calendar-${after.calendar_version}`,
      at,
    });
  }
}
