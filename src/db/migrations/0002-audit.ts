import type { Migration } from '../migrate';

/** The hash-chained audit trail, which nobody may change, and the replies kept for idempotency keys. */
export const audit: Migration = {
  name: '0002-audit',
  async up(db) {
    await db.schema.createTable('audit', (table) => {
      table.bigInteger('seq').primary();
      table.timestamp('at', { useTz: true }).notNullable();
      table.text('who').notNullable().index();
      table.text('action').notNullable().index();
      table.text('subject').notNullable().index();
      // Canonical JSON, kept as the very text that was hashed.
      table.text('facts').notNullable();
      table.text('address').notNullable();
      table.text('previous_hash').notNullable();
      table.text('hash').notNullable().unique();
    });
    await db.raw(`
      create function audit_is_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'the audit trail is append-only'; end $$;
      create trigger audit_no_change before update or delete on audit
        for each row execute function audit_is_append_only();
      create trigger audit_no_truncate before truncate on audit
        for each statement execute function audit_is_append_only();
    `);
    await db.schema.createTable('idempotency_keys', (table) => {
      table.text('person_id').notNullable();
      table.text('operation').notNullable();
      table.text('key').notNullable();
      table.text('request_hash').notNullable();
      table.integer('status');
      table.jsonb('reply');
      table.timestamp('at', { useTz: true }).notNullable().index();
      table.primary(['person_id', 'operation', 'key']);
    });
  },
  async down(db) {
    await db.schema.dropTable('idempotency_keys');
    await db.schema.dropTable('audit');
    await db.raw('drop function audit_is_append_only()');
  },
};
