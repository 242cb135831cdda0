import type { Destination } from '../../src/desk/destination';
import type { DeskCall, DeskParty, DeskSnapshot, FeedEntry } from '../../src/desk/pop';
import { EMPTY_DESK, foldDesk, type DeskInput } from '../../src/web/desk/desk-feed';
import { departures } from '../../src/web/desk/desk-notes';
import { choices, remember, step } from '../../src/web/desk/destination-choice';
import { timelineWords, type TimelineEntry } from '../../src/web/shared/call-words';
import { shownCall } from '../support/shown-call';

const party = (legId: string, state: DeskParty['state'] = 'talking'): DeskParty => ({
  legId,
  name: `某 ${legId}`,
  seatId: null,
  emergency: false,
  purpose: state === 'ringing' ? 'consult' : null,
  state,
  since: 0,
});
const call = shownCall;
const one = (kind: Destination['kind'], id: string, part: Partial<Destination> = {}): Destination => ({
  kind,
  id,
  name: id,
  detail: '',
  number: null,
  available: true,
  words: '空闲',
  ...part,
});

describe('whom to bring a call to', () => {
  const found = [
    one('emergency', '110'),
    one('seat', 's1', { available: false, words: '通话中' }),
    one('queue', 'general'),
    one('contact', 'k1'),
  ];
  const keys = (...of: Parameters<typeof choices>) => choices(...of).map(({ key }) => key);

  test('last used on top, the others as the service orders them', () => {
    expect(keys(found, 'transfer', '', [])).toEqual([
      'seat:s1',
      'queue:general',
      'contact:k1',
      'emergency:110',
    ]);
    expect(keys(found, 'transfer', '1', [])[0]).toBe('emergency:110');
    expect(keys(found, 'transfer', '', ['contact:k1', 'seat:s1', 'seat:gone'])).toEqual([
      'contact:k1',
      'seat:s1',
      'queue:general',
      'emergency:110',
    ]);
  });
  test('what cannot be chosen says why', () => {
    const why = (purpose: Parameters<typeof choices>[1]) =>
      Object.fromEntries(choices(found, purpose, '', []).map((each) => [each.key, each.why]));
    expect(why('transfer')).toMatchObject({ 'seat:s1': '通话中', 'queue:general': null, 'contact:k1': null });
    expect(why('consult')).toMatchObject({ 'queue:general': '队列只能转接' });
    expect(why('threeWay')).toMatchObject({ 'queue:general': '队列只能转接' });
  });
  test.each([
    ['0355 201 1234', '0355 201 1234'],
    ['+86 138-0000-0000', '+86 138-0000-0000'],
    ['李', null],
    ['8', null],
    ['12 楼', null],
  ])('typed “%s” may be dialled: %s', (typed, number) => {
    const last = choices([], 'consult', typed, []).at(-1);
    expect(last?.target ?? null).toEqual(number && { kind: 'number', number, name: '' });
  });
  test('each kind becomes what the service takes', () => {
    expect(choices([...found, one('line', 'l1')], 'transfer', 'x', []).map(({ target }) => target)).toEqual([
      { kind: 'emergency', number: '110' },
      { kind: 'seat', seatId: 's1' },
      { kind: 'queue', queue: 'general' },
      { kind: 'contact', contactId: 'k1' },
      { kind: 'line', lineId: 'l1' },
    ]);
  });
  test('five are kept, the newest first, and no typed number', () => {
    expect(remember(['a', 'b'], 'b')).toEqual(['b', 'a']);
    expect(remember(['a', 'b', 'c', 'd', 'e'], 'f')).toEqual(['f', 'a', 'b', 'c', 'd']);
    expect(remember(['a'], 'number')).toEqual(['a']);
  });
  test('arrow keys go round', () => {
    expect([step(0, 1, 3), step(2, 1, 3), step(0, -1, 3), step(0, 1, 0)]).toEqual([1, 0, 2, 0]);
  });
});

