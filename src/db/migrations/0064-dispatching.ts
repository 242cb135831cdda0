import type { Migration } from '../migrate';

/** What proposals are made of: weights of duplicates; versions of the category tree and the dispatch catalogue. */
export const dispatching: Migration = {
  name: '0064-dispatching',
  async up(db) {
    await db.raw(`
      create table duplicate_weights (
        version integer primary key check (version >= 1),
        weights jsonb not null,
        at timestamptz not null,
        by_id text not null,
        by_name text not null
      );
      alter table ticket_categories add column version integer not null default 1;
      alter table dispatch_catalogue add column version integer not null default 1;
    `);
  },
  async down(db) {
    await db.raw(`
      alter table dispatch_catalogue drop column version;
      alter table ticket_categories drop column version;
      drop table duplicate_weights;
    `);
  },
};
