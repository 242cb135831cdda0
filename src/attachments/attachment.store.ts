import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { Attachment, OwnerKind, ScanState } from './attachment';

interface Row {
  attachment_id: string;
  owner_kind: OwnerKind;
  owner_id: string;
  name: string;
  media_type: string;
  bytes: number;
  sha256: string;
  identifying: boolean;
  scan: ScanState;
  found: string | null;
  uploaded_at: Date;
  uploaded_by: string | null;
  uploaded_by_name: string;
  removed_at: Date | null;
  removed_by: string | null;
}

/** Table `attachments`. */
export class AttachmentStore {
  constructor(private readonly db: Database) {}

  /** Runs one command: all of it or nothing. */
  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** Lets only one at a time add to an owner, so that its total holds. */
  async lockOwner(trx: Knex, kind: OwnerKind, ownerId: string): Promise<void> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`attachments ${kind} ${ownerId}`]);
  }

  /** Keeps a content from being swept away between its file and its row, and the other way round. */
  async lockContent(trx: Knex, sha256: string): Promise<void> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`attachment ${sha256}`]);
  }

  async insert(trx: Knex, attachment: Attachment): Promise<void> {
    await trx<Row>('attachments').insert(rowOf(attachment));
  }

  async find(attachmentId: string): Promise<Attachment | null> {
    const row = await this.db<Row>('attachments')
      .where({ attachment_id: attachmentId })
      .whereNull('removed_at')
      .first();
    return row ? attachmentOf(row) : null;
  }

  /** What an owner has, oldest first. */
  async ofOwner(kind: OwnerKind, ownerId: string, trx: Knex = this.db): Promise<Attachment[]> {
    const rows = await trx<Row>('attachments')
      .where({ owner_kind: kind, owner_id: ownerId })
      .whereNull('removed_at')
      .orderBy('uploaded_at');
    return rows.map(attachmentOf);
  }

  /** Marks one removed; false when it was removed already. */
  async remove(trx: Knex, attachmentId: string, by: string, at: Date): Promise<boolean> {
    const changed = await trx<Row>('attachments')
      .where({ attachment_id: attachmentId })
      .whereNull('removed_at')
      .update({ removed_at: at, removed_by: by });
    return changed > 0;
  }

  /** No longer hidden from those who may not know the citizen; false when it was not hidden. */
  async release(trx: Knex, attachmentId: string): Promise<boolean> {
    const changed = await trx<Row>('attachments')
      .where({ attachment_id: attachmentId, identifying: true })
      .whereNull('removed_at')
      .update({ identifying: false });
    return changed > 0;
  }

  /** Contents that wait for the scanner, the longest waiting first. */
  async pending(limit: number): Promise<string[]> {
    const rows = await this.db<Row>('attachments')
      .where({ scan: 'pending' })
      .whereNull('removed_at')
      .groupBy('sha256')
      .orderByRaw('min(uploaded_at)')
      .limit(limit)
      .select<{ sha256: string }[]>('sha256');
    return rows.map(({ sha256 }) => sha256);
  }

  /** What the scanner said of a content, for every attachment of it. */
  async scanned(sha256: string, scan: ScanState, found: string | null): Promise<void> {
    await this.db<Row>('attachments').where({ sha256, scan: 'pending' }).update({ scan, found });
  }

  /** Whether the scanner found something in this content before. */
  async isInfected(trx: Knex, sha256: string): Promise<boolean> {
    return (await trx<Row>('attachments').where({ sha256, scan: 'infected' }).first('sha256')) !== undefined;
  }

  /** Those of the contents that some attachment still has. */
  async stillUsed(contents: readonly string[], trx: Knex = this.db): Promise<Set<string>> {
    const rows = await trx<Row>('attachments')
      .whereIn('sha256', [...contents])
      .whereNull('removed_at')
      .distinct('sha256');
    return new Set(rows.map(({ sha256 }) => sha256));
  }
}

function rowOf(one: Attachment): Row {
  return {
    attachment_id: one.attachmentId,
    owner_kind: one.ownerKind,
    owner_id: one.ownerId,
    name: one.name,
    media_type: one.mediaType,
    bytes: one.bytes,
    sha256: one.sha256,
    identifying: one.identifying,
    scan: one.scan,
    found: null,
    uploaded_at: one.uploadedAt,
    uploaded_by: one.uploadedBy,
    uploaded_by_name: one.uploadedByName,
    removed_at: one.removedAt,
    removed_by: null,
  };
}

function attachmentOf(row: Row): Attachment {
  return {
    attachmentId: row.attachment_id,
    ownerKind: row.owner_kind,
    ownerId: row.owner_id,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
    sha256: row.sha256,
    identifying: row.identifying,
    scan: row.scan,
    uploadedAt: row.uploaded_at,
    uploadedBy: row.uploaded_by,
    uploadedByName: row.uploaded_by_name,
    removedAt: row.removed_at,
  };
}
