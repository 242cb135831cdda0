/** What a unit is told in its inbox. */
export const INBOX_KINDS = { dispatched: '新派工单', dueSoon: '到期提醒', dueChanged: '期限变更' } as const;
export type InboxKind = keyof typeof INBOX_KINDS;

export interface InboxNotice {
  unitId: string;
  kind: InboxKind;
  ticketId: string;
  /** Chinese; never says who the citizen is. */
  words: string;
  /** Outbox row or timer: one notice for one cause, however often it is delivered. */
  sourceId: string;
  at: Date;
}
