import fc from 'fast-check';
import { spokenNumber } from '../../src/intake/spoken-chinese';
import type { LeaderShift } from '../../src/routing/leader-shift';
import { planOffers, type RoutePicture } from '../../src/routing/route-decision';
import { precedenceOf, UNKNOWN_CALLER } from '../../src/routing/standing';
import { callersBefore, inOrder, type WaitingCall } from '../../src/routing/waiting-line';
import type { Queue } from '../../src/routing/queue';
import type { Seat } from '../../src/seats/seat';

const queues = new Map<string, Queue>([
  ['general', { queue: 'general', name: '综合', skill: 'general' }],
  ['enterprise', { queue: 'enterprise', name: '企业', skill: 'enterprise' }],
]);
const AGEING = 60_000;

const seat = (seatId: string, patch: Partial<Seat> = {}): Seat => ({
  seatId,
  name: seatId,
  account: seatId,
  skills: ['general'],
  state: 'ready',
  since: 0,
  notReadyReason: null,
  callId: null,
  token: null,
  leaseUntil: null,
  idleSince: 0,
  wrapUpUntil: null,
  notReadyNext: null,
  phoneReachable: true,
  telephone: null,
  ...patch,
});
const call = (callId: string, patch: Partial<WaitingCall> = {}): WaitingCall => ({
  callId,
  queue: 'general',
  priority: 0,
  priorityWhy: '',
  lineId: 'line-12345',
  lastAgent: null,
  waitingSince: 0,
  ...patch,
});
const plan = (waiting: WaitingCall[], seats: Seat[], more: Partial<RoutePicture> = {}) =>
  planOffers({
    ...{ waiting, seats, queues, leaders: [], now: 1000, ageingMs: AGEING, lastAgentMs: 5000 },
    ...more,
  });
const pairs = (waiting: WaitingCall[], seats: Seat[], more: Partial<RoutePicture> = {}) =>
  plan(waiting, seats, more).map(({ call: c, seat: s }) => [c.callId, s.seatId]);

describe('who is offered to whom', () => {
  test('the longest idle seat takes the first caller', () => {
    const seats = [seat('a', { idleSince: 500 }), seat('b', { idleSince: 100 })];
    expect(pairs([call('late', { waitingSince: 900 }), call('early', { waitingSince: 100 })], seats)).toEqual(
      [
        ['early', 'b'],
        ['late', 'a'],
      ],
    );
  });

  test.each<[string, Partial<Seat>]>([
    ['is not ready', { state: 'notReady' }],
    ['is in RONA', { state: 'rona' }],
    ['has an unreachable phone', { phoneReachable: false }],
    ['lacks the skill', { skills: ['english'] }],
  ])('a seat that %s is passed over', (_words, patch) => {
    expect(pairs([call('c')], [seat('a', patch)])).toEqual([]);
  });

  test('a call without a fitting seat does not stop those behind it', () => {
    expect(
      pairs([call('firm', { queue: 'enterprise' }), call('citizen', { waitingSince: 5 })], [seat('a')]),
    ).toEqual([['citizen', 'a']]);
  });

  test('an unknown queue is served with the general skill', () => {
    expect(pairs([call('c', { queue: 'nobody-knows' })], [seat('a')])).toEqual([['c', 'a']]);
  });

  test('the reason names the rule and why others were passed over', () => {
    const seats = [seat('a'), seat('b', { idleSince: 900 }), seat('d', { state: 'wrapUp' })];
    const [made] = plan([call('c', { priority: 3, priorityWhy: '有未办结的紧急工单+3' })], seats, {
      now: 10_000,
    });
    expect(made?.reason).toMatchObject({ rule: 'longest-idle', idleSeconds: 10, waitingRank: 1 });
    expect(made?.reason.words).toMatch(/2个空闲坐席.*优先级3：有未办结的紧急工单/);
    expect(made?.reason.passedOver).toEqual([
      { seatId: 'b', why: '空闲时间较短' },
      { seatId: 'd', why: '状态：wrapUp' },
    ]);
  });
});

/**
 * The ladder of one call, rung by rung. Seats: `last` talked with the citizen last, `boss` is a leader on shift for line
 * 12345, `idle` has been idle longest, `other` has only the skill `english`.
 */
