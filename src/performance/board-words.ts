import type { OfferOutcome } from '../events';
import { NOT_READY_REASONS, type SeatState } from '../seats/seat';
import type { BoardGroup, BoardSeat } from './board';
import { LIVE_FIGURES, type LiveFigure, type Unit } from './definitions';

export const STATE_WORDS: Record<SeatState, string> = {
  signedOut: '未签入',
  notReady: '示忙',
  ready: '示闲',
  ringing: '振铃中',
  talking: '通话中',
  wrapUp: '话后整理',
  rona: '振铃未接',
};

const MISSED_WORDS: Partial<Record<OfferOutcome, string>> = {
  'no-answer': '超时未接',
  rejected: '拒接',
  unreachable: '话机无法接通',
  lost: '线路中断',
};

/** Why a seat is not to be had: its reason of not-ready, or how it missed its last ring; null when there is nothing to say. */
export function seatReason(
  seat: Pick<BoardSeat, 'state' | 'notReadyReason' | 'missed' | 'phoneReachable'>,
): string | null {
  if (seat.state === 'rona') return (seat.missed && MISSED_WORDS[seat.missed]) ?? '超时未接';
  if (seat.state === 'notReady' && seat.notReadyReason) return NOT_READY_REASONS[seat.notReadyReason];
  return seat.phoneReachable ? null : '话机离线';
}

/** A figure as people read it; an em dash when there is none. Shares are told as per cent with one decimal. */
export function figureText(value: number | null, unit: Unit): string {
  if (value === null) return '—';
  if (unit === 'share') return `${percent(value)}%`;
  return unit === 'seconds' ? `${Math.round(value)}秒` : String(value);
}

/** Rounded down: 94.96 % is not 95 %. */
function percent(share: number): string {
  return (Math.floor(share * 1000 + 1e-9) / 10).toFixed(1);
}

/** A figure of this moment for a group. */
export function liveFigure(key: LiveFigure, group: BoardGroup, now: number): number | null {
  // The longest wait is all that is kept of those who wait, besides how many they are.
  const waitingSince = group.longestSince === null ? [] : Array(group.waiting).fill(group.longestSince);
  return LIVE_FIGURES[key].of({ waitingSince: waitingSince as number[], now });
}
