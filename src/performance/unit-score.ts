import { z } from 'zod';
import { FIGURE_CODES, figureOf, rateOf, type Count, type FigureCode } from './ticket-figures';

/**
 * 绩效考核 (P1): how figures become a unit's score. A scheme is data with a version and a first month; every city has its own.
 */
export const scoreRow = z
  .strictObject({
    figure: z.enum(FIGURE_CODES as [FigureCode, ...FigureCode[]]),
    full: z.number().min(0).max(100),
    /** Percent from which on nothing is deducted. */
    target: z.number().min(0).max(100),
    /** Points off for each percentage point short of the target; parts of one count in proportion. */
    perPoint: z.number().min(0).max(100),
    /** Fewest points. */
    floor: z.number().min(0).max(100),
    /** Percent at which, and beyond which, nothing is given at all; null: none. */
    zeroAt: z.number().min(0).max(100).nullable().default(null),
  })
  .refine(({ full, floor }) => floor <= full, { message: '最低分不能高于满分', path: ['floor'] })
  .refine(({ figure }) => figureOf(figure).better !== null, { message: '该指标不能计分', path: ['figure'] });
export type ScoreRow = z.output<typeof scoreRow>;

export const scoreRows = z
  .array(scoreRow)
  .min(1)
  .max(FIGURE_CODES.length)
  .refine((rows) => new Set(rows.map(({ figure }) => figure)).size === rows.length, '指标不能重复');

export interface Scheme {
  version: number;
  name: string;
  /** The first month it holds for, `YYYY-MM`. */
  validFrom: string;
  rows: ScoreRow[];
}

export type Counts = Partial<Record<FigureCode, Count>>;

/** Points of one figure; null where nothing was due. */
export function pointsOf(row: ScoreRow, count: Count | undefined): number | null {
  const rate = rateOf(row.figure, count ?? { of: 0, hit: 0 });
  if (rate === null) return null;
  const percent = rate * 100;
  const less = figureOf(row.figure).better === 'less';
  const beyond = row.zeroAt !== null && (less ? percent >= row.zeroAt : percent <= row.zeroAt);
  if (beyond) return 0;
  const short = Math.max(0, less ? percent - row.target : row.target - percent);
  return Math.max(row.floor, row.full - short * row.perPoint);
}

/**
 * The score of a unit, to two decimals: what it got of the figures that were due, on the scale of the whole scheme, so that a
 * unit without evaluations is neither punished nor given points. Null where nothing was due: it is listed apart.
 */
export function scoreOf(
  rows: readonly ScoreRow[],
  counts: Counts,
): { score: number | null; points: { figure: FigureCode; points: number | null }[] } {
  const points = rows.map((row) => ({ figure: row.figure, points: pointsOf(row, counts[row.figure]) }));
  let got = 0;
  let due = 0;
  let whole = 0;
  rows.forEach(({ full }, index) => {
    const given = points[index]?.points ?? null;
    whole += full;
    if (given === null) return;
    got += given;
    due += full;
  });
  return { score: due === 0 ? null : Math.round((got / due) * whole * 100) / 100, points };
}

/** Best first, equal scores with the same rank; those without a score apart, in their order. */
export function ranked<T extends { score: number | null }>(
  units: readonly T[],
): { ranked: (T & { rank: number })[]; apart: T[] } {
  const scored = units
    .filter(({ score }) => score !== null)
    .sort((one, other) => (other.score ?? 0) - (one.score ?? 0));
  return {
    ranked: scored.map((unit) => ({
      ...unit,
      rank: 1 + scored.filter(({ score }) => (score ?? 0) > (unit.score ?? 0)).length,
    })),
    apart: units.filter(({ score }) => score === null),
  };
}
