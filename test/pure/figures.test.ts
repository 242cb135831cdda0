import fc from 'fast-check';
import { halfHourOf } from '../../src/performance/board';
import { figureText, liveFigure, seatReason } from '../../src/performance/board-words';
import { endingOf, sumsOf, type CountedCall, type Ending } from '../../src/performance/counted-call';
import {
  figuresOf,
  LIVE_FIGURES,
  NO_SUMS,
  WINDOW_FIGURES,
  type Figures,
  type Sums,
} from '../../src/performance/definitions';
import { HandlingTimes } from '../../src/performance/handling-times';
import { SeatHistory } from '../../src/performance/seat-history';
import { plus, SlidingSums } from '../../src/performance/sliding-sums';

const NOON = Date.UTC(2026, 10, 24, 4);
const call = (facts: Partial<CountedCall> = {}): CountedCall => ({
  callId: 'c',
  lineId: 'own',
  lineName: '12345',
  queue: 'general',
  arrivedAt: NOON,
  waitingSince: NOON,
  answeredAt: null,
  talkEndedAt: null,
  endedAt: null,
  rung: false,
  handedBack: false,
  diverted: false,
  blocked: false,
  endedBy: null,
  ...facts,
});

describe('what a call came to', () => {
  test.each<[string, Partial<CountedCall>, Ending]>([
    ['still there', {}, 'open'],
    ['talks', { answeredAt: NOON + 1 }, 'answered'],
    ['talked, ended by anybody', { answeredAt: NOON + 1, endedAt: NOON + 2, endedBy: 'system' }, 'answered'],
    ['hung up waiting', { endedAt: NOON + 9, endedBy: 'citizen' }, 'abandoned'],
    ['hung up before the queue', { waitingSince: null, endedAt: NOON + 9, endedBy: 'citizen' }, 'abandoned'],
    ['ended by the system', { endedAt: NOON + 9, endedBy: 'system' }, 'fault'],
    ['handed back to the switch', { handedBack: true }, 'fault'],
    ['handed back, then hung up', { handedBack: true, endedAt: NOON + 9, endedBy: 'citizen' }, 'fault'],
    ['was turned away', { blocked: true, endedAt: NOON + 9, endedBy: 'system' }, 'blocked'],
    ['was turned away and hung up', { blocked: true, endedAt: NOON + 9, endedBy: 'citizen' }, 'blocked'],
    ['left a message', { diverted: true, endedAt: NOON + 9, endedBy: 'citizen' }, 'diverted'],
    ['asked for a callback, the last words still play', { diverted: true }, 'diverted'],
    ['talked, then left a message', { diverted: true, answeredAt: NOON + 1 }, 'answered'],
    ['talked, then handed back', { handedBack: true, answeredAt: NOON + 1 }, 'answered'],
  ])('%s', (_, facts, ending) => expect(endingOf(call(facts))).toBe(ending));

  const gone = (afterMs: number) => call({ endedAt: NOON + afterMs, endedBy: 'citizen' });
  test.each<[string, CountedCall, boolean, number, Partial<Sums> | null]>([
    ['open: nothing yet', call(), true, 5000, null],
    [
      'answered at 15.000 s: in time',
      call({ answeredAt: NOON + 15_000 }),
      false,
      5000,
      { answered: 1, answeredInTime: 1, waitMs: 15_000 },
    ],
    [
      'answered at 15.001 s: too late',
      call({ answeredAt: NOON + 15_001 }),
      false,
      5000,
      { answered: 1, waitMs: 15_001 },
    ],
    [
      'the clock runs from the queue, not from the arrival',
      call({ waitingSince: NOON + 20_000, answeredAt: NOON + 25_000 }),
      false,
      5000,
      { answered: 1, answeredInTime: 1, waitMs: 5000 },
    ],
    [
      'answered before it joined (a clock set back): no negative wait',
      call({ answeredAt: NOON - 1 }),
      false,
      5000,
      { answered: 1, answeredInTime: 1 },
    ],
    ['abandoned at the threshold: short', gone(5000), false, 5000, { abandoned: 1, shortAbandoned: 1 }],
    ['abandoned beyond it', gone(5001), false, 5000, { abandoned: 1 }],
    ['no threshold: nobody is short', gone(0), false, 0, { abandoned: 1 }],
    ['above capacity', gone(60_000), true, 5000, { abandoned: 1, aboveCapacity: 1 }],
    ['a message', call({ diverted: true }), true, 5000, { diverted: 1 }],
    ['a nuisance', call({ blocked: true, endedAt: NOON + 9, endedBy: 'system' }), true, 5000, {}],
    ['a fault', call({ handedBack: true }), true, 5000, { faults: 1 }],
  ])('%s', (_, of, above, shortMs, sums) => {
    expect(sumsOf(of, above, shortMs)).toEqual(sums && { ...NO_SUMS, ...sums });
  });
});

