/** How the direct-answer rate (直接答复率) is counted; each figure is defined once. */
export const DIRECT_ANSWER = {
  name: '直接答复率',
  formula:
    '直接答复的工单数 ÷ 受理的工单数，按受理日计；草稿、作废、不予受理和并入他单的不计，曾派单后再答复的不算直接答复',
  clause: 'D1',
} as const;

/** The same as conditions on the columns of `tickets`: which work orders count, and which of them were answered at once. */
export const DIRECT_ANSWER_ROWS = {
  of: "state not in ('draft', 'discarded', 'refused', 'merged')",
  hit: 'answer is not null and dispatched_at is null',
} as const;

/** Work orders accepted on a day or in a month of the city, and how many of them were answered at once. */
export interface DirectAnswerCount {
  /** `YYYY-MM-DD` or `YYYY-MM`. */
  period: string;
  accepted: number;
  answered: number;
}

export interface DirectAnswerFigure extends DirectAnswerCount {
  /** 0 to 1; null when nothing was accepted: then there is no rate. */
  rate: number | null;
}

/** The rate of each period, and of all together. */
export function directAnswerRates(counts: readonly DirectAnswerCount[]): {
  periods: DirectAnswerFigure[];
  total: Omit<DirectAnswerFigure, 'period'>;
} {
  const sum = (key: 'accepted' | 'answered') => counts.reduce((total, count) => total + count[key], 0);
  const withRate = <T extends { accepted: number; answered: number }>(count: T) => ({
    ...count,
    rate: count.accepted === 0 ? null : count.answered / count.accepted,
  });
  return {
    periods: counts.map(withRate),
    total: withRate({ accepted: sum('accepted'), answered: sum('answered') }),
  };
}
