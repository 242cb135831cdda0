import type { Migration } from '../migrate';

/** Full text of work orders, and what their lists are ordered by. Words of older ones are filled in by the service. */
export const ticketSearch: Migration = {
  name: '0063-ticket-search',
  async up(db) {
    await db.raw(`
      create table ticket_search (
        ticket_id text primary key references tickets on delete cascade,
        -- The ticket's own: the newest found are read in its order.
        number text not null unique,
        words tsvector
      );
      create index ticket_search_words on ticket_search using gin (words) with (fastupdate = off);
      create index ticket_search_missing on ticket_search (number desc) where words is null;
      insert into ticket_search (ticket_id, number) select ticket_id, number from tickets;
      drop index tickets_due;
      create index tickets_due on tickets (due_at, number)
        where state in ('dispatched', 'acknowledged', 'returned', 'replied');
      create index tickets_hard on tickets (number desc) where hard_case;
      create index tickets_excluded on tickets (number desc) where excluded_reason is not null;
      create index ticket_requests_pending on ticket_requests (ticket_id) where state = 'pending';
    `);
  },
  async down(db) {
    await db.schema.dropTable('ticket_search');
    await db.raw(`
      drop index tickets_hard;
      drop index tickets_excluded;
      drop index ticket_requests_pending;
      drop index tickets_due;
      create index tickets_due on tickets (due_at) where state in ('dispatched', 'acknowledged', 'returned', 'replied');
    `);
  },
};
