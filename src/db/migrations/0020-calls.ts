import type { Migration } from '../migrate';

/** The journal of calls and seats (written behind from Redis), the call records folded from it, and the queues. */
export const calls: Migration = {
  name: '0020-calls',
  async up(db) {
    await db.schema.createTable('journal', (table) => {
      table.text('entry_id').primary();
      table.bigIncrements('position', { primaryKey: false });
      table.timestamp('at').notNullable();
      table.text('kind').notNullable();
      table.text('call_id');
      table.text('seat_id');
      table.jsonb('event').notNullable();
      table.index(['call_id', 'position'], 'journal_call', { predicate: db.whereNotNull('call_id') });
      table.index(['seat_id', 'position'], 'journal_seat', { predicate: db.whereNotNull('seat_id') });
    });
    await db.schema.createTable('call_records', (table) => {
      table.text('call_id').primary();
      table.text('line_id').notNullable();
      table.text('caller_number');
      table.text('seat_id');
      table.specificType('seats', 'text[]').notNullable().defaultTo('{}');
      table.timestamp('arrived_at').notNullable();
      table.timestamp('answered_at');
      table.timestamp('ended_at');
      table.text('outcome').notNullable();
      table.jsonb('record').notNullable();
      table.index(['arrived_at', 'call_id']);
      table.index(['caller_number', 'arrived_at']);
      table.index(['seat_id', 'arrived_at']);
      table.index('seats', 'call_records_seats', 'gin');
    });
    await db.schema.createTable('queues', (table) => {
      table.text('queue').primary();
      table.text('name').notNullable();
      table.text('skill').notNullable();
    });
    await db.schema.createTable('line_menus', (table) => {
      table.text('line_id').notNullable();
      table.text('digit').notNullable();
      table.text('queue').notNullable();
      table.text('words').notNullable();
      table.primary(['line_id', 'digit']);
    });
  },
  async down(db) {
    for (const table of ['line_menus', 'queues', 'call_records', 'journal']) await db.schema.dropTable(table);
  },
};
