import type { Knex } from 'knex';
import { cityWords } from '../deadlines/city-time';
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
    const { number, ticket_id: ticketId, query_code: code, due_at: dueAt } = ticket;
    const { messages } = this;
    const to = { channel: 'sms', number: this.numberOf(ticket) } as const;
    const cause = { ticketId, sourceId, to };
    if (template === 'ticketAccepted' && code !== null)
      await messages.write(trx, { ...cause, template, params: { number, code } });
    if (template === 'ticketConcluded') await messages.write(trx, { ...cause, template, params: { number } });
    if (template === 'ticketExtended' && dueAt !== null) {
      const params = { number, dueAt: cityWords(dueAt), explanation: words };
      await messages.write(trx, { ...cause, template, params });
    }
    if (template === 'ticketRefused') {
      const { refusal_explanation: explanation, guided_to: guidedTo } = ticket;
      const params = { number, explanation: explanation || words, guidedTo: guidedTo || '有关主管部门' };
      await messages.write(trx, { ...cause, template, params });
    }
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
