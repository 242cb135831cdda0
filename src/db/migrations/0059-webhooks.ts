import type { Migration } from '../migrate';

/**
 * Webhooks: who wants to hear of what, what happened to work orders, and what is sent. An event is written by the very
 * statement that writes the timeline row, so none is lost and none is told of that was rolled back.
 */
export const webhooks: Migration = {
  name: '0059-webhooks',
  async up(db) {
    await db.schema.createTable('webhooks', (table) => {
      table.text('webhook_id').primary();
      table.text('url').notNullable();
      table.specificType('events', 'text[]').notNullable();
      table.text('secret').notNullable().comment('Key of the signature; shown once');
      table.boolean('active').notNullable();
      table.integer('version').notNullable();
      table.timestamp('created_at', { useTz: true }).notNullable();
      table.text('created_by_name').notNullable();
      table.timestamp('failing_since', { useTz: true }).nullable().comment('Since its last success');
      table.text('disabled_why').nullable();
    });
    await db.schema.createTable('webhook_events', (table) => {
      table.text('event_id').primary().comment('Ticket and timeline number');
      table.text('what').notNullable().comment('Kind of the timeline row');
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('number').notNullable();
      table.text('state').notNullable();
      table.timestamp('opened_at', { useTz: true }).notNullable();
      table.timestamp('due_at', { useTz: true }).nullable();
    });
    await db.raw(`
      create function webhook_event_of_timeline() returns trigger language plpgsql as $$
      begin
        if exists (select 1 from webhooks where active) then
          insert into webhook_events (event_id, what, at, number, state, opened_at, due_at)
            select a.ticket_id || '-' || a.seq, a.kind, a.at, t.number, t.state, t.opened_at, t.due_at
              from added a join tickets t on t.ticket_id = a.ticket_id where t.state <> 'draft';
        end if;
        return null;
      end $$;
      create trigger ticket_timeline_webhooks after insert on ticket_timeline
        referencing new table as added for each statement execute function webhook_event_of_timeline();
    `);
    await db.schema.createTable('webhook_deliveries', (table) => {
      table.text('delivery_id').primary();
      table.text('webhook_id').notNullable().references('webhooks.webhook_id').onDelete('cascade');
      table.text('event_id').notNullable();
      table.text('event').notNullable();
      table.text('body').notNullable().comment('The very text that is signed and sent');
      table.text('state').notNullable().comment('waiting, delivered, failed');
      table.integer('attempt').notNullable().comment('How often it was handed over; names the job');
      table.integer('tries').notNullable().comment('Failures since it was written or sent again');
      table.timestamp('created_at', { useTz: true }).notNullable();
      table.timestamp('next_at', { useTz: true }).notNullable();
      table.timestamp('ended_at', { useTz: true }).nullable();
      table.jsonb('log').notNullable().defaultTo('[]').comment('The last attempts: at, status, ms, fault');
      table.unique(['webhook_id', 'event_id']);
      table.index(['webhook_id', 'created_at']);
    });
    await db.raw(
      "create index webhook_deliveries_due on webhook_deliveries (next_at) where state = 'waiting'",
    );
    await db.raw(
      "create index webhook_deliveries_old on webhook_deliveries (ended_at) where state <> 'waiting'",
    );
  },
  async down(db) {
    await db.raw('drop trigger ticket_timeline_webhooks on ticket_timeline');
    await db.raw('drop function webhook_event_of_timeline()');
    for (const table of ['webhook_deliveries', 'webhook_events', 'webhooks'])
      await db.schema.dropTable(table);
  },
};
