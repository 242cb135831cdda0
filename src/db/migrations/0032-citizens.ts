import type { Migration } from '../migrate';

/** Citizens (诉求人), known by their normalised numbers; one who hides the number has no row. */
export const citizens: Migration = {
  name: '0032-citizens',
  async up(db) {
    await db.schema.createTable('citizens', (table) => {
      table.text('citizen_id').primary();
      table.text('name').notNullable();
      table.text('note').notNullable();
      table.timestamp('first_seen_at', { useTz: true }).notNullable();
      table.timestamp('updated_at', { useTz: true }).notNullable();
    });
    await db.schema.createTable('citizen_numbers', (table) => {
      table.text('number').primary().comment('Normalised');
      table.text('citizen_id').notNullable().references('citizens.citizen_id');
      table.index(['citizen_id']);
    });
  },
  async down(db) {
    await db.schema.dropTable('citizen_numbers');
    await db.schema.dropTable('citizens');
  },
};
