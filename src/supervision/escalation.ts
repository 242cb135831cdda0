import type { Knex } from 'knex';

/** Why somebody else's act raises a rung. `words`: what happened, Chinese, without the citizen's name or number. */
export interface RaiseCause {
  event: 'dissatisfied';
  words: string;
  by: { id: string; name: string } | null;
}

/** What other modules may ask of the ladder. */
export interface Escalation {
  /**
   * Raises the ladder's rung for an event (E1), inside the caller's transaction, in which the part's ticket is locked
   * (`within` of TicketService.act). Answers false when the city's ladder has that rung switched off (the default) or
   * a letter about the part is open. Writes its own timeline row.
   */
  raise(trx: Knex.Transaction, partId: string, cause: RaiseCause): Promise<boolean>;
}
