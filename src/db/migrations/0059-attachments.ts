import type { Migration } from '../migrate';

/** Attachments (R1): the rows; the contents are files outside the database. */
export const attachments: Migration = {
  name: '0059-attachments',
  async up(db) {
    await db.schema.createTable('attachments', (table) => {
      table.text('attachment_id').primary();
      table.text('owner_kind').notNullable().comment('ticket, article');
      table.text('owner_id').notNullable();
      table.text('name').notNullable();
      table.text('media_type').notNullable().comment('By its content, never what the sender said');
      table.integer('bytes').notNullable();
      table.text('sha256').notNullable().index().comment('Name of the file');
      table.boolean('identifying').notNullable().comment('Leads to the citizen');
      table.text('scan').notNullable().comment('pending, clean, infected');
      table.text('found').nullable().comment('What the virus scanner found');
      table.timestamp('uploaded_at', { useTz: true }).notNullable();
      table.text('uploaded_by').nullable().comment('Null: the citizen');
      table.text('uploaded_by_name').notNullable();
      table.timestamp('removed_at', { useTz: true }).nullable();
      table.text('removed_by').nullable();
    });
    await db.raw(`
      create index attachments_owner on attachments (owner_kind, owner_id, uploaded_at) where removed_at is null;
      create index attachments_pending on attachments (uploaded_at) where scan = 'pending' and removed_at is null;
    `);
  },
  async down(db) {
    await db.schema.dropTable('attachments');
  },
};
