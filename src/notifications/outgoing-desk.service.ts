import { timingSafeEqual } from 'node:crypto';
import { HotlineError } from '../errors';
import type { writeSheet } from '../lines/line-sheet.adapter';
import { normaliseNumber } from '../lines/phone-number';
import { may } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller, FileReply } from '../platform/http-route';
import { emailOf, OUTGOING_ACTIONS, type OutgoingAction } from './outgoing';
import { MESSAGE_COLUMNS, viewMessage, type MessageView } from './outgoing-view';
import type { OutgoingFilter, OutgoingReadStore } from './outgoing-read.store';
import type { OutgoingStore, Receipt } from './outgoing.store';

const EXPORT_LIMIT = 10_000;

/** What a caller filters by; the address is a number or an e-mail address in any notation. */
export type MessageFilter = Omit<OutgoingFilter, 'identityShown'>;

export interface OutgoingDeskParts {
  store: OutgoingStore;
  reading: OutgoingReadStore;
  audit: AuditStore;
  clock: Clock;
  write: typeof writeSheet;
  hurry(): void;
  areaCode: string;
  /** In the address to which the provider posts receipts; null: none are taken. */
  receiptSecret: string | null;
}

/** Looking after messages: the list, sending again, cancelling, and what the provider says of them. */
export class OutgoingDesk {
  constructor(private readonly parts: OutgoingDeskParts) {}

  /** Newest first; `cursor` is the last answer's. */
  async list(
    filter: MessageFilter,
    page: { cursor?: string | undefined; limit: number },
    caller: Caller,
  ): Promise<{ items: MessageView[]; nextCursor: string | null }> {
    const { reading } = this.parts;
    const rows = await reading.list(this.visible(filter, caller), page.cursor ?? null, page.limit + 1);
    const shown = rows.slice(0, page.limit);
    return {
      items: shown.map((row) => viewMessage(row, caller.role)),
      nextCursor: rows.length > page.limit ? (shown.at(-1)?.seq ?? null) : null,
    };
  }

  /** The list as a file; every export is in the audit trail. Throws `too-large`. */
  async exportList(filter: MessageFilter, format: 'csv' | 'xlsx', caller: Caller): Promise<FileReply> {
    const rows = await this.parts.reading.list(this.visible(filter, caller), null, EXPORT_LIMIT + 1);
    if (rows.length > EXPORT_LIMIT)
      throw new HotlineError('too-large', `一次最多导出 ${EXPORT_LIMIT} 条，请缩小范围。`, {
        limit: EXPORT_LIMIT,
      });
    await this.parts.audit.append(entry(caller, 'message.export', format, { rows: rows.length }));
    const cells = rows
      .map((row) => viewMessage(row, caller.role))
      .map((message) => MESSAGE_COLUMNS.map(([, of]) => of(message)));
    const titles = MESSAGE_COLUMNS.map(([title]) => title);
    return this.parts.write(format, '消息记录', titles, cells);
  }

  /** Sends a failed message again, or cancels a waiting one (with a reason). Throws `not-found`, `wrong-state`. */
  async act(messageId: string, action: OutgoingAction, why: string, caller: Caller): Promise<MessageView> {
    const before = await this.read(messageId, caller);
    const done = await this.parts.store.transaction(async (trx) => {
      if (!(await this.parts.store.act(trx, messageId, action, this.parts.clock.now(), why))) return false;
      const facts = { channel: before.channel, to: before.to, ...(why ? { why } : {}) };
      await this.parts.audit.append(entry(caller, `message.${action}`, messageId, facts), trx);
      return true;
    });
    if (!done)
      throw new HotlineError(
        'wrong-state',
        `消息当前状态不能${OUTGOING_ACTIONS[action].words}，请刷新后再试。`,
        {
          state: before.state,
        },
      );
    this.parts.hurry();
    return this.read(messageId, caller);
  }

  /** Takes the provider's receipts, if it says our secret; unknown ones are passed over. Throws `not-allowed`. */
  async receive(secret: string, receipts: readonly Receipt[]): Promise<void> {
    const own = this.parts.receiptSecret;
    if (own === null || !same(own, secret)) throw new HotlineError('not-allowed', '回执密钥不正确。');
    for (const receipt of receipts) await this.parts.store.receive(receipt, this.parts.clock.now());
  }

  private async read(messageId: string, caller: Caller): Promise<MessageView> {
    const row = await this.parts.reading.find(messageId);
    if (!row) throw new HotlineError('not-found', '没有这条消息。');
    return viewMessage(row, caller.role);
  }

  private visible(filter: MessageFilter, { role }: Caller): OutgoingFilter {
    const { address: written } = filter;
    if (written === undefined) return filter;
    const address = emailOf(written) ?? normaliseNumber(written, this.parts.areaCode) ?? written;
    return { ...filter, address, identityShown: !may(role, 'ticket.view-confidential') };
  }
}

function same(own: string, given: string): boolean {
  const [one, other] = [Buffer.from(own), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function entry(caller: Caller, action: string, subject: string, facts: Record<string, unknown>) {
  return { who: caller.personId, action, subject, facts, address: caller.address };
}