describe('the ladder', () => {
  const ladderQueues = new Map<string, Queue>([
    [
      'general',
      { queue: 'general', name: '综合', skill: 'general', relax: [{ afterSeconds: 30, skill: 'english' }] },
    ],
  ]);
  const shift: LeaderShift = {
    ...{ shiftId: 's', version: 1, title: '局长接听日', personId: 'boss', lineId: 'line-12345', queue: null },
    from: new Date(0).toISOString(),
    until: new Date(3_600_000).toISOString(),
  };
  const busy: Partial<Seat> = { state: 'talking' };
  const all = { last: {}, boss: { skills: [] }, idle: {}, other: { skills: ['english'] } };
  type Seats = Partial<Record<keyof typeof all, Partial<Seat>>>;
  const at = (now: number) => ({ now, queues: ladderQueues, leaders: [shift] });
  const decide = (seats: Seats, waitedMs: number, patch: Partial<WaitingCall> = {}) => {
    const now = 100_000;
    const present = (Object.keys(seats) as (keyof typeof all)[]).map((name) =>
      seat(name, { idleSince: name === 'idle' ? 0 : 50, ...all[name], ...seats[name] }),
    );
    const waiting = [call('c', { lastAgent: 'last', waitingSince: now - waitedMs, ...patch })];
    const [made] = plan(waiting, present, at(now));
    return made ? `${made.seat.seatId} ${made.reason.rule}` : 'waits';
  };

  // What is there, how long the call has waited, and (with the rule) who gets it.
  test.each<[string, Seats, number, string, Partial<WaitingCall>?]>([
    ['1. a leader goes before all', { boss: {}, last: {}, idle: {} }, 0, 'boss leader'],
    ['1. who talks, does not', { boss: busy, last: {}, idle: {} }, 0, 'last last-agent'],
    [
      '1. a leader takes no other calls',
      { boss: { skills: ['general'] } },
      0,
      'waits',
      { lineId: 'line-12315' },
    ],
    ['2. the last agent, though idle less long', { last: {}, idle: {} }, 0, 'last last-agent'],
    ['2. busy: the call waits for him', { last: busy, idle: {} }, 4999, 'waits'],
    ['2. in wrap-up too', { last: { state: 'wrapUp' }, idle: {} }, 0, 'waits'],
    ['2. the short while is over', { last: busy, idle: {} }, 5000, 'idle only-one'],
    ['2. over, he is one of many', { last: {}, idle: {} }, 5000, 'idle longest-idle'],
    ['2. did not answer (RONA): not waited for', { last: { state: 'rona' }, idle: {} }, 0, 'idle only-one'],
    ['2. at lunch: not waited for', { last: { state: 'notReady' }, idle: {} }, 0, 'idle only-one'],
    ['2. going to lunch', { last: { ...busy, notReadyNext: 'meal' }, idle: {} }, 0, 'idle only-one'],
    ['2. signed out', { idle: {} }, 0, 'idle only-one'],
    ['2. phone lost', { last: { ...busy, phoneReachable: false }, idle: {} }, 0, 'idle only-one'],
    ['2. without the skill', { last: { skills: ['x'] }, idle: {} }, 0, 'idle only-one'],
    ['3. nobody in particular', { last: {}, idle: {} }, 0, 'idle longest-idle', { lastAgent: null }],
    ['4. too early to relax', { other: {} }, 29_999, 'waits'],
    ['4. relaxed', { other: {} }, 30_000, 'other relaxed'],
    ['4. the skill itself goes first', { other: { idleSince: -9 }, idle: {} }, 30_000, 'idle only-one'],
  ])('%s', (_words, seats, waitedMs, expected, ...[patch]) => {
    expect(decide(seats, waitedMs, patch)).toBe(expected);
  });

  test('the reason says what each of the others lacked', () => {
    const seats = [
      seat('last'),
      seat('boss', { skills: [] }),
      seat('idle', { idleSince: -5 }),
      seat('other', { skills: ['english'] }),
    ];
    const why = (patch: Partial<WaitingCall>) => {
      const [made] = plan([call('c', { lastAgent: 'last', ...patch })], seats, at(1000));
      return made?.reason.passedOver.map(({ seatId, why: words }) => `${seatId} ${words}`);
    };
    expect(why({})).toEqual([
      'last 来电属领导接听时段',
      'idle 来电属领导接听时段',
      'other 来电属领导接听时段',
    ]);
    expect(why({ lineId: 'line-12315' })).toEqual([
      'boss 领导接听时段，只接指定来电',
      'idle 让上次接听的坐席优先',
      'other 让上次接听的坐席优先',
    ]);
    expect(why({ lineId: 'line-12315', waitingSince: -40_000 })).toEqual([
      'last 空闲时间较短',
      'boss 领导接听时段，只接指定来电',
      'other 缺少技能「general」',
    ]);
  });
});

