import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { HotlineError } from '../errors';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { may } from '../permissions';
import { sha256Of, type AttachmentFiles } from './attachment-files.adapter';
import type { AttachmentStore } from './attachment.store';
import { isServed, nameKept, type Attachment, type AttachmentView, type OwnerKind } from './attachment';
import { ATTACHABLE, fileKindOf, type FileGroup } from './file-kind';

/** What the owner of attachments decides, and how it is told. */
export interface OwnerRules {
  mayRead(caller: Caller, ownerId: string): Promise<boolean>;
  mayWrite(caller: Caller, ownerId: string): Promise<boolean>;
  /** Whether what leads to the citizen may be shown; asked only of who may read. */
  maySeeCitizen(caller: Caller, ownerId: string): Promise<boolean>;
  /** Whether what the hotline adds leads to the citizen unless it says otherwise: a report, a confidential matter. */
  isConfidential(ownerId: string): Promise<boolean>;
  /** Writes a row of the owner's timeline, in the transaction of the command. */
  note(trx: Knex.Transaction, ownerId: string, words: string, caller: Caller, at: Date): Promise<void>;
}

export interface AttachmentLimits {
  /** Bytes of one file, by group. */
  file: Record<FileGroup, number>;
  /** Bytes of everything one owner has. */
  owner: number;
}

interface Parts {
  store: AttachmentStore;
  files: AttachmentFiles;
  owners: Partial<Record<OwnerKind, OwnerRules>>;
  limits: AttachmentLimits;
  /** Whether a virus scanner is set. */
  scanning: boolean;
  /** A content was added: scan it now instead of at the next sweep. */
  hurry(): void;
  audit: Pick<AuditStore, 'append'>;
  clock: Clock;
}

/** Files of work orders and the like (R1): checked by content, stored outside the database, shown by their owner's rules. */
export class Attachments {
  constructor(private readonly parts: Parts) {}

  /** What an owner has, as far as the caller may know. Throws `not-found` when he may not see the owner. */
  async list(owner: { kind: OwnerKind; id: string }, caller: Caller): Promise<AttachmentView[]> {
    const rules = await this.readable(owner, caller);
    const all = await this.parts.store.ofOwner(owner.kind, owner.id);
    const whole = all.some(({ identifying }) => identifying) && (await rules.maySeeCitizen(caller, owner.id));
    return all.filter(({ identifying }) => whole || !identifying).map((one) => this.view(one));
  }

  /**
   * Adds a file. The same content is not added twice to one owner. `identifying`: null lets the owner decide. Throws
   * `unsupported-media-type` when name and content are nothing that may be attached, `too-large`, `not-found`.
   */
  async add(
    owner: { kind: OwnerKind; id: string },
    file: { name: string; content: Buffer; identifying: boolean | null },
    caller: Caller,
  ): Promise<AttachmentView> {
    const rules = await this.readable(owner, caller);
    if (!(await rules.mayWrite(caller, owner.id))) throw new HotlineError('not-allowed', '不能在此上传附件');
    const name = nameKept(file.name);
    const mediaType = this.checked(name, file.content);
    const knows = await rules.maySeeCitizen(caller, owner.id);
    // Who may not know the citizen cannot add what he must then not see.
    const identifying = knows && (file.identifying ?? (await rules.isConfidential(owner.id)));
    const uploadedAt = this.parts.clock.now();
    const one: Attachment = {
      attachmentId: randomUUID(),
      ownerKind: owner.kind,
      ownerId: owner.id,
      ...{ name, mediaType, bytes: file.content.length, sha256: sha256Of(file.content) },
      ...{ identifying, scan: 'pending', uploadedAt, removedAt: null },
      ...{ uploadedBy: caller.personId, uploadedByName: caller.name },
    };
    const kept = await this.keep(one, file.content, knows, (trx) =>
      rules.note(
        trx,
        owner.id,
        identifying ? '上传附件（涉及诉求人身份）' : `上传附件：${name}`,
        caller,
        uploadedAt,
      ),
    );
    this.parts.hurry();
    return this.view(kept);
  }

  /** Where a file is, and what it is called. Throws `not-found`, `wrong-state` while it is not scanned or when infected. */
  async content(
    attachmentId: string,
    caller: Caller,
  ): Promise<{ path: string; mediaType: string; name: string }> {
    const one = await this.find(attachmentId, caller);
    if (one.scan === 'infected') throw new HotlineError('wrong-state', '附件含有病毒，不能下载');
    if (!isServed(one.scan, this.parts.scanning))
      throw new HotlineError('wrong-state', '附件正在进行病毒扫描，请稍候');
    if (!(await this.parts.files.has(one.sha256))) throw new HotlineError('not-found', '文件已不在');
    if (one.identifying) await this.audit(caller, 'attachment.read', one);
    return { path: this.parts.files.path(one.sha256), mediaType: one.mediaType, name: one.name };
  }

