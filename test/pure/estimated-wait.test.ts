import { estimatedWaitSeconds, type WaitFacts } from '../../src/routing/estimated-wait';

const usual: WaitFacts = { before: 0, staffed: 4, free: 0, handling: { ms: 240_000, calls: 30 } };

test.each<[string, Partial<WaitFacts>, number | null]>([
  ['first of the line: a quarter of a call with four seats', {}, 60],
  ['three before', { before: 3 }, 240],
  ['one seat only', { staffed: 1, before: 1 }, 480],
  ['part seconds are rounded up', { staffed: 7 }, 35],
  ['a free seat', { free: 1 }, 0],
  ['a free seat, known without any handling time', { free: 2, before: 1, handling: null }, 0],
  ['the free seat is for those before', { free: 1, before: 1 }, 60],
  ['nobody on duty', { staffed: 0 }, null],
  ['no call handled lately', { handling: null }, null],
  ['too few calls handled lately', { handling: { ms: 240_000, calls: 4 } }, null],
  ['just enough calls', { handling: { ms: 240_000, calls: 5 } }, 60],
  ['a mean of nothing', { handling: { ms: 0, calls: 9 } }, null],
  ['a mean that is no number', { handling: { ms: NaN, calls: 9 } }, null],
  ['no place in the line', { before: -1 }, null],
  ['a place that is no number', { before: NaN }, null],
  ['seats that are no number', { staffed: NaN }, null],
])('%s', (_, facts, seconds) => {
  expect(estimatedWaitSeconds({ ...usual, ...facts })).toBe(seconds);
});