describe('what happened without the agent’s doing', () => {
  const words = (before: DeskCall | null, now: DeskCall | null) =>
    departures(before, now).map((each) => each.words);
  test('somebody was not reached, has left, or the citizen has', () => {
    expect(words(call({ parties: [party('p', 'ringing')] }), call())).toEqual(['某 p 未接通']);
    expect(words(call({ parties: [party('p')] }), call())).toEqual(['某 p 已退出通话']);
    expect(
      words(call({ parties: [party('p')] }), call({ parties: [party('p')], citizen: 'gone' })),
    ).toHaveLength(1);
  });
  test('nothing to say of an answer, of another call, or of the call’s end', () => {
    expect(words(call({ parties: [party('p', 'ringing')] }), call({ parties: [party('p')] }))).toEqual([]);
    expect(words(call({ parties: [party('p')] }), call({ callId: 'other' }))).toEqual([]);
    expect(words(call({ parties: [party('p')] }), call({ stage: 'wrapUp' }))).toEqual([]);
    expect(words(null, call())).toEqual([]);
  });
});

describe('a held citizen', () => {
  const snapshot: DeskSnapshot = { epoch: 'e', seq: 1, seat: null, call: call(), story: null, missed: [] };
  const entry = (seq: number, news: Partial<FeedEntry>): DeskInput => ({
    kind: 'entry',
    entry: { seq, at: seq * 1000, ...news } as FeedEntry,
  });
  const shown = (seq: number, part: Partial<DeskCall>) => entry(seq, { kind: 'call', call: call(part) });
  const after = (...inputs: DeskInput[]) =>
    inputs.reduce(foldDesk, foldDesk(EMPTY_DESK, { kind: 'snapshot', snapshot }));
  const reminder = (seq: number, callId = 'c') => entry(seq, { kind: 'reminder', callId, reminder: 'hold' });

  test('is counted from the first second, whatever the reminders', () => {
    const held = after(shown(2, { stage: 'held', heldSince: 2000 }));
    expect(held).toMatchObject({ heldFrom: 2000, remindedAt: null });
    const reminded = after(
      shown(2, { stage: 'held', heldSince: 2000 }),
      reminder(3),
      shown(4, { stage: 'held', heldSince: 122_000 }),
    );
    expect(reminded).toMatchObject({ heldFrom: 2000, remindedAt: 3000 });
  });
  test('while the phone is lost too', () => {
    const lost = after(
      shown(2, { stage: 'held', heldSince: 2000 }),
      shown(3, { stage: 'held', heldSince: null, lost: true }),
    );
    expect(lost.heldFrom).toBe(2000);
  });
  test('is forgotten once he is back, and a reminder of another call means nothing', () => {
    const held = shown(2, { stage: 'held', heldSince: 2000 });
    expect(after(held, reminder(3), shown(4, {}))).toMatchObject({ heldFrom: null, remindedAt: null });
    expect(
      after(held, reminder(3), entry(4, { kind: 'callOver', callId: 'c', outcome: 'ended' })),
    ).toMatchObject({
      heldFrom: null,
      remindedAt: null,
    });
    expect(after(held, reminder(3, 'other')).remindedAt).toBeNull();
  });
});

test('a called-in seat whose ring is taken back is told so, not that a citizen was lost', () => {
  const ringing = call({ stage: 'ringing', role: 'party' });
  const snapshot: DeskSnapshot = { epoch: 'e', seq: 1, seat: null, call: ringing, story: null, missed: [] };
  const desk = foldDesk(foldDesk(EMPTY_DESK, { kind: 'snapshot', snapshot }), {
    kind: 'entry',
    entry: { seq: 2, at: 1, kind: 'callOver', callId: 'c', outcome: 'withdrawn' },
  });
  expect(desk.missed).toMatchObject({ outcome: 'withdrawn', invited: true });
});

test.each<[Partial<TimelineEntry>, string]>([
  [
    { kind: 'partyInvited', purpose: 'threeWay', name: '110 公安报警', emergency: true, words: '' },
    '三方：呼叫 110 公安报警（紧急呼叫）',
  ],
  [
    { kind: 'partyInvited', purpose: 'consult', name: '张三', emergency: false, words: '社保' },
    '咨询：呼叫 张三，“社保”',
  ],
  [{ kind: 'inviteEnded', outcome: 'no-answer' }, '呼叫结果：无人接听'],
  [{ kind: 'callRated', level: 5 }, '按键评价：非常满意'],
  [{ kind: 'seatLost' }, '坐席话机断线，正在重连'],
])('%j reads “%s”', (entry, words) => expect(timelineWords(entry as TimelineEntry)).toBe(words));
