import type { Migration } from '../migrate';

/**
 * Dial rules as whole sets, one row a version: the newest is in force, the older ones are the history. Contacts
 * (转接目标) are the named outside numbers agents may bring into a call.
 */
export const dialRules: Migration = {
  name: '0043-dial-rules',
  async up(db) {
    await db.raw(`
      create table dial_rule_sets (
        version integer primary key check (version >= 1),
        rules jsonb not null,
        at timestamptz not null,
        who_id text not null,
        who_name text not null
      );
      create function dial_rule_sets_are_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'the history of dial rules is append-only'; end $$;
      create trigger dial_rule_sets_no_change before update or delete on dial_rule_sets
        for each row execute function dial_rule_sets_are_append_only();

      create table contacts (
        contact_id text primary key,
        version integer not null check (version >= 1),
        kind text not null,
        name text not null,
        number text not null,
        unit_id text,
        language text,
        hours text,
        note text not null,
        active boolean not null default true
      );
      create unique index contacts_name on contacts (name) where active;
    `);
  },
  async down(db) {
    await db.schema.dropTable('contacts');
    await db.schema.dropTable('dial_rule_sets');
    await db.raw('drop function dial_rule_sets_are_append_only()');
  },
};
