/** What a unit is told in its inbox. */
export const INBOX_KINDS = {
  dispatched: '新派工单',
  dueSoon: '到期提醒',
  overdue: '逾期提醒',
  letter: '督办函',
  supervised: '督办',
  dueChanged: '期限变更',
  urged: '诉求人催办',
  supplemented: '补充情况',
  recalled: '撤回派单',
  decided: '申请结果',
  sentBack: '退回重办',
  reopened: '重办',
  meetingHeld: '联席会议',
  message: '业务通知',
  evaluated: '回访结果',
  appealDecided: '申诉结果',
  knowledgeAsked: '知识待补充',
} as const;
export type InboxKind = keyof typeof INBOX_KINDS;

export interface InboxNotice {
  unitId: string;
  kind: InboxKind;
  /** Null when it is about no work order. */
  ticketId: string | null;
  /** Chinese; never says who the citizen is. */
  words: string;
  /** Outbox row or timer: one notice for one cause, however often it is delivered. */
  sourceId: string;
  at: Date;
}
