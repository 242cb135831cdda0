import type { OfferReason } from '../events';
import type { Seat } from '../seats/seat';
import { skillFor, type Queue } from './queue';
import { inOrder, type WaitingCall } from './waiting-line';

export interface PlannedOffer {
  call: WaitingCall;
  seat: Seat;
  reason: OfferReason;
}

/** How many passed-over seats an offer's reason names. */
const NAMED = 20;

/**
 * Who is offered to whom now. In the order of the waiting line, each call takes, of the seats still free:
 *
 *   1. those that are ready, with a reachable phone and the queue's skill;
 *   2. of these the one idle longest;
 *   3. at a tie the smaller seat id, so that every service decides alike.
 *
 * A call that finds no seat does not stop the calls behind it that need another skill. Takes the time in ms since the
 * epoch; returns the offers to try, each seat and each call at most once.
 */
export function planOffers(
  waiting: readonly WaitingCall[],
  seats: readonly Seat[],
  queues: ReadonlyMap<string, Queue>,
  now: number,
  ageingMs: number,
): PlannedOffer[] {
  let free = seats.filter((seat) => seat.state === 'ready' && seat.phoneReachable);
  if (free.length === 0) return [];
  const planned: PlannedOffer[] = [];
  inOrder(waiting, now, ageingMs).forEach((call, rank) => {
    const skill = skillFor(call.queue, queues);
    const able = free.filter((seat) => seat.skills.includes(skill));
    const [chosen] = able.sort((a, b) => a.idleSince - b.idleSince || (a.seatId < b.seatId ? -1 : 1));
    if (!chosen) return;
    free = free.filter((seat) => seat !== chosen);
    planned.push({ call, seat: chosen, reason: explain(chosen, able, seats, skill, rank, now) });
  });
  return planned;
}

function explain(
  chosen: Seat,
  able: readonly Seat[],
  seats: readonly Seat[],
  skill: string,
  rank: number,
  now: number,
): OfferReason {
  const idleSeconds = Math.max(0, Math.round((now - chosen.idleSince) / 1000));
  const rule = able.length === 1 ? 'only-one' : 'longest-idle';
  const words =
    rule === 'only-one'
      ? `唯一空闲且具备技能「${skill}」的坐席，已空闲${idleSeconds}秒`
      : `${able.length}个空闲坐席中空闲时间最长（${idleSeconds}秒）`;
  const passedOver = seats
    .filter((seat) => seat !== chosen)
    .slice(0, NAMED)
    .map((seat) => ({ seatId: seat.seatId, why: whyNot(seat, skill) }));
  return { rule, words, idleSeconds, waitingRank: rank + 1, passedOver };
}

/** Why a seat was not chosen. */
function whyNot(seat: Seat, skill: string): string {
  if (seat.state !== 'ready') return `状态：${seat.state}`;
  if (!seat.phoneReachable) return '话机离线';
  if (!seat.skills.includes(skill)) return `缺少技能「${skill}」`;
  return '空闲时间较短';
}