describe('the figures', () => {
  const some: Sums = {
    answered: 90,
    abandoned: 8,
    diverted: 10,
    faults: 2,
    answeredInTime: 81,
    shortAbandoned: 3,
    aboveCapacity: 5,
    waitMs: 900_000,
  };
  test.each<[string, Sums, Partial<Figures>]>([
    [
      'no calls: no rate, neither 0 nor 100 %',
      { ...NO_SUMS },
      {
        offered: 0,
        answered: 0,
        abandoned: 0,
        inTimeRate: null,
        connectedRate: null,
        connectedRateAll: null,
        meanWait: null,
      },
    ],
    [
      'a usual day',
      some,
      {
        offered: 110,
        answered: 90,
        inTimeRate: 0.9,
        connectedRate: 90 / 103,
        connectedRateAll: 90 / 110,
        diverted: 10,
        abandoned: 8,
        shortAbandoned: 3,
        aboveCapacity: 5,
        faults: 2,
        meanWait: 10,
      },
    ],
    [
      'nobody answered',
      { ...NO_SUMS, abandoned: 4 },
      { connectedRate: 0, connectedRateAll: 0, inTimeRate: null, meanWait: null },
    ],
    [
      'only messages and callbacks',
      { ...NO_SUMS, diverted: 2 },
      { offered: 2, connectedRate: 0, connectedRateAll: 0, abandoned: 0 },
    ],
    [
      'only faults: the standard says nothing, the whole count does',
      { ...NO_SUMS, faults: 3 },
      { connectedRate: null, connectedRateAll: 0 },
    ],
    [
      'only calls above the capacity',
      { ...NO_SUMS, abandoned: 3, aboveCapacity: 3 },
      { connectedRate: null, connectedRateAll: 0 },
    ],
  ])('%s', (_, sums, figures) => expect(figuresOf(sums)).toMatchObject(figures));

  test.each<[string, number[], number, number | null]>([
    ['nobody waits', [], 0, null],
    ['the oldest of three', [NOON - 3000, NOON - 61_500, NOON], 3, 61.5],
    ['since the future (a clock set back)', [NOON + 5], 1, 0],
  ])('waiting: %s', (_, waitingSince, waiting, longest) => {
    expect(LIVE_FIGURES.waiting.of({ waitingSince, now: NOON })).toBe(waiting);
    expect(LIVE_FIGURES.longestWait.of({ waitingSince, now: NOON })).toBe(longest);
  });

  it('each has a Chinese name, a formula and a metric of its own', () => {
    const all = [...Object.values(WINDOW_FIGURES), ...Object.values(LIVE_FIGURES)];
    for (const { name, formula } of all) {
      expect(name).toMatch(/\p{Script=Han}/u);
      expect(formula.length).toBeGreaterThan(5);
    }
    expect(new Set(all.map(({ metric }) => metric)).size).toBe(all.length);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('a group tells the same live figures', () => {
    const figures = figuresOf(NO_SUMS);
    const group = { waiting: 2, longestSince: NOON - 9000, last24h: figures, today: figures };
    expect(liveFigure('waiting', group, NOON)).toBe(2);
    expect(liveFigure('longestWait', group, NOON)).toBe(9);
    expect(liveFigure('longestWait', { ...group, waiting: 0, longestSince: null }, NOON)).toBeNull();
  });
});

describe('in words', () => {
  test.each<[number | null, 'calls' | 'seconds' | 'share', string]>([
    [null, 'share', '—'],
    [null, 'seconds', '—'],
    [0, 'calls', '0'],
    [1, 'share', '100.0%'],
    [0.9499, 'share', '94.9%'],
    [0.29, 'share', '29.0%'],
    [0.95, 'share', '95.0%'],
    [12.4, 'seconds', '12秒'],
  ])('%s as %s is %s', (value, unit, text) => expect(figureText(value, unit)).toBe(text));

  it('a seat that did not answer says why', () => {
    const seat = { state: 'rona', notReadyReason: null, missed: null, phoneReachable: true } as const;
    expect(seatReason({ ...seat, missed: 'rejected' })).toBe('拒接');
    expect(seatReason(seat)).toBe('超时未接');
    expect(seatReason({ ...seat, state: 'notReady', notReadyReason: 'meal' })).toBe('用餐');
    expect(seatReason({ ...seat, state: 'ready', phoneReachable: false })).toBe('话机离线');
    expect(seatReason({ ...seat, state: 'talking' })).toBeNull();
  });
});

describe('a window that slides', () => {
  const answered: Sums = { ...NO_SUMS, answered: 1, answeredInTime: 1, waitMs: 700 };

  it('holds exactly the calls since its moment, whatever order they were decided in', () => {
    const arrivals = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 1000 }), queue: fc.constantFrom('a', 'b') }),
    );
    fc.assert(
      fc.property(arrivals, fc.array(fc.integer({ min: 0, max: 1100 })), (calls, moments) => {
        const window = new SlidingSums();
        for (const { at, queue } of calls)
          window.add({ arrivedAt: at, queue, lineId: 'own', sums: answered });
        let since = 0;
        for (const moment of moments) {
          since = Math.max(since, moment);
          window.forgetBefore(moment);
          const kept = calls.filter(({ at }) => at >= since);
          expect(window.total).toEqual({
            ...NO_SUMS,
            answered: kept.length,
            answeredInTime: kept.length,
            waitMs: 700 * kept.length,
          });
          for (const queue of ['a', 'b'])
            expect(window.byQueue.get(queue)?.answered ?? 0).toBe(
              kept.filter((each) => each.queue === queue).length,
            );
        }
      }),
    );
  });

  it('knows nothing of a queue whose calls have all gone', () => {
    const window = new SlidingSums();
    window.add({ arrivedAt: 10, queue: 'a', lineId: 'own', sums: answered });
    expect(window.forgetBefore(10)).toBe(false);
    expect(window.forgetBefore(11)).toBe(true);
    expect([window.byQueue.size, window.byLine.size]).toEqual([0, 0]);
    expect(window.total).toEqual(NO_SUMS);
  });

  it('adds and takes off', () => {
    expect(plus(plus(NO_SUMS, answered), answered, -1)).toEqual(NO_SUMS);
  });

  it('half hours are those of the city’s clocks', () => {
    expect(halfHourOf(NOON + 29 * 60_000)).toBe(NOON);
    expect(halfHourOf(NOON + 30 * 60_000)).toBe(NOON + 30 * 60_000);
  });
});

