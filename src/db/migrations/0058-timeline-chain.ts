import type { Knex } from 'knex';
import { FIRST_HASH, chained } from '../../platform/hash-chain';
import type { TimelineRow } from '../../tickets/ticket-row';
import { timelineRecord } from '../../tickets/timeline-record';
import type { Migration } from '../migrate';

const BATCH = 500;

/** Timelines written before there were chains get theirs; days are found fast for the daily anchor (G1). */
export const timelineChain: Migration = {
  name: '0058-timeline-chain',
  async up(db) {
    await db.raw('create index ticket_timeline_at on ticket_timeline using brin (at)');
    for (;;) {
      const tickets = await db('tickets')
        .whereNull('timeline_hash')
        .where('timeline_seq', '>', 0)
        .limit(BATCH)
        .select<{ ticket_id: string }[]>('ticket_id');
      for (const { ticket_id } of tickets) await chainTimeline(db, ticket_id);
      if (tickets.length < BATCH) return;
    }
  },
  async down(db) {
    await db.raw('drop index ticket_timeline_at');
  },
};

async function chainTimeline(db: Knex, ticket_id: string): Promise<void> {
  let previous = FIRST_HASH;
  for (const row of await db<TimelineRow>('ticket_timeline').where({ ticket_id }).orderBy('seq')) {
    const hash = chained(previous, timelineRecord(row));
    await db('ticket_timeline').where({ ticket_id, seq: row.seq }).update({ previous_hash: previous, hash });
    previous = hash;
  }
  await db('tickets').where({ ticket_id }).update({ timeline_hash: previous });
}
