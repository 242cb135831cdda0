import type { Migration } from '../migrate';

/** Kept recordings of calls, and the alarms about those that failed. */
export const recordings: Migration = {
  name: '0040-recordings',
  async up(db) {
    await db.raw(`
      create table recordings (
        recording_id text primary key,
        call_id text not null,
        kind text not null check (kind in ('talk', 'message')),
        saved_at timestamptz not null,
        duration_ms integer not null,
        bytes bigint not null,
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        file text not null,
        waveform jsonb not null,
        keep_reason text,
        kept_by text,
        deleted_at timestamptz
      );
      create index recordings_call on recordings (call_id);
      create index recordings_old on recordings (saved_at) where deleted_at is null and keep_reason is null;

      create table recording_alarms (
        alarm_id text primary key,
        recording_id text not null,
        call_id text not null,
        why text not null,
        at timestamptz not null,
        seen_at timestamptz,
        seen_by text
      );
      create index recording_alarms_at on recording_alarms (at desc);
    `);
  },
  async down(db) {
    await db.schema.dropTable('recording_alarms');
    await db.schema.dropTable('recordings');
  },
};
