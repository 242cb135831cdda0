import type { Migration } from '../migrate';

/** Nuisance callers (骚扰名单): entries are proposed, approved by somebody else, and end; none is ever deleted. */
export const nuisance: Migration = {
  name: '0042-nuisance',
  async up(db) {
    await db.raw(`
      create table nuisance_entries (
        entry_id text primary key,
        version integer not null check (version >= 1),
        number text not null,
        match text not null check (match in ('number', 'prefix')),
        treatment text not null check (treatment in ('announce', 'last')),
        reason text not null,
        call_id text,
        last_day date not null,
        state text not null check (state in ('proposed', 'approved', 'refused', 'lifted')),
        proposed_by text not null,
        proposed_by_name text not null,
        proposed_at timestamptz not null,
        decided_by text,
        decided_by_name text,
        decided_at timestamptz,
        decision text,
        lifted_by text,
        lifted_by_name text,
        lifted_at timestamptz,
        lift_reason text,
        constraint nuisance_two_people check (decided_by is null or decided_by <> proposed_by),
        check ((state = 'proposed') = (decided_by is null)),
        check ((state = 'lifted') = (lifted_by is not null))
      );
      create unique index nuisance_one_proposal on nuisance_entries (number, match) where state = 'proposed';
      create index nuisance_in_force on nuisance_entries (last_day) where state = 'approved';

      -- Lines on which nobody is ever blocked.
      create table nuisance_open_lines (line_id text primary key);
    `);
  },
  async down(db) {
    await db.schema.dropTable('nuisance_open_lines');
    await db.schema.dropTable('nuisance_entries');
  },
};
