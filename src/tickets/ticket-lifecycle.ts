import { may, type Action, type Role } from '../permissions';
import type { PartState, TicketState } from './ticket';
import type { RequestKind } from './ticket-row';

/**
 * The walk of a work order (B1) as one table of actions: from which states, by whom, by which clause. The service acts
 * by it, the API says by it what somebody may do now, the browser shows its buttons by it.
 *
 *   draft → accepted ─ answer (D1) → answered ──────────────────────────────┐
 *             │  └──── refuse (D3) → refused ───────────────────────────────┤
 *             └ dispatch (D2) → dispatched → acknowledged → replied → checked → followedUp → archived
 *                     ↑               └ return (T3) ┘          │        │          │
 *                     └─── returned ←─────┘     sendBack ──────┘        └─ reopen ─┘ → dispatched
 */
export interface ActionRule {
  from: readonly TicketState[];
  /** For a unit's action: the states of its own part. */
  part?: readonly PartState[];
  /** Who: the hotline's people, a unit with a part, or the lead unit only. */
  by: 'hotline' | 'unit';
  permission: Action;
  words: string;
  clause: string;
}

const OPEN: readonly TicketState[] = ['accepted', 'dispatched', 'acknowledged', 'returned', 'replied'];
const HANDLED: readonly TicketState[] = ['dispatched', 'acknowledged'];
const WORKING: readonly PartState[] = ['dispatched', 'acknowledged'];
/** Its lead may have replied, or handed it back, while an assistant still works and its clock runs (R3). */
const WITH_UNITS: readonly TicketState[] = ['dispatched', 'acknowledged', 'returned', 'replied'];

const hotline = (
  from: readonly TicketState[],
  permission: Action,
  words: string,
  clause: string,
): ActionRule => ({ from, by: 'hotline', permission, words, clause });
const unit = (
  from: readonly TicketState[],
  part: readonly PartState[],
  words: string,
  clause: string,
): ActionRule => ({ from, part, by: 'unit', permission: 'ticket.handle', words, clause });

export const TICKET_ACTIONS = {
  submit: hotline(['draft'], 'ticket.open', '提交受理', 'R1'),
  discard: hotline(['draft'], 'ticket.open', '作废草稿', 'R1'),
  amend: hotline(['draft', 'accepted', 'returned'], 'ticket.open', '修改', 'R1'),
  answer: hotline(['accepted', 'returned'], 'ticket.dispatch', '直接答复', 'D1'),
  refuse: hotline(['accepted', 'returned'], 'ticket.dispatch', '不予受理', 'D3'),
  dispatch: hotline(['accepted', 'returned'], 'ticket.dispatch', '派单', 'D2'),
  addAssistant: hotline(HANDLED, 'ticket.dispatch', '增派协办', 'R3'),
  recall: hotline(HANDLED, 'ticket.decide', '撤回改派', 'R2'),
  meet: hotline([...HANDLED, 'returned'], 'ticket.dispatch', '记录联席会议', 'R3'),
  acknowledge: unit(WITH_UNITS, ['dispatched'], '签收', 'D2'),
  askReturn: unit(HANDLED, WORKING, '申请退单', 'T3'),
  object: unit(HANDLED, WORKING, '派单异议', 'T3'),
  askExtension: unit(WITH_UNITS, WORKING, '申请延期', 'T2'),
  withdrawRequest: unit(WITH_UNITS, WORKING, '撤回申请', 'T2'),
  decide: hotline(WITH_UNITS, 'ticket.decide', '审核申请', 'T2'),
  giveOpinion: unit(WITH_UNITS, WORKING, '提出初步意见', 'T4'),
  pause: hotline(WITH_UNITS, 'ticket.decide', '暂停计时', 'T2'),
  resume: hotline(WITH_UNITS, 'ticket.decide', '恢复计时', 'T2'),
  reply: unit(WITH_UNITS, ['acknowledged'], '答复', 'T1'),
  sendBack: hotline(['replied'], 'ticket.check', '退回重办', 'T1'),
  check: hotline(['replied'], 'ticket.check', '审核办结', 'T1'),
  // Again on what is followed up already: a later result is kept too, and the last one counts.
  followUp: hotline(['checked', 'answered', 'followedUp'], 'ticket.follow-up', '登记回访', 'E1'),
  reopen: hotline(
    ['answered', 'refused', 'checked', 'followedUp', 'archived'],
    'ticket.follow-up',
    '重办',
    'E1',
  ),
  archive: hotline(['answered', 'refused', 'followedUp'], 'ticket.check', '归档', 'B1'),
  urge: hotline(OPEN, 'ticket.open', '催办', 'R1'),
  supplement: hotline(OPEN, 'ticket.open', '补充情况', 'R1'),
  merge: hotline(['accepted', 'dispatched', 'acknowledged', 'returned'], 'ticket.dispatch', '并单', 'R1'),
  unmerge: hotline(['merged'], 'ticket.dispatch', '取消并单', 'R1'),
  markHard: hotline(OPEN, 'ticket.decide', '标记疑难', 'S4'),
} as const satisfies Record<string, ActionRule>;

export type TicketAction = keyof typeof TICKET_ACTIONS;

export const ruleOf = (action: TicketAction): ActionRule => TICKET_ACTIONS[action];

/** Where somebody stands towards a ticket: its state, and for a unit its own part. */
export interface Standing {
  state: TicketState;
  role: Role;
  part: {
    state: PartState;
    final: boolean;
    returnRefused: boolean;
    paused: boolean;
    opinionDue: boolean;
  } | null;
  pending: readonly RequestKind[];
}

/** What somebody may do with a ticket now. */
export function actionsFor(standing: Standing): TicketAction[] {
  return (Object.keys(TICKET_ACTIONS) as TicketAction[]).filter(
    (action) => whyNot(action, standing) === null,
  );
}

/** Why an action is not possible now, in Chinese; null when it is. */
export function whyNot(action: TicketAction, { state, role, part, pending }: Standing): string | null {
  const rule = ruleOf(action);
  if (!may(role, rule.permission)) return `您的角色不能${rule.words}。`;
  if (!rule.from.includes(state)) return `工单当前状态不能${rule.words}。`;
  if (rule.by === 'unit' && (!part || !rule.part?.includes(part.state)))
    return `本单位的办理状态不能${rule.words}。`;
  const asked = pending.length > 0;
  switch (action) {
    case 'decide':
      return asked ? null : '没有待审核的申请。';
    case 'withdrawRequest':
      return asked ? null : '没有待审核的申请可撤回。';
    case 'askReturn':
      if (part?.final) return '已作最终裁定，不能退单。';
      if (part?.returnRefused) return '退单申请已被驳回，如仍有异议请提出派单异议。';
      return asked ? '已有申请待审核。' : null;
    case 'object':
      if (part?.final) return '已作最终裁定，不能再提异议。';
      if (!part?.returnRefused) return '请先申请退单。';
      return asked ? '已有申请待审核。' : null;
    case 'askExtension':
      return asked ? '已有申请待审核。' : null;
    case 'giveOpinion':
      return part?.opinionDue ? null : '本单无需初步意见，或已提出。';
    default:
      return null;
  }
}
