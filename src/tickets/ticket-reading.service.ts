import { HotlineError } from '../errors';
import type { AuditEntry } from '../platform/audit.store';
import type { Caller } from '../platform/http-route';
import type { CalledIn } from './called-in';
import type { CategoryStore } from './category.store';
import type { TicketView } from './ticket';
import type { TicketReadStore } from './ticket-read.store';
import { maySeeCitizen, ticketView } from './ticket-view';
import type { TicketStore } from './ticket.store';

/** A work order as each role may see it: a unit sees its own only, and never who a confidential citizen is. */
export class TicketReading {
  constructor(
    private readonly parts: {
      reading: TicketReadStore;
      store: TicketStore;
      categories: CategoryStore;
      /** Who was called into a call, by its record. */
      calledIn(callId: string): Promise<CalledIn[]>;
      /** Every look at a full number goes into the audit trail. */
      audit: { append(entry: AuditEntry): Promise<void> };
    },
  ) {}

  /** One whole ticket. Throws `not-found`, also for another unit's ticket: its existence is not told. */
  async show(ticketId: string, caller: Caller): Promise<TicketView> {
    const row = await this.find(ticketId, caller);
    const [details, timeline, called] = await Promise.all([
      this.parts.reading.details(ticketId, scopeOf(caller)),
      this.parts.store.timeline(ticketId),
      row.call_id === null || !maySeeCitizen(row, caller.role) ? [] : this.parts.calledIn(row.call_id),
    ]);
    return ticketView(row, details, timeline, called, caller.role);
  }

  /** The citizen's full numbers, for calling back (T1); every look is in the audit trail. Throws `not-allowed`, `not-found`. */
  async revealNumber(
    ticketId: string,
    caller: Caller,
  ): Promise<{ number: string | null; contactNumber: string | null }> {
    const row = await this.find(ticketId, caller);
    if (!maySeeCitizen(row, caller.role))
      throw new HotlineError('not-allowed', '诉求人要求保密，不能查看其身份和电话。');
    await this.audit(caller, 'ticket.reveal-number', ticketId, { number: row.number });
    return { number: row.caller_number, contactNumber: row.contact_number };
  }

  /** The category tree, each leaf with the units the dispatch catalogue names for it (R2). */
  async categories() {
    const [categories, catalogue] = await Promise.all([
      this.parts.categories.all(),
      this.parts.categories.catalogue(),
    ]);
    const units = new Map<string, { areaCode: string | null; unitId: string }[]>();
    for (const { categoryCode, areaCode, unitId } of catalogue)
      units.set(categoryCode, [...(units.get(categoryCode) ?? []), { areaCode: areaCode || null, unitId }]);
    return { items: categories.map((category) => ({ ...category, units: units.get(category.code) ?? [] })) };
  }

  private audit(
    caller: Caller,
    action: string,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> {
    return this.parts.audit.append({ who: caller.personId, action, subject, facts, address: caller.address });
  }

  /** The row as the caller may see it. Throws `not-found`, also for another unit's ticket. */
  async find(ticketId: string, caller: Caller) {
    const row = await this.parts.reading.find(ticketId, scopeOf(caller));
    if (!row) throw new HotlineError('not-found', '没有这张工单。');
    return row;
  }
}

/** Which unit's tickets a caller is kept to; null for the hotline's own people. A clerk without a unit sees none. */
export function scopeOf(caller: Caller): string | null {
  return caller.role === 'unit' ? (caller.unitId ?? '') : null;
}
