import type { Migration } from '../migrate';

/** Open311: who may send, and what each of their work orders came with. */
export const open311: Migration = {
  name: '0064-open311',
  async up(db) {
    await db.raw(`
      create table open311_keys (
        key_id text primary key,
        -- SHA-256 of the key, which nobody can guess: it is shown once.
        key_hash text not null unique,
        name text not null,
        contact text not null,
        created_at timestamptz not null,
        created_by text not null,
        revoked_at timestamptz
      );
      create table open311_requests (
        ticket_id text primary key references tickets,
        token text not null unique,
        key_id text not null references open311_keys,
        at timestamptz not null,
        -- As it was sent: what is published of it.
        description text not null,
        -- Never published: e-mail, device, account, media.
        sender jsonb not null
      );
      create index open311_requests_at on open311_requests (at desc);
    `);
  },
  async down(db) {
    for (const table of ['open311_requests', 'open311_keys']) await db.schema.dropTable(table);
  },
};
