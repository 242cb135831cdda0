import {
  FIGURE_CODES,
  figureOf,
  month,
  period,
  periodOf,
  rateOf,
} from '../../src/performance/ticket-figures';
import {
  pointsOf,
  ranked,
  scoreOf,
  scoreRow,
  scoreRows,
  type ScoreRow,
} from '../../src/performance/unit-score';

const row = (changes: Partial<ScoreRow>): ScoreRow => ({
  ...{ figure: 'onTime', full: 25, target: 100, perPoint: 1, floor: 0, zeroAt: null },
  ...changes,
});
const onTime = row({});
const satisfaction = row({ figure: 'satisfaction', target: 95, perPoint: 0.5, floor: 12.5 });
const acknowledged = row({ figure: 'acknowledged', full: 10, perPoint: 0.5, zeroAt: 80 });
const returned = row({ figure: 'returned', full: 5, target: 10, perPoint: 1 });

it.each([
  [onTime, 100, 100, 25],
  [onTime, 99, 100, 24],
  [onTime, 997, 1000, 24.7],
  [onTime, 0, 100, 0],
  [onTime, 0, 0, null],
  [satisfaction, 95, 100, 25],
  [satisfaction, 96, 100, 25],
  [satisfaction, 94, 100, 24.5],
  [satisfaction, 10, 100, 12.5],
  [acknowledged, 81, 100, 0.5],
  [acknowledged, 80, 100, 0],
  [returned, 10, 100, 5],
  [returned, 12, 100, 3],
  [returned, 50, 100, 0],
] as const)('%j with %d of %d gives %s points', (scheme, hit, of, points) => {
  const given = pointsOf(scheme, { hit, of });
  if (points === null) expect(given).toBeNull();
  else expect(given).toBeCloseTo(points, 9);
});

it('scores what was due on the scale of the whole scheme', () => {
  const rows = [onTime, satisfaction];
  expect(scoreOf(rows, { onTime: { of: 10, hit: 9 }, satisfaction: { of: 4, hit: 4 } }).score).toBe(40);
  expect(scoreOf(rows, { onTime: { of: 10, hit: 9 } })).toEqual({
    score: 30,
    points: [
      { figure: 'onTime', points: 15 },
      { figure: 'satisfaction', points: null },
    ],
  });
  expect(scoreOf(rows, {}).score).toBeNull();
});

it('ranks best first, equals equally, and who had nothing due not at all', () => {
  const units = [80, null, 95.5, 80, 79.99].map((score, index) => ({ unitId: `u${index}`, score }));
  const { ranked: list, apart } = ranked(units);
  expect(list.map(({ unitId, rank }) => [unitId, rank])).toEqual([
    ['u2', 1],
    ['u0', 2],
    ['u3', 2],
    ['u4', 4],
  ]);
  expect(apart).toEqual([{ unitId: 'u1', score: null }]);
});

it.each([
  [[]],
  [[onTime, onTime]],
  [[{ ...onTime, floor: 26 }]],
  [[{ ...onTime, perPoint: -1 }]],
  [[{ ...onTime, full: Infinity }]],
  [[{ ...onTime, figure: 'accepted' }]],
  [[{ ...onTime, figure: 'constructor' }]],
  [[{ ...onTime, more: 1 }]],
])('refuses the scheme %j', (rows) => expect(scoreRows.safeParse(rows).success).toBe(false));

it('takes a scheme of every figure that can be scored', () => {
  const scored = FIGURE_CODES.filter((code) => figureOf(code).better !== null);
  const rows = scored.map((figure) => scoreRow.parse({ ...onTime, figure }));
  expect(scoreRows.safeParse(rows).success).toBe(true);
});

it('a month and a year are the city’s', () => {
  expect(periodOf('2026-11')).toEqual({
    from: new Date('2026-10-31T16:00:00Z'),
    to: new Date('2026-11-30T16:00:00Z'),
    months: ['2026-11'],
  });
  const { from, to, months } = periodOf('2027');
  expect([from, to]).toEqual([new Date('2026-12-31T16:00:00Z'), new Date('2027-12-31T16:00:00Z')]);
  expect([months[0], months[11], months.length]).toEqual(['2027-01', '2027-12', 12]);
});

it.each(['2026-13', '2026-00', '26-11', '2026-1', '2026-11-01', "2026' or '1", ''])(
  '%j is no month and no period',
  (text) => {
    expect(month.safeParse(text).success).toBe(false);
    expect(period.safeParse(text).success).toBe(false);
  },
);

it('each figure says what it is and by which clause', () => {
  for (const code of FIGURE_CODES) {
    const { name, formula, standard } = figureOf(code);
    expect([code, name, formula, standard].every((text) => text.length > 0)).toBe(true);
  }
  expect(new Set(FIGURE_CODES.map((code) => figureOf(code).name)).size).toBe(FIGURE_CODES.length);
  expect(rateOf('accepted', { of: 3, hit: 0 })).toBeNull();
});
