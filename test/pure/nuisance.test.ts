import fc from 'fast-check';
import {
  EMPTY_BOOK,
  judgeNuisance,
  nuisanceBook,
  nuisanceNumber,
  nuisanceProposal,
  nuisanceState,
  type NuisanceEntry,
  type NuisanceQuestion,
} from '../../src/calls/nuisance';

const who = { personId: 'p', name: 'p', at: '2026-06-01T00:00:00.000Z', words: '' };
const entry = (change: Partial<NuisanceEntry> = {}): NuisanceEntry => ({
  entryId: 'e',
  version: 2,
  number: '13800138000',
  match: 'number',
  treatment: 'announce',
  reason: '反复辱骂',
  callId: null,
  lastDay: '2026-06-30',
  state: 'approved',
  proposed: who,
  decided: who,
  lifted: null,
  ...change,
});
const judge = (
  entries: NuisanceEntry[],
  question: Partial<NuisanceQuestion> = {},
  openLines: string[] = ['line-urgent'],
) =>
  judgeNuisance(
    nuisanceBook(entries, openLines),
    { callerNumber: '13800138000', lineId: 'line-12345', day: '2026-06-15', turnedAway: 0, ...question },
    3,
  );

test('only an approved entry that has not ended blocks, on its last day still', () => {
  expect(judge([entry()])).toEqual({
    entryId: 'e',
    treatment: 'announce',
    words: '骚扰名单（至2026-06-30）：反复辱骂',
  });
  expect(judge([entry()], { day: '2026-06-30' })?.treatment).toBe('announce');
  expect(judge([entry()], { day: '2026-07-01' })).toBeNull();
  for (const state of ['proposed', 'refused', 'lifted'] as const)
    expect(judge([entry({ state })])).toBeNull();
  expect(judge([])).toBeNull();
  expect(judgeNuisance(EMPTY_BOOK, { callerNumber: '1', lineId: '', day: '', turnedAway: 0 }, 3)).toBeNull();
});

test('the exact number goes before a prefix, the longer prefix before the shorter, and an ended one hides none', () => {
  const wide = entry({ entryId: 'wide', number: '0355201', match: 'prefix', treatment: 'last' });
  const narrow = entry({ entryId: 'narrow', number: '03552012', match: 'prefix', treatment: 'last' });
  const exact = entry({ entryId: 'exact', number: '03552012319' });
  const ask = (entries: NuisanceEntry[], callerNumber: string) => judge(entries, { callerNumber })?.entryId;
  expect(ask([wide, narrow, exact], '03552012319')).toBe('exact');
  expect(ask([wide, narrow, exact], '03552012318')).toBe('narrow');
  expect(ask([wide, narrow, exact], '03552019999')).toBe('wide');
  expect(ask([wide, narrow, exact], '03552090000')).toBeUndefined();
  expect(ask([wide, entry({ ...exact, lastDay: '2026-06-01' })], '03552012319')).toBe('wide');
  const longer = entry({ ...exact, entryId: 'longer', lastDay: '2026-07-30' });
  expect(ask([longer, exact], '03552012319')).toBe('longer');
});

test('never for emergencies: open lines, a caller who tries again, and hidden numbers', () => {
  expect(judge([entry()], { lineId: 'line-urgent' })).toMatchObject({ treatment: 'through' });
  expect(judge([entry()], { turnedAway: 1 })?.treatment).toBe('announce');
  expect(judge([entry()], { turnedAway: 2 })).toMatchObject({
    treatment: 'through',
    words: expect.stringContaining('第3次来电'),
  });
  expect(judge([entry({ treatment: 'last' })], { turnedAway: 9 })?.treatment).toBe('last');
  expect(judge([entry()], { callerNumber: null })).toBeNull();
});

test('property: whoever no approved entry names is never blocked, and nobody is on an open line', () => {
  const number = fc.stringMatching(/^1[3-9]\d{2}$/);
  const entries = fc.array(
    fc.record({
      number,
      state: fc.constantFrom('proposed', 'approved', 'refused', 'lifted') as fc.Arbitrary<
        NuisanceEntry['state']
      >,
      match: fc.constantFrom('number', 'prefix') as fc.Arbitrary<NuisanceEntry['match']>,
      lastDay: fc.constantFrom('2026-06-14', '2026-06-15', '2026-06-16'),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(entries, number, fc.boolean(), (some, callerNumber, open) => {
      const verdict = judge(some.map(entry), { callerNumber, lineId: open ? 'line-urgent' : 'x' });
      const named = some.some(
        (one) =>
          one.state === 'approved' &&
          one.lastDay >= '2026-06-15' &&
          (one.match === 'prefix' ? callerNumber.startsWith(one.number) : callerNumber === one.number),
      );
      return (verdict !== null) === named && (!open || verdict === null || verdict.treatment === 'through');
    }),
  );
});

test.each([
  ['110', 'number'],
  ['0355-119', 'number'],
  ['+86355120', 'number'],
  ['0351 122', 'number'],
  ['(0355) 201-2319', 'number'],
  ['0355201', 'prefix'],
  ['138001', 'prefix'],
  ['201', 'prefix'],
  ['+86 355 201', 'prefix'],
  ['', 'number'],
  ['anonymous', 'number'],
  ['sip:13800138000@x', 'prefix'],
  ['1380013*', 'prefix'],
  ['12', 'number'],
] as const)('%s cannot be put on the list as a %s', (raw, match) => {
  const guarded = [{ number: '03552012319', words: '市住房和城乡建设局' }];
  const checked = nuisanceNumber(raw, match, '0355', guarded);
  expect('fault' in checked && checked.fault).toMatch(/\p{Script=Han}/u);
});

test.each([
  ['+86 138 0013 8000', 'number', '13800138000'],
  ['13800138000', 'number', '13800138000'],
  ['+85223456789', 'number', '+85223456789'],
  ['008529991', 'prefix', '+8529991'],
  ['+86 1380013', 'prefix', '1380013'],
  ['+86351202', 'prefix', '0351202'],
  ['2021', 'prefix', '03552021'],
  ['4008123', 'prefix', '4008123'],
  ['0355-202', 'prefix', '0355202'],
  ['999912345', 'number', '999912345'],
] as const)('%s as a %s is kept as %s', (raw, match, number) => {
  expect(nuisanceNumber(raw, match, '0355', [{ number: '03552012319', words: 'x' }])).toEqual({ number });
});

test('a proposal names a call or a number, has a reason and a last day', () => {
  const proposal = { callId: 'c', reason: '反复辱骂', lastDay: '2026-06-30' };
  expect(nuisanceProposal.parse(proposal)).toMatchObject({ treatment: 'announce', match: 'number' });
  for (const bad of [
    { ...proposal, number: '138' },
    { ...proposal, callId: null },
    { ...proposal, match: 'prefix' },
    { ...proposal, reason: ' ' },
    { ...proposal, reason: undefined },
    { ...proposal, lastDay: undefined },
    { ...proposal, lastDay: '2026-02-30' },
  ])
    expect(nuisanceProposal.safeParse(bad).success).toBe(false);
});

test('an entry whose last day is over is history', () => {
  expect(nuisanceState(entry(), '2026-06-30')).toBe('active');
  expect(nuisanceState(entry(), '2026-07-01')).toBe('expired');
  expect(nuisanceState(entry({ state: 'lifted' }), '2026-07-01')).toBe('lifted');
});
