import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { InboxKind, InboxNotice } from './notice';

export interface InboxRow {
  inbox_seq: string;
  unit_id: string;
  kind: InboxKind;
  ticket_id: string | null;
  words: string;
  at: Date;
  read_at: Date | null;
}

/** The in-app inbox of each unit. */
export class UnitInboxStore {
  constructor(private readonly db: Database) {}

  /** Adds a notice; answers false when its cause has been told before. */
  async add(trx: Knex, notice: InboxNotice): Promise<boolean> {
    const added = await trx('unit_inbox')
      .insert({
        unit_id: notice.unitId,
        kind: notice.kind,
        ticket_id: notice.ticketId,
        words: notice.words,
        source_id: notice.sourceId,
        at: notice.at,
      })
      .onConflict('source_id')
      .ignore()
      .returning('inbox_seq');
    return added.length > 0;
  }

  /** A unit's notices below `before`, newest first. */
  list(unitId: string, unreadOnly: boolean, before: string | null, limit: number): Promise<InboxRow[]> {
    const query = this.db<InboxRow>('unit_inbox')
      .where({ unit_id: unitId })
      .orderBy('inbox_seq', 'desc')
      .limit(limit);
    if (unreadOnly) query.whereNull('read_at');
    if (before) query.where('inbox_seq', '<', before);
    return query;
  }

  async unread(unitId: string): Promise<number> {
    const row = await this.db('unit_inbox')
      .where({ unit_id: unitId })
      .whereNull('read_at')
      .count('* as n')
      .first();
    return Number(row?.['n'] ?? 0);
  }

  /** Marks a unit's own notice read; answers false when it has none such. Reading twice keeps the first time. */
  async markRead(unitId: string, inboxSeq: string, by: string, at: Date): Promise<boolean> {
    const touched = await this.db('unit_inbox')
      .where({ unit_id: unitId, inbox_seq: inboxSeq })
      .update({
        read_at: this.db.raw('coalesce(read_at, ?)', [at]),
        read_by: this.db.raw('coalesce(read_by, ?)', [by]),
      });
    return touched > 0;
  }
}
