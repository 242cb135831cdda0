import type { Knex } from 'knex';
import type { ChineseWords } from '../platform/chinese-words.adapter';
import type { SearchedTicket, TicketSearchStore } from './ticket-search.store';
import { searchQuery, searchVector } from './ticket-words';

/** Work orders filled in at one go; the call path gets its turn in between. */
const BATCH = 50;

/** The full text of work orders: number, title, content, address and answer, cut into Chinese words. */
export class TicketSearch {
  private claimed = false;

  constructor(
    private readonly deps: { store: TicketSearchStore; words: Pick<ChineseWords, 'indexed' | 'asked'> },
  ) {}

  /** Part of the command that writes the texts: from its commit on they are found. */
  put(trx: Knex, ticket: SearchedTicket): Promise<void> {
    return this.deps.store.put(trx, ticket, this.vector(ticket));
  }

  /** A question as the store takes it; null when there is nothing in it to look for. */
  query(question: string): string | null {
    return searchQuery(question, (text) => this.deps.words.asked(text));
  }

  /** Fills in what came without words; done once it has found nothing more. */
  async fill(): Promise<void> {
    const { store } = this.deps;
    if (!this.claimed) await store.claim();
    this.claimed = true;
    while ((await store.fill(BATCH, (ticket) => this.vector(ticket))) === BATCH);
  }

  private vector(ticket: SearchedTicket): string {
    return searchVector(ticket, (text) => this.deps.words.indexed(text));
  }
}
