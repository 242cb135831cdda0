import type { UnitScore } from './performance.service';
import { FIGURE_CODES, figureOf } from './ticket-figures';

/** The scores of a period as rows of a sheet: each unit with its figures, both without and with the excluded work orders. */
export function scoreSheet(scores: {
  ranked: readonly (UnitScore & { rank: number })[];
  apart: readonly UnitScore[];
}): { titles: string[]; rows: string[][] } {
  const titles = [
    ...['名次', '承办单位', '得分', '得分（含剔除）'],
    ...FIGURE_CODES.flatMap((code) => {
      const { name, hit } = figureOf(code);
      return hit === null ? [name] : [name, `${name}（含剔除）`, `${name}：达标/应计`];
    }),
  ];
  const row = (unit: UnitScore, rank: string) => [
    ...[rank, unit.name, decimal(unit.score), decimal(unit.scoreOfAll)],
    ...unit.figures.flatMap(({ figure, rate, of, withoutExcluded: counted }) =>
      figureOf(figure).hit === null
        ? [String(of)]
        : [percent(counted.rate), percent(rate), `${counted.hit}/${counted.of}`],
    ),
  ];
  return {
    titles,
    rows: [
      ...scores.ranked.map((unit) => row(unit, String(unit.rank))),
      ...scores.apart.map((unit) => row(unit, '不排名')),
    ],
  };
}

const decimal = (score: number | null): string => (score === null ? '' : score.toFixed(2));
const percent = (rate: number | null): string => (rate === null ? '' : `${(rate * 100).toFixed(2)}%`);
