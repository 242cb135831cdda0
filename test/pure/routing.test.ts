import fc from 'fast-check';
import { spokenNumber } from '../../src/intake/spoken-chinese';
import { planOffers } from '../../src/routing/route-decision';
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
  ...patch,
});
const call = (callId: string, patch: Partial<WaitingCall> = {}): WaitingCall => ({
  callId,
  queue: 'general',
  priority: 0,
  waitingSince: 0,
  ...patch,
});
const pairs = (waiting: WaitingCall[], seats: Seat[], now = 1000) =>
  planOffers(waiting, seats, queues, now, AGEING).map(({ call: c, seat: s }) => [c.callId, s.seatId]);

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
    const [plan] = planOffers(
      [call('c')],
      [seat('a', { idleSince: 0 }), seat('b', { idleSince: 900 }), seat('d', { state: 'wrapUp' })],
      queues,
      10_000,
      AGEING,
    );
    expect(plan?.reason).toMatchObject({ rule: 'longest-idle', idleSeconds: 10, waitingRank: 1 });
    expect(plan?.reason.passedOver.map(({ seatId }) => seatId)).toEqual(['b', 'd']);
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
        const plan = planOffers(waiting, seats, queues, 1000, AGEING);
        expect(new Set(plan.map((p) => p.seat.seatId)).size).toBe(plan.length);
        expect(new Set(plan.map((p) => p.call.callId)).size).toBe(plan.length);
        for (const p of plan) {
          expect(p.seat).toMatchObject({ state: 'ready', phoneReachable: true });
          expect(p.seat.skills).toContain(p.call.queue);
        }
        // A call left out has no fitting seat left over.
        const taken = new Set(plan.map((p) => p.seat.seatId));
        const served = new Set(plan.map((p) => p.call.callId));
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
