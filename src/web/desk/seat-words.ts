import type { OfferOutcome } from '../../events';
import type { FeedEntry } from '../../desk/pop';
import { NOT_READY_REASONS, type Seat, type SeatState } from '../../seats/seat';

type Supervised = Extract<FeedEntry, { kind: 'supervised' }>;

/** How a state looks: its name, its colour, and what it means for the next call. */
export const SEAT_LOOK: Record<SeatState, { name: string; tone: string; means: string }> = {
  signedOut: { name: '未签入', tone: 'out', means: '签入后才能接听来电' },
  notReady: { name: '示忙', tone: 'busy', means: '不会派送来电' },
  ready: { name: '示闲', tone: 'ready', means: '等待来电' },
  ringing: { name: '振铃中', tone: 'ringing', means: '请接听' },
  talking: { name: '通话中', tone: 'talking', means: '正在为诉求人服务' },
  wrapUp: { name: '话后整理', tone: 'wrap', means: '整理完请点“完成”' },
  rona: { name: '振铃未接', tone: 'rona', means: '已暂停派送来电' },
};

/** Reasons an agent may choose; the others are set by the system. */
export const CHOOSABLE_REASONS = (['rest', 'meal', 'meeting', 'training', 'paperwork'] as const).map(
  (reason) => ({
    reason,
    words: NOT_READY_REASONS[reason],
  }),
);

/** The seat's state with its reason: `示忙 · 小休`. */
export function seatName(seat: Seat | null): string {
  if (!seat) return SEAT_LOOK.signedOut.name;
  const name = SEAT_LOOK[seat.state].name;
  return seat.state === 'notReady' && seat.notReadyReason
    ? `${name} · ${NOT_READY_REASONS[seat.notReadyReason]}`
    : name;
}

/** Why a ringing call went away, as told to the agent whose phone rang. */
export const MISSED_WORDS: Record<OfferOutcome, string> = {
  answered: '来电已接听',
  'no-answer': '来电振铃超时未接，已转给其他坐席',
  rejected: '您拒接了来电，已转给其他坐席',
  'caller-gone': '诉求人已先挂机',
  unreachable: '话机无法接通，来电已转给其他坐席',
  lost: '来电中断（线路故障）',
  withdrawn: '来电已由其他坐席接听',
};

/** Why the ring of a seat that another one called in went away. */
export const UNINVITED_WORDS: Record<OfferOutcome, string> = {
  answered: '已接听',
  'no-answer': '邀请振铃超时未接',
  rejected: '您已拒绝邀请',
  'caller-gone': '诉求人已挂机，邀请取消',
  unreachable: '话机无法接通，邀请取消',
  lost: '邀请中断（线路故障）',
  withdrawn: '对方已取消邀请',
};

/** What a supervisor did to the seat, as told to its agent. */
export function supervisedWords({ act, byName, reason }: Supervised): string {
  const who = `班长 ${byName} `;
  if (act === 'ready') return `${who}已将您示闲`;
  if (act === 'notReady') return `${who}已将您示忙${reason ? `（${NOT_READY_REASONS[reason]}）` : ''}`;
  if (act === 'endWrapUp') return `${who}已结束您的话后整理`;
  if (act === 'free') return `${who}已解除本席的卡死状态`;
  return reason === 'signingOut' ? `${who}已安排您在本次通话后签出` : `${who}已将您签出`;
}