/** Line's points, then what is known of the caller; `hour` ago he called last. */
describe('who goes first', () => {
  const hour = 3_600_000;
  const policy = { repeatMs: 24 * hour, repeatPoints: 1, urgentPoints: 3 };
  const now = 100 * hour;
  test.each([
    ['an ordinary caller', 0, {}, 0, ''],
    ['a line with priority', 2, {}, 2, '热线“市长热线”+2'],
    ['called again', 0, { lastCallAt: now - 23 * hour }, 1, '24小时内再次来电+1'],
    ['called in vain', 0, { lastCallAt: now - hour, abandoned: true }, 1, '24小时内再次来电（上次未接通）+1'],
    ['called long ago', 0, { lastCallAt: now - 24 * hour }, 0, ''],
    ['waits for something urgent', 0, { urgent: true }, 3, '有未办结的紧急工单+3'],
    [
      'all of it',
      1,
      { urgent: true, lastCallAt: now - hour },
      5,
      '热线“市长热线”+1，有未办结的紧急工单+3，24小时内再次来电+1',
    ],
  ])('%s', (_words, linePriority, known, priority, why) => {
    const standing = { ...UNKNOWN_CALLER, ...known };
    expect(precedenceOf(linePriority, '市长热线', standing, policy, now)).toEqual({
      priority,
      why,
      lastAgent: null,
    });
  });

  test('the last agent is known as long as the call is', () => {
    const standing = (at: number) => ({ ...UNKNOWN_CALLER, agent: { seatId: 'a', at } });
    expect(precedenceOf(0, '', standing(now - hour), policy, now).lastAgent).toBe('a');
    expect(precedenceOf(0, '', standing(now - 24 * hour), policy, now).lastAgent).toBeNull();
  });
});

describe('the waiting line', () => {
  test('priority goes first, and waiting raises it', () => {
    const urgent = call('urgent', { priority: 3, waitingSince: 200_000 });
    const old = call('old', { waitingSince: 0 });
    expect(inOrder([old, urgent], 200_000, 100_000).map(({ callId }) => callId)).toEqual(['urgent', 'old']);
    expect(inOrder([old, urgent], 400_000, 100_000).map(({ callId }) => callId)).toEqual(['urgent', 'old']);
    expect(inOrder([old, { ...urgent, priority: 1 }], 200_000, 100_000).map(({ callId }) => callId)).toEqual([
      'old',
      'urgent',
    ]);
  });

  test('positions count callers of the same queue', () => {
    const ordered = [call('1'), call('2', { queue: 'enterprise' }), call('3')];
    expect([...callersBefore(ordered)]).toEqual([
      ['1', 0],
      ['2', 0],
      ['3', 1],
    ]);
  });
});

test('any picture: each seat and call at most once, only fitting seats, nobody of equal standing overtaken', () => {
  const skills = fc.subarray(['general', 'enterprise'], { minLength: 1 });
  const someSeat = fc.record({
    n: fc.integer({ min: 0, max: 30 }),
    state: fc.constantFrom('ready', 'talking', 'rona', 'wrapUp' as const),
    skills,
    idleSince: fc.nat(1000),
    phoneReachable: fc.boolean(),
  });
  const someCall = fc.record({
    n: fc.integer({ min: 0, max: 30 }),
    queue: fc.constantFrom('general', 'enterprise'),
    priority: fc.nat(3),
    waitingSince: fc.nat(1000),
  });
  const unique = { selector: (x: { n: number }) => x.n, maxLength: 12 };
  fc.assert(
    fc.property(
      fc.uniqueArray(someSeat, unique),
      fc.uniqueArray(someCall, unique),
      (seatFacts, callFacts) => {
        const seats = seatFacts.map(({ n, ...patch }) => seat(`s${n}`, patch as Partial<Seat>));
        const waiting = callFacts.map(({ n, ...patch }) => call(`c${n}`, patch));
        const made = plan(waiting, seats);
        expect(new Set(made.map((p) => p.seat.seatId)).size).toBe(made.length);
        expect(new Set(made.map((p) => p.call.callId)).size).toBe(made.length);
        for (const p of made) {
          expect(p.seat).toMatchObject({ state: 'ready', phoneReachable: true });
          expect(p.seat.skills).toContain(p.call.queue);
        }
        // A call left out has no fitting seat left over.
        const taken = new Set(made.map((p) => p.seat.seatId));
        const served = new Set(made.map((p) => p.call.callId));
        const free = seats.filter((s) => s.state === 'ready' && s.phoneReachable && !taken.has(s.seatId));
        for (const c of waiting.filter(({ callId }) => !served.has(callId)))
          expect(free.filter((s) => s.skills.includes(c.queue))).toEqual([]);
      },
    ),
  );
});

test.each([
  [0, 'digit-0'],
  [10, 'ten'],
  [12, 'ten digit-2'],
  [20, 'digit-2 ten'],
  [105, 'digit-1 hundred digit-0 digit-5'],
  [110, 'digit-1 hundred digit-1 ten'],
  [999, 'digit-9 hundred digit-9 ten digit-9'],
])('%d is spoken %s', (number, words) => expect(spokenNumber(number).join(' ')).toBe(words));
