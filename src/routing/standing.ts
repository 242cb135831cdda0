/** What is remembered of a caller's number: nothing here is asked of a database while he calls. */
export interface Standing {
  /** When his last call ended (ms since the epoch); null: none within the memory. */
  lastCallAt: number | null;
  /** His last call ended without anybody having talked with him. */
  abandoned: boolean;
  /** An urgent work order for his number is still open. */
  urgent: boolean;
  /** The agent who talked with him last, and when that began. */
  agent: { seatId: string; at: number } | null;
}

export const UNKNOWN_CALLER: Standing = { lastCallAt: null, abandoned: false, urgent: false, agent: null };

/** How many points each reason adds to the priority of the line, and how long a call is remembered. */
export interface StandingPolicy {
  repeatMs: number;
  repeatPoints: number;
  urgentPoints: number;
}

/** The priority a call begins with, and why, in words for people; empty when it is that of an ordinary call. */
export interface Precedence {
  priority: number;
  why: string;
  /** The seat to try first; null: nobody in particular. */
  lastAgent: string | null;
}

/**
 * Who goes first. Each of these adds its points:
 *
 *   1. the line the citizen dialled (its own priority);
 *   2. an open urgent work order for the number;
 *   3. a call of the same number within `repeatMs`, answered or not.
 *
 * Waiting adds one more for each full ageing step (waiting-line.ts), so that nobody waits for ever.
 */
export function precedenceOf(
  linePriority: number,
  lineName: string,
  standing: Standing,
  policy: StandingPolicy,
  now: number,
): Precedence {
  const within = (at: number) => now - at < policy.repeatMs;
  const reasons: [points: number, words: string][] = [];
  if (linePriority > 0) reasons.push([linePriority, `热线“${lineName}”`]);
  if (standing.urgent) reasons.push([policy.urgentPoints, '有未办结的紧急工单']);
  if (standing.lastCallAt !== null && within(standing.lastCallAt)) {
    const hours = Math.round(policy.repeatMs / 3_600_000);
    reasons.push([
      policy.repeatPoints,
      `${hours}小时内再次来电${standing.abandoned ? '（上次未接通）' : ''}`,
    ]);
  }
  const counted = reasons.filter(([points]) => points > 0);
  return {
    priority: counted.reduce((sum, [points]) => sum + points, 0),
    why: counted.map(([points, words]) => `${words}+${points}`).join('，'),
    lastAgent: standing.agent && within(standing.agent.at) ? standing.agent.seatId : null,
  };
}
