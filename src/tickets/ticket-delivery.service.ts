import type { Knex } from 'knex';
import type { TicketEvent } from '../events';
import { cityWords } from '../deadlines/city-time';
import type { InboxNotice } from '../notifications/notice';
import type { OutgoingMessages } from '../notifications/outgoing.service';
import type { Clock } from '../platform/clock';
import type { OutboxStore } from './outbox.store';

/** Brings an outbox row to where it is meant to go: exactly once, however often BullMQ runs the job. */
export class TicketDelivery {
  constructor(
    private readonly parts: {
      command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
      outbox: OutboxStore;
      inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
      messages: Pick<OutgoingMessages, 'writeToUnit'>;
      clock: Clock;
      announce(event: TicketEvent): void;
    },
  ) {}

  /** Puts the notice in the unit's inbox, writes to its clerks and ends the row in one transaction; announces it after. */
  async deliver(outboxId: string): Promise<boolean> {
    const at = this.parts.clock.now();
    const row = await this.parts.command(async (trx) => {
      const row = await this.parts.outbox.deliver(trx, outboxId, at);
      if (!row) return null;
      const { unitId, words, number, dueAt } = row.facts;
      const notice = {
        unitId,
        kind: 'dispatched',
        ticketId: row.ticket_id,
        words,
        sourceId: outboxId,
        at,
      } as const;
      await this.parts.inbox.add(trx, notice);
      await this.parts.messages.writeToUnit(trx, {
        template: 'unitDispatched',
        params: { number, dueAt: cityWords(new Date(dueAt)) },
        ticketId: row.ticket_id,
        sourceId: outboxId,
        unitId,
        inbox: false,
      });
      return row;
    });
    if (!row) return false;
    const { number, unitId, dueAt } = row.facts;
    this.parts.announce({
      kind: 'ticketDispatched',
      at,
      ticketId: row.ticket_id,
      number,
      unitId,
      dueAt: new Date(dueAt),
    });
    return true;
  }
}
