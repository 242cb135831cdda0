import type { Migration } from '../migrate';

/**
 * Callbacks (漏接回拨), and for each call that was missed the one decision whether it owes one: its row is what makes the
 * debt exactly one. A number has one open callback; a further missed call joins it.
 */
export const callbacks: Migration = {
  name: '0044-callbacks',
  async up(db) {
    await db.raw(`
      create table callbacks (
        callback_id text primary key,
        number text not null,
        line jsonb not null,
        queue text not null,
        state text not null,
        owed_at timestamptz not null,
        missed_at timestamptz not null,
        missed integer not null default 1,
        waiting_since timestamptz not null,
        asked_at timestamptz,
        due_at timestamptz not null,
        hurried boolean not null default false,
        attempts integer not null default 0,
        last_attempt_at timestamptz,
        settled_at timestamptz,
        seat_id text,
        done_call_id text,
        why text not null default '',
        who text
      );
      create unique index callbacks_open on callbacks (number)
        where state in ('owed', 'queued', 'dialling');
      create index callbacks_owed on callbacks (owed_at, callback_id);
      create index callbacks_settled on callbacks (settled_at) where settled_at is not null;

      create table callback_causes (
        call_id text primary key,
        callback_id text references callbacks (callback_id),
        ended_at timestamptz not null,
        why_not text
      );
      create index callback_causes_callback on callback_causes (callback_id);

      create index call_records_missed on call_records (ended_at)
        where outcome in ('abandoned', 'failed', 'callback');
      create index call_records_callback on call_records ((record->'about'->>'callbackId'))
        where record->'about'->>'callbackId' is not null;
    `);
  },
  async down(db) {
    await db.raw('drop index call_records_callback; drop index call_records_missed');
    await db.schema.dropTable('callback_causes');
    await db.schema.dropTable('callbacks');
  },
};
