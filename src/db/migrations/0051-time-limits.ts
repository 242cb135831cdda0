import type { Migration } from '../migrate';

/** The city's own time limits within the notice's bounds (T1–T4): every version that ever was; the newest is in force. */
export const timeLimits: Migration = {
  name: '0051-time-limits',
  async up(db) {
    await db.schema.createTable('time_limit_versions', (table) => {
      table.integer('version').primary();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('by_id').notNullable();
      table.text('by_name').notNullable();
      table.text('reason').notNullable();
      table.jsonb('limits').notNullable();
    });
  },
  async down(db) {
    await db.schema.dropTable('time_limit_versions');
  },
};
