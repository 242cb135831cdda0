import type { OfferReason } from '../events';
import type { Seat } from '../seats/seat';
import { isOn, takes, type LeaderShift } from './leader-shift';
import { relaxedAfter, skillFor, type Queue } from './queue';
import { inOrder, type WaitingCall } from './waiting-line';

export interface PlannedOffer {
  call: WaitingCall;
  seat: Seat;
  reason: OfferReason;
}

/** Everything a plan is made from. Instants are ms since the epoch. */
export interface RoutePicture {
  waiting: readonly WaitingCall[];
  seats: readonly Seat[];
  queues: ReadonlyMap<string, Queue>;
  leaders: readonly LeaderShift[];
  now: number;
  ageingMs: number;
  /** How long a call waits for the agent who talked with the citizen last while that one is at work; 0: not at all. */
  lastAgentMs: number;
}

/** How many passed-over seats an offer's reason names. */
const NAMED = 20;
/** States from which an agent soon comes back to the next call. */
const SOON_BACK: readonly Seat['state'][] = ['ringing', 'talking', 'wrapUp'];

/**
 * Who is offered to whom now. In the order of the waiting line, each call takes, of the seats still free (ready, with a
 * reachable phone), the one of the first rung of this ladder that has any:
 *
 *   1. leader       the leader whose shift (领导接听日) the call belongs to;
 *   2. last-agent   until it has waited `lastAgentMs`: who talked with this citizen last, if he has the queue's skill;
 *   -  wait         until then too, while that one is at work on a call or its wrap-up: nobody else;
 *   3. skilled      those with the queue's skill: the one idle longest (only-one, longest-idle);
 *   4. relaxed      those with a skill the queue allows after so long a wait: the one idle longest.
 *
 * At a tie the smaller seat id, so that every service decides alike. A leader on shift takes the calls of the shift
 * only. A call that finds no seat does not stop the calls behind it. Returns the offers to try, each seat and each call
 * at most once.
 */
export function planOffers(picture: RoutePicture): PlannedOffer[] {
  const { waiting, seats, leaders, now, ageingMs } = picture;
  let free = seats.filter((seat) => seat.state === 'ready' && seat.phoneReachable);
  if (free.length === 0) return [];
  const shifts = leaders.filter((shift) => isOn(shift, now));
  const planned: PlannedOffer[] = [];
  inOrder(waiting, now, ageingMs).forEach((call, rank) => {
    const choice = choose(call, free, shifts, picture);
    if (!choice) return;
    free = free.filter((seat) => seat !== choice.seat);
    planned.push({ call, seat: choice.seat, reason: explain(call, choice, rank, shifts, picture) });
  });
  return planned;
}

interface Choice {
  rule: Extract<OfferReason['rule'], 'leader' | 'last-agent' | 'only-one' | 'longest-idle' | 'relaxed'>;
  seat: Seat;
  words: string;
  /** The seats that the rung had, for who was passed over. */
  among: readonly Seat[];
}

