import type { Migration } from '../migrate';

/** Skills of a queue that relax as a call waits, and the leaders' shifts at the phone (领导接听日). */
export const routing: Migration = {
  name: '0047-routing',
  async up(db) {
    await db.raw(`
      alter table queues add column relax jsonb not null default '[]';

      create table leader_shifts (
        shift_id text primary key,
        version integer not null check (version >= 1),
        title text not null,
        person_id text not null,
        from_at timestamptz not null,
        until_at timestamptz not null check (until_at > from_at),
        line_id text,
        queue text,
        active boolean not null default true,
        check (line_id is not null or queue is not null)
      );
      create index leader_shifts_until on leader_shifts (until_at) where active;
    `);
  },
  async down(db) {
    await db.schema.dropTable('leader_shifts');
    await db.raw('alter table queues drop column relax');
  },
};
