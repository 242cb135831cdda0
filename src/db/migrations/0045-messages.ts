import type { Migration } from '../migrate';

/** Voice messages as tasks. Their sound is kept with the recordings, under the message's id. */
export const messages: Migration = {
  name: '0045-messages',
  async up(db) {
    await db.raw(`
      create table messages (
        message_id text primary key,
        call_id text not null unique,
        number text,
        line jsonb not null,
        queue text not null,
        left_at timestamptz not null,
        duration_ms integer not null,
        state text not null default 'new',
        taken_by text,
        taken_at timestamptz,
        done_by text,
        done_at timestamptz,
        result text,
        ticket_id text,
        ticket_number text,
        note text not null default '',
        listed_at timestamptz not null,
        lost boolean not null default false
      );
      create index messages_left on messages (left_at, message_id);
      create index messages_open on messages (queue) where state <> 'done';
      create index call_records_message on call_records (ended_at) where outcome = 'message';
    `);
  },
  async down(db) {
    await db.raw('drop index call_records_message');
    await db.schema.dropTable('messages');
  },
};