/** The ladder for one call; null when it has to wait. */
function choose(
  call: WaitingCall,
  free: readonly Seat[],
  shifts: readonly LeaderShift[],
  picture: RoutePicture,
): Choice | null {
  const { queues, now, lastAgentMs } = picture;
  const shiftOf = (seat: Seat) => shifts.find((each) => each.personId === seat.seatId && takes(each, call));
  const leader = idlest(free.filter(shiftOf));
  if (leader)
    return {
      rule: 'leader',
      seat: leader,
      among: [leader],
      words: `领导接听：${shiftOf(leader)?.title ?? ''}`,
    };

  const skill = skillFor(call.queue, queues);
  const others = free.filter((seat) => !onShift(seat, shifts));
  const skilled = others.filter((seat) => seat.skills.includes(skill));
  const waitedMs = now - call.waitingSince;
  const last = skilled.find((seat) => seat.seatId === call.lastAgent);
  if (last && waitedMs < lastAgentMs)
    return { rule: 'last-agent', seat: last, among: [last], words: '上次接听该诉求人的坐席' };
  if (waitedMs < lastAgentMs && lastAgentSoonBack(call, skill, shifts, picture)) return null;

  const idle = (seat: Seat) => Math.max(0, Math.round((now - seat.idleSince) / 1000));
  const chosen = idlest(skilled);
  if (chosen) {
    const only = skilled.length === 1;
    const words = only
      ? `唯一空闲且具备技能「${skill}」的坐席，已空闲${idle(chosen)}秒`
      : `${skilled.length}个空闲坐席中空闲时间最长（${idle(chosen)}秒）`;
    return { rule: only ? 'only-one' : 'longest-idle', seat: chosen, among: skilled, words };
  }

  for (const step of relaxedAfter(call.queue, queues, waitedMs)) {
    const able = others.filter((seat) => seat.skills.includes(step.skill));
    const relaxed = idlest(able);
    if (relaxed)
      return {
        rule: 'relaxed',
        seat: relaxed,
        among: able,
        words: `技能「${skill}」无空闲坐席，等待满${step.afterSeconds}秒后放宽到「${step.skill}」`,
      };
  }
  return null;
}

function idlest(seats: readonly Seat[]): Seat | undefined {
  return [...seats].sort((a, b) => a.idleSince - b.idleSince || (a.seatId < b.seatId ? -1 : 1))[0];
}

function onShift(seat: Seat, shifts: readonly LeaderShift[]): boolean {
  return shifts.some(({ personId }) => personId === seat.seatId);
}

function lastAgentSoonBack(
  { lastAgent }: WaitingCall,
  skill: string,
  shifts: readonly LeaderShift[],
  { seats }: RoutePicture,
): boolean {
  const seat = seats.find(({ seatId }) => seatId === lastAgent);
  if (!seat || !seat.phoneReachable || seat.notReadyNext !== null) return false;
  return SOON_BACK.includes(seat.state) && seat.skills.includes(skill) && !onShift(seat, shifts);
}

function explain(
  call: WaitingCall,
  { rule, seat: chosen, words, among }: Choice,
  rank: number,
  shifts: readonly LeaderShift[],
  { seats, queues, now }: RoutePicture,
): OfferReason {
  const skill = skillFor(call.queue, queues);
  const idleSeconds = Math.max(0, Math.round((now - chosen.idleSince) / 1000));
  const why = (seat: Seat) => whyNot(seat, { call, rule, skill, among, shifts });
  const passedOver = seats
    .filter((seat) => seat !== chosen)
    .slice(0, NAMED)
    .map((seat) => ({ seatId: seat.seatId, why: why(seat) }));
  const first = call.priorityWhy ? `；优先级${call.priority}：${call.priorityWhy}` : '';
  return { rule, words: `${words}${first}`, idleSeconds, waitingRank: rank + 1, passedOver };
}

/**
 * Why a seat was not chosen:
 *
 *   its state, its phone; it was the last agent, not waited for (any longer); a leader on shift for other calls;
 *   it lacks the skill; a seat of an earlier rung was there; it has been idle for less long.
 */
function whyNot(
  seat: Seat,
  {
    call,
    rule,
    skill,
    among,
    shifts,
  }: Pick<Choice, 'rule' | 'among'> & {
    call: WaitingCall;
    skill: string;
    shifts: readonly LeaderShift[];
  },
): string {
  const last = seat.seatId === call.lastAgent ? '上次接听的坐席，' : '';
  if (seat.state !== 'ready') return `${last}状态：${seat.state}`;
  if (!seat.phoneReachable) return `${last}话机离线`;
  if (rule === 'leader') return '来电属领导接听时段';
  if (onShift(seat, shifts)) return '领导接听时段，只接指定来电';
  if (rule === 'last-agent') return '让上次接听的坐席优先';
  if (!among.includes(seat)) return `缺少技能「${skill}」`;
  return '空闲时间较短';
}
