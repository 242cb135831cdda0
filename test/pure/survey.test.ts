import { consequenceOf, isPoor, resultWords, surveyAnswer, surveyRecord } from '../../src/evaluation/survey';
import { endOfAttempt, isSampled, roundOf } from '../../src/evaluation/follow-up';

const twice = (reopened: number) => ({ reopened, mostReopened: 2 });

it.each([
  [5, true, 0, 'followUp'],
  [3, true, 0, 'followUp'],
  [3, true, 9, 'followUp'],
  [2, true, 0, 'reopen'],
  [1, true, 1, 'reopen'],
  [5, false, 1, 'reopen'],
  [2, true, 2, 'supervise'],
  [5, false, 3, 'supervise'],
] as const)('E1: level %d, solved %s, reopened %d times before → %s', (level, solved, reopened, expected) => {
  expect(consequenceOf({ level, solved }, twice(reopened))).toBe(expected);
  expect(isPoor({ level, solved })).toBe(expected !== 'followUp');
});

it('never reopens where the city does not', () => {
  expect(consequenceOf({ level: 1, solved: false }, { reopened: 0, mostReopened: 0 })).toBe('supervise');
});

it.each([
  [{ level: 6, solved: true }],
  [{ level: 0, solved: true }],
  [{ level: 4.5, solved: true }],
  [{ level: '5', solved: true }],
  [{ level: 5 }],
  [{ level: 5, solved: 'true' }],
  [{ level: 5, solved: true, words: 'a\u0000b' }],
  [{ level: 5, solved: true, words: 'x'.repeat(2001) }],
  [{ level: 5, solved: true, advice: '承办单位说的' }],
  [{ level: 5, solved: true, counts: false }],
])('a citizen cannot answer %j', (answer) => {
  expect(surveyAnswer.safeParse(answer).success).toBe(false);
});

it('what an agent writes has the first opinion and the advice beside it', () => {
  expect(surveyRecord.parse({ level: 4, solved: true, firstLevel: 2, advice: '加强沟通' })).toEqual({
    ...{ level: 4, solved: true, firstLevel: 2, advice: '加强沟通', words: '' },
    ...{ unitContacted: null, truthful: null, callId: null },
  });
});

it('says a result in words without the citizen’s own', () => {
  const answer = { level: 2, solved: false, unitContacted: false, truthful: false } as const;
  expect(resultWords('evaluated', answer)).toBe('不满意，未解决，承办单位未联系诉求人，反馈情况不属实');
  expect(resultWords('evaluated', { level: 5, solved: true, unitContacted: null, truthful: true })).toBe(
    '非常满意，已解决',
  );
  expect(resultWords('unreachable', null)).toBe('未能接通');
});

describe('the share of direct answers that is followed up', () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `ticket-${index * 7919}`);
  it.each([0, 10, 50, 100])('is about %d %%', (percent) => {
    const share = ids.filter((id) => isSampled(id, percent)).length / ids.length;
    expect(Math.abs(share - percent / 100)).toBeLessThan(0.04);
    if (percent === 0) expect(share).toBe(0);
    if (percent === 100) expect(share).toBe(1);
  });
  it('always takes the same ones', () => {
    for (const id of ids.slice(0, 50))
      if (isSampled(id, 10)) expect([isSampled(id, 10), isSampled(id, 60)]).toEqual([true, true]);
  });
});

it.each([
  ['refused', 1, 'refused'],
  ['unreachable', 2, null],
  ['unreachable', 3, 'unreachable'],
  ['later', 9, null],
] as const)('an attempt %s, the %dth, ends in %s', (attempt, made, end) => {
  expect(endOfAttempt(attempt, made, 3)).toBe(end);
});

it('counts each conclusion as a round', () => {
  expect([roundOf({ reopened: 0 }), roundOf({ reopened: 2 })]).toEqual([1, 3]);
});
