import { HotlineError } from '../errors';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import { INBOX_KINDS } from './notice';
import type { InboxRow, UnitInboxStore } from './unit-inbox.store';

/** A unit's clerk reads the unit's inbox; nobody reads another unit's. */
export class UnitInbox {
  constructor(
    private readonly store: UnitInboxStore,
    private readonly clock: Clock,
  ) {}

  /** Newest first; `cursor` is the last answer's. Also says how many are unread in all. */
  async list(caller: Caller, page: { unread: boolean; cursor?: string; limit: number }) {
    const unitId = unitOf(caller);
    const [rows, unread] = await Promise.all([
      this.store.list(unitId, page.unread, page.cursor ?? null, page.limit + 1),
      this.store.unread(unitId),
    ]);
    const items = rows.slice(0, page.limit).map(notice);
    return { items, unread, nextCursor: rows.length > page.limit ? (items.at(-1)?.noticeId ?? null) : null };
  }

  /** Throws `not-found` when the unit has no such notice. */
  async markRead(caller: Caller, noticeId: string) {
    const unitId = unitOf(caller);
    if (!(await this.store.markRead(unitId, noticeId, caller.personId, this.clock.now())))
      throw new HotlineError('not-found', '没有这条通知。');
    return { unread: await this.store.unread(unitId) };
  }
}

function unitOf(caller: Caller): string {
  if (caller.unitId === null) throw new HotlineError('not-allowed', '只有承办单位的账号才有收件箱。');
  return caller.unitId;
}

function notice(row: InboxRow) {
  return {
    noticeId: String(row.inbox_seq),
    kind: row.kind,
    kindName: INBOX_KINDS[row.kind],
    ticketId: row.ticket_id,
    words: row.words,
    at: row.at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  };
}
