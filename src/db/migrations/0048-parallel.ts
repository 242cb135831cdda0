import type { Migration } from '../migrate';

/** Parallel lines (M3): when calls overflow to them and how their exchange is known; and their calls found quickly. */
export const parallel: Migration = {
  name: '0048-parallel',
  async up(db) {
    await db.raw(`
      create table parallel_lines (
        line_id text primary key,
        version integer not null check (version >= 1),
        settings jsonb not null
      );
      create index call_records_line on call_records (line_id, arrived_at);
      create index call_records_parties on call_records using gin ((record -> 'parties') jsonb_path_ops);
    `);
  },
  async down(db) {
    await db.raw('drop index call_records_parties');
    await db.raw('drop index call_records_line');
    await db.schema.dropTable('parallel_lines');
  },
};
