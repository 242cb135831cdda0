import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { SearchedTexts } from './ticket-words';

export interface SearchedTicket extends SearchedTexts {
  ticket_id: string;
}

/** Table `ticket_search`, written: the words of every work order, beside its row so that its many updates leave them. */
export class TicketSearchStore {
  constructor(private readonly db: Database) {}

  async put(trx: Knex, { ticket_id, number }: SearchedTicket, vector: string): Promise<void> {
    await trx.raw(
      `insert into ticket_search (ticket_id, number, words) values (?, ?, ?::tsvector)
       on conflict (ticket_id) do update set words = excluded.words`,
      [ticket_id, number, vector],
    );
  }

  /** Gives a place to work orders that came without one (older than the search, or loaded in bulk). */
  async claim(): Promise<void> {
    await this.db.raw(
      `insert into ticket_search (ticket_id, number)
       select ticket_id, number from tickets t
        where not exists (select 1 from ticket_search s where s.ticket_id = t.ticket_id)
       on conflict do nothing`,
    );
  }

  /** Fills in the words of some that have none, newest first; answers how many. A command that is faster keeps its own. */
  async fill(limit: number, vectorOf: (ticket: SearchedTicket) => string): Promise<number> {
    return this.db.transaction(async (trx) => {
      const tickets = await trx('ticket_search as s')
        .join('tickets as t', 't.ticket_id', 's.ticket_id')
        .whereNull('s.words')
        .orderBy('s.number', 'desc')
        .limit(limit)
        .forUpdate('s')
        .skipLocked()
        .select<SearchedTicket[]>(
          ...['t.ticket_id', 't.number', 't.title', 't.content', 't.address', 't.township', 't.answer'],
        );
      if (tickets.length === 0) return 0;
      const values = tickets.map(() => '(?, ?::tsvector)').join(', ');
      await trx.raw(
        `update ticket_search s set words = v.words from (values ${values}) as v (ticket_id, words)
          where s.ticket_id = v.ticket_id`,
        tickets.flatMap((ticket) => [ticket.ticket_id, vectorOf(ticket)]),
      );
      return tickets.length;
    });
  }
}
