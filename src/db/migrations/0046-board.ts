import type { Migration } from '../migrate';

/** The seats' changes of the last day are read back after a start, without reading the whole journal. */
export const board: Migration = {
  name: '0046-board',
  async up(db) {
    await db.raw(`create index journal_seat_changes on journal (at) where kind = 'seatChanged'`);
  },
  async down(db) {
    await db.raw('drop index journal_seat_changes');
  },
};
