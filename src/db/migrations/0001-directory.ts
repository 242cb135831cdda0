import type { Migration } from '../migrate';

/** Units (L2), people, and their server-side sessions. */
export const directory: Migration = {
  name: '0001-directory',
  async up(db) {
    await db.schema.createTable('units', (table) => {
      table.text('unit_id').primary();
      table.text('name').notNullable().unique();
      table.text('kind').notNullable();
      table.text('area_code').notNullable();
      table.text('contact_person').notNullable().defaultTo('');
      table.text('contact_phone').notNullable().defaultTo('');
      table.boolean('active').notNullable().defaultTo(true);
      table.integer('version').notNullable().defaultTo(1);
    });
    await db.schema.createTable('people', (table) => {
      table.text('person_id').primary();
      table.text('sign_in_name').notNullable().unique();
      table.text('name').notNullable();
      table.text('role').notNullable();
      table.text('unit_id').references('unit_id').inTable('units');
      table.specificType('skills', 'text[]').notNullable().defaultTo('{}');
      table.text('account').unique();
      table.text('password_hash').notNullable();
      table.boolean('active').notNullable().defaultTo(true);
      table.integer('version').notNullable().defaultTo(1);
      table.timestamp('created_at', { useTz: true }).notNullable();
      table.timestamp('ended_at', { useTz: true });
    });
    await db.schema.createTable('sessions', (table) => {
      table.text('session_id').primary();
      table.text('token_hash').notNullable().unique();
      table.text('person_id').notNullable().index();
      table.text('name').notNullable();
      table.text('role').notNullable();
      table.text('unit_id');
      table.timestamp('began_at', { useTz: true }).notNullable();
      table.timestamp('used_at', { useTz: true }).notNullable().index();
    });
  },
  async down(db) {
    for (const table of ['sessions', 'people', 'units']) await db.schema.dropTable(table);
  },
};