  /** Shows an attachment that leads to the citizen to units too; the hotline has looked at it. */
  async release(attachmentId: string, caller: Caller): Promise<AttachmentView> {
    const one = await this.find(attachmentId, caller);
    await this.parts.store.command(async (trx) => {
      if (!(await this.parts.store.release(trx, attachmentId)))
        throw new HotlineError('wrong-state', '此附件没有隐藏');
      await this.note(trx, one, `开放附件：${one.name}`, caller);
      await this.audit(caller, 'attachment.release', one, trx);
    });
    return this.view({ ...one, identifying: false });
  }

  /** Removes an attachment: the uploader's own, or any for who decides. The content goes when nobody else has it. */
  async remove(attachmentId: string, caller: Caller): Promise<void> {
    const one = await this.find(attachmentId, caller);
    if (one.uploadedBy !== caller.personId && !may(caller.role, 'attachment.remove-any'))
      throw new HotlineError('not-allowed', '只能删除本人上传的附件');
    await this.parts.store.command(async (trx) => {
      if (!(await this.parts.store.remove(trx, attachmentId, caller.personId, this.parts.clock.now())))
        throw new HotlineError('not-found', '没有这个附件');
      await this.note(
        trx,
        one,
        one.identifying ? '删除附件（涉及诉求人身份）' : `删除附件：${one.name}`,
        caller,
      );
      await this.audit(caller, 'attachment.remove', one, trx);
    });
  }

  private checked(name: string, content: Buffer): string {
    const kind = fileKindOf(name, content);
    if (!kind)
      throw new HotlineError('unsupported-media-type', '不能上传此类文件，或文件内容与名称不符', {
        allowed: ATTACHABLE,
      });
    const limit = this.parts.limits.file[kind.group];
    if (content.length > limit) throw new HotlineError('too-large', '文件太大', { limit });
    return kind.mediaType;
  }

  private keep(
    one: Attachment,
    content: Buffer,
    knows: boolean,
    note: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<Attachment> {
    const { store, files, limits } = this.parts;
    return store.command(async (trx) => {
      await store.lockOwner(trx, one.ownerKind, one.ownerId);
      const others = await store.ofOwner(one.ownerKind, one.ownerId, trx);
      const same = others.find((other) => other.sha256 === one.sha256 && (knows || !other.identifying));
      if (same) return same;
      const total = others.reduce((sum, { bytes }) => sum + bytes, one.bytes);
      if (total > limits.owner)
        throw new HotlineError('too-large', '附件总量超过上限', { limit: limits.owner });
      await store.lockContent(trx, one.sha256);
      await files.keep(one.sha256, content);
      const kept: Attachment = (await store.isInfected(trx, one.sha256)) ? { ...one, scan: 'infected' } : one;
      await store.insert(trx, kept);
      await note(trx);
      return kept;
    });
  }

  /** An attachment that the caller may see; otherwise its existence is not told. */
  private async find(attachmentId: string, caller: Caller): Promise<Attachment> {
    const one = await this.parts.store.find(attachmentId);
    const rules = one && this.parts.owners[one.ownerKind];
    const seen =
      rules &&
      (await rules.mayRead(caller, one.ownerId)) &&
      (!one.identifying || (await rules.maySeeCitizen(caller, one.ownerId)));
    if (!seen) throw new HotlineError('not-found', '没有这个附件');
    return one;
  }

  private async readable(owner: { kind: OwnerKind; id: string }, caller: Caller): Promise<OwnerRules> {
    const rules = this.parts.owners[owner.kind];
    if (!rules || !(await rules.mayRead(caller, owner.id)))
      throw new HotlineError('not-found', '没有这个对象，或无权查看');
    return rules;
  }

  private async note(trx: Knex.Transaction, one: Attachment, words: string, caller: Caller): Promise<void> {
    await this.parts.owners[one.ownerKind]?.note(trx, one.ownerId, words, caller, this.parts.clock.now());
  }

  private audit(caller: Caller, action: string, one: Attachment, within?: Knex.Transaction): Promise<void> {
    const { ownerKind, ownerId, sha256 } = one;
    return this.parts.audit.append(
      {
        who: caller.personId,
        action,
        subject: one.attachmentId,
        facts: { ownerKind, ownerId, sha256 },
        address: caller.address,
      },
      within,
    );
  }

  private view(one: Attachment): AttachmentView {
    const { attachmentId, name, mediaType, bytes, sha256, identifying, scan, uploadedAt, uploadedByName } =
      one;
    const available = isServed(scan, this.parts.scanning);
    return {
      ...{ attachmentId, name, mediaType, bytes, sha256, identifying, scan, available },
      ...{ uploadedAt, uploadedByName },
    };
  }
}
