import type { Migration } from '../migrate';

/**
 * Lines (热线), their numbers and their history. The exclusion constraint makes it impossible that one number belongs
 * to two lines on the same day, whoever writes; the history can only grow.
 */
export const lines: Migration = {
  name: '0010-lines',
  async up(db) {
    await db.raw(`
      create extension if not exists btree_gist;

      create table lines (
        line_id text primary key,
        version integer not null check (version >= 1),
        name text not null,
        mode text not null check (mode in ('own', 'direct', 'forwarded', 'parallel')),
        unit_id text,
        owner text not null,
        first_day date not null,
        last_day date,
        greeting_sound text not null,
        greeting_text text not null,
        queue text not null,
        priority smallint not null check (priority between 0 and 9),
        default_category text,
        script text not null,
        parallel_destination text,
        check (last_day is null or last_day >= first_day)
      );

      create table line_numbers (
        line_id text not null references lines (line_id),
        position smallint not null,
        number text not null,
        -- The line's days again: the exclusion constraint needs them beside the number.
        first_day date not null,
        last_day date,
        primary key (line_id, number),
        constraint line_numbers_one_line_a_day
          exclude using gist (number with =, daterange(first_day, last_day, '[]') with &&)
      );

      create table line_history (
        history_id bigint generated always as identity primary key,
        line_id text not null references lines (line_id),
        version integer not null,
        at timestamptz not null,
        action text not null check (action in ('created', 'changed', 'ended')),
        who_id text not null,
        who_name text not null,
        before jsonb,
        after jsonb not null,
        unique (line_id, version)
      );

      create function line_history_is_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'the history of lines is append-only'; end $$;
      create trigger line_history_no_change before update or delete on line_history
        for each row execute function line_history_is_append_only();
    `);
  },
  async down(db) {
    for (const table of ['line_history', 'line_numbers', 'lines']) await db.schema.dropTable(table);
    await db.raw('drop function line_history_is_append_only()');
  },
};