describe('were all seats at work while a call waited?', () => {
  type Move = [seatId: string, at: number, to: Parameters<SeatHistory['hear']>[0]['to']];
  const [FROM, TO] = [100_000, 160_000];
  test.each<[string, Move[], boolean]>([
    ['nobody on duty: that is no capacity to be above of', [], false],
    ['the one seat talks', [['a', 0, 'talking']], true],
    [
      'between two calls for a moment',
      [
        ['a', 0, 'talking'],
        ['a', 120_000, 'wrapUp'],
        ['a', 121_000, 'ready'],
        ['a', 121_500, 'ringing'],
      ],
      true,
    ],
    [
      'one is ready',
      [
        ['a', 0, 'talking'],
        ['b', 0, 'ready'],
      ],
      false,
    ],
    [
      'one was ready when the call came and rang for it',
      [
        ['a', 0, 'ready'],
        ['a', 100_010, 'ringing'],
      ],
      false,
    ],
    [
      'one rests',
      [
        ['a', 0, 'talking'],
        ['b', 0, 'notReady'],
      ],
      false,
    ],
    [
      'one did not answer its phone',
      [
        ['a', 0, 'talking'],
        ['b', 50_000, 'rona'],
      ],
      false,
    ],
    [
      'one went home before',
      [
        ['a', 0, 'talking'],
        ['b', 0, 'ready'],
        ['b', 99_000, 'signedOut'],
      ],
      true,
    ],
    [
      'one came after',
      [
        ['a', 0, 'talking'],
        ['b', 161_000, 'notReady'],
      ],
      true,
    ],
    [
      'the ready one has another skill',
      [
        ['a', 0, 'talking'],
        ['english', 0, 'ready'],
      ],
      true,
    ],
    ['only one of another skill talks', [['english', 0, 'talking']], false],
    [
      'all have gone home',
      [
        ['a', 0, 'talking'],
        ['a', 90_000, 'signedOut'],
      ],
      false,
    ],
  ])('%s', (_, moves, expected) => {
    const history = new SeatHistory();
    for (const [seatId, at, to] of moves) history.hear({ seatId, at, to, callId: null });
    const able = (seatId: string) => seatId !== 'english';
    expect(history.allAtWork(able, FROM, TO)).toBe(expected);
    // What ended before the call came is not needed.
    history.forgetBefore(FROM);
    expect(history.allAtWork(able, FROM, TO)).toBe(expected);
  });
});

