import { fromExchange, parallelInput, type ParallelInput } from '../../src/lines/parallel';
import { planOverflow, type OverflowCall, type OverflowLine } from '../../src/routing/overflow';
import { callIdOf, userToUser } from '../../src/telephony/user-to-user';

const NOW = 1_000_000;
const overflow: ParallelInput['overflow'] = { waiting: null, waitSeconds: null, noSeat: false, atOnce: 2 };
const line = (patch: Partial<ParallelInput['overflow']> = {}, hours: string | null = null): OverflowLine => ({
  lineId: 'l',
  name: '12315',
  settings: { overflow: { ...overflow, ...patch }, hours },
  underWay: 0,
});
const call = (callId: string, patch: Partial<OverflowCall> = {}): OverflowCall => ({
  ...{ callId, queue: 'general', priority: 0, waitingSince: NOW - 10_000 },
  ...{ lineId: 'l', stays: false, noSeat: false },
  ...patch,
});
const leaves = (calls: OverflowCall[], one: OverflowLine, time = '12:00') =>
  planOverflow(calls, [one], NOW, time).map(({ callId }) => callId);
const three = [call('a'), call('b', { lineId: 'other' }), call('c')];

describe('which waiting calls overflow', () => {
  // Settings of the line, who waits, and who leaves.
  test.each<[string, OverflowLine, OverflowCall[], string[]]>([
    ['nothing set: nobody', line(), three, []],
    ['nobody is signed in', line({ noSeat: true }), [call('a', { noSeat: true })], ['a']],
    ['somebody is', line({ noSeat: true }), [call('a')], []],
    [
      'waited long enough',
      line({ waitSeconds: 10 }),
      [call('a'), call('b', { waitingSince: NOW - 9999 })],
      ['a'],
    ],
    ['too few wait', line({ waiting: 4 }), three, []],
    ['enough wait, other lines’ calls too: the first of this line', line({ waiting: 3 }), three, ['a']],
    ['as many as are too many', line({ waiting: 2 }), three, ['a', 'c']],
    ['another queue does not count', line({ waiting: 2 }), [call('a'), call('b', { queue: 'x' })], []],
    ['tried before', line({ waiting: 1 }), [call('a', { stays: true })], []],
    ['as many there as allowed', { ...line({ waiting: 1 }), underWay: 2 }, three, []],
    ['one more allowed', { ...line({ waiting: 1 }), underWay: 1 }, three, ['a']],
    ['another line’s call', line({ noSeat: true }), [call('b', { lineId: 'other', noSeat: true })], []],
    ['outside its hours', line({ waiting: 1 }, '08:00-11:59'), three, []],
    ['within its hours', line({ waiting: 1 }, '08:00-12:01'), [call('a')], ['a']],
  ])('%s', (_words, one, calls, expected) => {
    expect(leaves(calls, one)).toEqual(expected);
  });

  test('says why', () => {
    const words = (one: OverflowLine, each = call('a', { noSeat: true })) =>
      planOverflow([each], [one], NOW, '12:00')[0]?.words;
    expect(words(line({ noSeat: true }))).toBe('溢出到“12315”：没有可接听的坐席签入');
    expect(words(line({ waitSeconds: 5 }))).toBe('溢出到“12315”：已等待10秒，满5秒');
    expect(words(line({ waiting: 1 }))).toBe('溢出到“12315”：队列中有1个来电等待，满1个');
  });
});

describe('whose exchange passed a call on', () => {
  const lines = [
    { lineId: 'a', destination: '03553012315', exchange: [] },
    { lineId: 'b', destination: '03553012333', exchange: ['0355302'] },
    { lineId: 'c', destination: null, exchange: [] },
  ];
  test.each<[string, string | null, string[], string | null, boolean?]>([
    ['diverted from its destination: the citizen’s number', '13800000001', ['03553012315'], 'a', false],
    ['diverted, and called as itself', '03553012315', ['03553012315'], 'a', true],
    ['among other diversions', '13800000001', ['12345', '03553012333'], 'b', false],
    ['a hidden caller, diverted', null, ['03553012333'], 'b', false],
    ['the destination calls', '03553012333', [], 'b', true],
    ['a number of its range', '03553020001', [], 'b', true],
    ['nobody’s', '03553039999', ['12315'], null],
    ['a hidden caller', null, [], null],
  ])('%s', (_words, caller, diversions, lineId, ...[ownNumber]) => {
    const found = fromExchange(lines, caller, diversions);
    expect(found?.line.lineId ?? null).toBe(lineId);
    expect(found?.ownNumber).toBe(ownNumber);
  });
});

test('our call’s id goes out and comes back; anything else is nobody’s', () => {
  const id = '0b9d3f6e-51a5-4f0e-9c53-0d8a6f1f7a11';
  const header = userToUser(id);
  expect(header).toMatch(/^[0-9a-f]{72};encoding=hex$/);
  expect(callIdOf(header)).toBe(id);
  expect(callIdOf(`04${header.toUpperCase()};purpose=isdn-uui`)).toBe(id);
  for (const other of ['', 'x', id, '56;encoding=hex', header.slice(2), `${'61'.repeat(36)};encoding=hex`])
    expect(callIdOf(other)).toBeNull();
});

test('settings that cannot be meant are refused', () => {
  const good = { overflow, hours: null, exchange: ['0355301'], showCitizen: false };
  expect(parallelInput.safeParse(good).success).toBe(true);
  for (const patch of [
    { exchange: ['1'] },
    { exchange: ['0355x'] },
    { hours: '8-18' },
    { overflow: { ...overflow, atOnce: 0 } },
  ])
    expect(parallelInput.safeParse({ ...good, ...patch }).success).toBe(false);
});
