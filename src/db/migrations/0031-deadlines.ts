import type { Migration } from '../migrate';

/** The administrator's side of the working calendar (versioned, with history) and the timers written ahead. */
export const deadlines: Migration = {
  name: '0031-deadlines',
  async up(db) {
    await db.schema.createTable('calendar_days', (table) => {
      table.text('day').primary().comment('YYYY-MM-DD in the city’s zone');
      table.boolean('working').notNullable();
      table.text('name').notNullable();
    });
    await db.schema.createTable('calendar_years', (table) => {
      table.integer('year').primary().comment('Declared complete by the administrator');
    });
    await db.schema.createTable('calendar_state', (table) => {
      table.boolean('only').primary().defaultTo(true).checkIn(['true']);
      table.integer('version').notNullable();
      table.jsonb('hours').notNullable();
    });
    await db('calendar_state').insert({
      version: 1,
      hours: JSON.stringify([
        { from: '08:00', to: '12:00' },
        { from: '14:00', to: '18:00' },
      ]),
    });
    await db.schema.createTable('calendar_history', (table) => {
      table.integer('version').primary();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
      table.text('reason').notNullable();
      table.jsonb('before').notNullable();
      table.jsonb('after').notNullable();
    });
    await db.schema.createTable('due_timers', (table) => {
      table.text('timer_id').primary();
      table.text('kind').notNullable();
      table.text('ticket_id').notNullable();
      table.text('part_id').notNullable();
      table.text('unit_id').notNullable();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('state').notNullable().comment('waiting, fired, cancelled');
      table.timestamp('fired_at', { useTz: true }).nullable();
      table.index(['part_id', 'kind']);
    });
    await db.raw("create index due_timers_waiting on due_timers (at) where state = 'waiting'");
  },
  async down(db) {
    for (const table of [
      'due_timers',
      'calendar_history',
      'calendar_state',
      'calendar_years',
      'calendar_days',
    ])
      await db.schema.dropTable(table);
  },
};