describe('handling times', () => {
  const change = (at: number, to: 'talking' | 'wrapUp' | 'ready' | 'notReady', seatId = 'a') => ({
    seatId,
    at,
    to,
    callId: 'c',
  });

  it('are talk and wrap-up together, by queue, of the last calls and of late only', () => {
    const times = new HandlingTimes();
    expect(times.mean('general', 0)).toBeNull();
    times.hear(change(1000, 'talking'), 'general');
    times.hear(change(5000, 'wrapUp'), 'general');
    times.hear(change(7000, 'ready'), 'general');
    expect(times.mean('general', 7000)).toEqual({ ms: 6000, calls: 1 });
    times.hear(change(10_000, 'talking'), 'general');
    times.hear(change(12_000, 'notReady'), 'general');
    expect(times.mean('general', 12_000)).toEqual({ ms: 4000, calls: 2 });
    expect(times.mean('english', 12_000)).toBeNull();
    expect(times.mean('general', 12_000 + 5 * 3_600_000)).toBeNull();
  });

  it('do not count a call of no queue, nor a ready seat', () => {
    const times = new HandlingTimes();
    times.hear(change(0, 'ready'), 'general');
    times.hear(change(1000, 'talking'), null);
    times.hear(change(9000, 'ready'), 'general');
    expect(times.mean('general', 9000)).toBeNull();
  });

  it('keep the last thirty', () => {
    const times = new HandlingTimes();
    for (let n = 0; n < 40; n++) {
      times.hear(change(n * 1000, 'talking'), 'general');
      times.hear(change(n * 1000 + (n < 10 ? 900 : 100), 'ready'), 'general');
    }
    expect(times.mean('general', 40_000)).toEqual({ ms: 100, calls: 30 });
  });
});
