import type { Knex } from 'knex';
import type { CitizenMessage } from '../tickets/ticket-decision';
import type { TicketRow } from '../tickets/ticket-row';
import { mobileOf } from './outgoing';
import type { OutgoingMessages } from './outgoing.service';

/** A citizen is told what became of the own matter, in the transaction of the command that made it so. */
export class CitizenMessages {
  constructor(
    private readonly messages: Pick<OutgoingMessages, 'write'>,
    private readonly areaCode: string,
  ) {}

  /** By SMS to the number the citizen called from, or the one he gave when only that is a mobile phone. */
  async tell(
    trx: Knex.Transaction,
    ticket: TicketRow,
    { template, words }: CitizenMessage,
    sourceId: string,
  ): Promise<void> {
    const { number, ticket_id: ticketId, query_code: code } = ticket;
    const cause = {
      ticketId,
      sourceId,
      to: { channel: 'sms', number: this.numberOf(ticket) } as const,
    };
    if (template === 'ticketConcluded')
      await this.messages.write(trx, { ...cause, template, params: { number } });
    else if (template !== 'ticketAccepted')
      await this.messages.write(trx, { ...cause, template, params: { number, explanation: words } });
    else if (code !== null) await this.messages.write(trx, { ...cause, template, params: { number, code } });
  }

  /** E1: the link at which the citizen says what he thinks of it. */
  async invite(trx: Knex.Transaction, ticket: TicketRow, link: string, sourceId: string): Promise<void> {
    await this.messages.write(trx, {
      ...{ ticketId: ticket.ticket_id, sourceId, template: 'followUpInvitation' },
      to: { channel: 'sms', number: this.numberOf(ticket) },
      params: { number: ticket.number, link },
    });
  }

  private numberOf({ caller_number, contact_number }: TicketRow): string | null {
    const given = [caller_number, contact_number].filter((number) => number !== null);
    return given.find((number) => mobileOf(number, this.areaCode)) ?? given[0] ?? null;
  }
}
