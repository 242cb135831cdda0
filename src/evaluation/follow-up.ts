import type { TicketState } from '../tickets/ticket';

/** 回访 (E1): a task for 12345's people at each conclusion. `cancelled`: the matter went on without it. */
export const FOLLOW_UP_STATES = {
  open: '待回访',
  taken: '回访中',
  done: '已回访',
  cancelled: '已取消',
} as const;
export type FollowUpState = keyof typeof FOLLOW_UP_STATES;

/** An attempt that brought no result. */
export const ATTEMPTS = { unreachable: '未接通', refused: '拒绝回访', later: '另约时间' } as const;
export type Attempt = keyof typeof ATTEMPTS;

/** The states in which a matter is concluded and its citizen may say what he thinks of it. */
export const EVALUABLE = ['checked', 'answered', 'followedUp'] as const satisfies TicketState[];

export const isEvaluable = (state: TicketState): boolean => (EVALUABLE as readonly string[]).includes(state);

/** Each conclusion of a matter is a round of its own: the first, and one after each redo. */
export const roundOf = ({ reopened }: { reopened: number }): number => reopened + 1;

/**
 * Whether a directly answered matter is one of those followed up: a share of them in percent, chosen by its id, so that
 * the same one is always chosen or never.
 */
export function isSampled(ticketId: string, percent: number): boolean {
  let sum = 0;
  for (const letter of ticketId) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return sum % 100 < percent;
}

/** What an attempt without result ends in; null: the citizen is tried again. */
export function endOfAttempt(attempt: Attempt, made: number, most: number): 'refused' | 'unreachable' | null {
  if (attempt === 'refused') return 'refused';
  return attempt === 'unreachable' && made >= most ? 'unreachable' : null;
}
