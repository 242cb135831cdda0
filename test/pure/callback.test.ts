import fc from 'fast-check';
import {
  afterQuiet,
  isQuiet,
  mayDial,
  planCallbacks,
  settle,
  whyNotOwed,
  type CallbackPolicy,
  type OpenCallback,
  type PlacingPicture,
  type Rival,
} from '../../src/calls/callback';
import { foldRecord, type CallRecord } from '../../src/calls/call-record';
import { cityInstant } from '../../src/deadlines/city-time';
import type { CallEvent } from '../../src/events';

const NIGHT = { from: '21:30', to: '08:00' };
const at = (day: string, time: string) => cityInstant(day, time).getTime();
const MINUTE = 60_000;
const policy: CallbackPolicy = {
  shortestMs: 5000,
  afterMs: MINUTE,
  quiet: NIGHT,
  attempts: 3,
  retryMs: 10 * MINUTE,
  patienceMs: 60 * MINUTE,
  expiryMs: 24 * 60 * MINUTE,
  targetMs: 120 * MINUTE,
};
const noon = at('2026-11-24', '12:00');
const callback = (change: Partial<OpenCallback> = {}): OpenCallback => ({
  callbackId: 'k',
  number: '13800000001',
  queue: 'general',
  state: 'owed',
  owedAt: noon - 2 * MINUTE,
  missedAt: noon - 2 * MINUTE,
  waitingSince: noon - 3 * MINUTE,
  askedAt: null,
  dueAt: noon - MINUTE,
  attempts: 0,
  lastAttemptAt: null,
  hurried: false,
  ...change,
});

/** A record from the things that happened, one second apart from 1000 s on. */
function record(
  direction: 'inbound' | 'callback',
  ...events: (Partial<CallEvent> & { kind: string })[]
): CallRecord {
  const line = {
    lineId: 'l',
    lineName: '12345',
    mode: 'own',
    matchedNumber: '12345',
    matchedBy: 'called-number',
    queue: 'general',
  };
  const whole = [
    {
      kind: 'callArrived',
      line,
      callerNumber: '13800000001',
      callerName: '',
      dialled: '12345',
      diversions: [],
      direction,
      about: { ticketId: null, callbackId: null },
    },
    ...events,
  ].map((event, index) => ({ callId: 'c', at: new Date(1_000_000 + index * 1000), ...event }) as CallEvent);
  return foldRecord(whole)!;
}
const ended = (endedBy: 'citizen' | 'system' | 'seat', seconds = 60) =>
  ({ kind: 'callEnded', endedBy, cause: 'normal', at: new Date(1_000_000 + seconds * 1000) }) as const;

describe('what is owed', () => {
  const owes = (one: CallRecord) => whyNotOwed(one, policy, (number) => number === '13900000000');
  it('is owed for a call whose citizen gave up, was lost by us, or asked by key', () => {
    expect(owes(record('inbound', ended('citizen')))).toBeNull();
    expect(owes(record('inbound', ended('system')))).toBeNull();
    expect(owes(record('inbound', { kind: 'callbackAsked' }, ended('system')))).toBeNull();
  });

  it('is not owed after a talk, a message, or by a callback itself', () => {
    const talked = record('inbound', { kind: 'talkStarted', seatId: 's', legId: 'x' }, ended('citizen'));
    const message = record(
      'inbound',
      { kind: 'messageLeft', recordingId: 'r', durationMs: 9000 },
      ended('system'),
    );
    for (const one of [talked, message, record('callback', ended('system')), record('inbound')])
      expect(owes(one)).toBe('notMissed');
  });

  it('is not owed to a hidden number, a blacklisted one, or whoever hung up at once; asking by key is never too short', () => {
    expect(owes({ ...record('inbound', ended('citizen')), callerNumber: null })).toBe('noNumber');
    expect(owes({ ...record('inbound', ended('citizen')), callerNumber: '13900000000' })).toBe('blacklisted');
    expect(owes(record('inbound', ended('citizen', 4)))).toBe('short');
    expect(owes(record('inbound', ended('citizen', 5)))).toBeNull();
    expect(owes(record('inbound', { kind: 'callbackAsked' }, ended('system', 2)))).toBeNull();
  });
});

describe('quiet hours', () => {
  it.each([
    ['21:29', false],
    ['21:30', true],
    ['23:59', true],
    ['00:00', true],
    ['07:59', true],
    ['08:00', false],
  ])('over midnight: %s is quiet: %s', (time, quiet) => {
    expect(isQuiet(at('2026-11-24', time), NIGHT)).toBe(quiet);
  });

  it('end in the morning after: the evening’s on the next day, the night’s on the same', () => {
    expect(afterQuiet(at('2026-11-24', '22:00'), NIGHT)).toBe(at('2026-11-25', '08:00'));
    expect(afterQuiet(at('2026-11-25', '03:00'), NIGHT)).toBe(at('2026-11-25', '08:00'));
    expect(afterQuiet(at('2026-12-31', '23:00'), NIGHT)).toBe(at('2027-01-01', '08:00'));
    expect(afterQuiet(noon, NIGHT)).toBe(noon);
    expect(afterQuiet(at('2026-11-24', '13:00'), { from: '12:30', to: '14:00' })).toBe(
      at('2026-11-24', '14:00'),
    );
  });

  it('never end in themselves, and never before', () => {
    const time = fc
      .integer({ min: 0, max: 1439 })
      .map(
        (minute) =>
          `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
      );
    fc.assert(
      fc.property(
        time,
        time,
        fc.integer({ min: noon, max: noon + 3 * 24 * 60 * MINUTE }),
        (from, to, now) => {
          const after = afterQuiet(now, { from, to });
          expect(isQuiet(after, { from, to })).toBe(false);
          expect(after).toBeGreaterThanOrEqual(now);
          expect(after - now).toBeLessThanOrEqual(24 * 60 * MINUTE);
        },
      ),
    );
  });

  it('hold back whoever hung up, not whoever asked by key within the hour, nor a person’s wish', () => {
    const night = at('2026-11-24', '23:00');
    const asked = { askedAt: night - MINUTE, dueAt: night - MINUTE };
    expect(mayDial(callback(), policy, night)).toBe(false);
    expect(mayDial(callback(asked), policy, night)).toBe(true);
    expect(mayDial(callback({ ...asked, askedAt: night - 61 * MINUTE }), policy, night)).toBe(false);
    expect(mayDial(callback({ ...asked, attempts: 1, lastAttemptAt: night }), policy, night)).toBe(false);
    expect(mayDial(callback({ hurried: true, dueAt: night + MINUTE }), policy, night)).toBe(true);
    expect(mayDial(callback({ dueAt: noon + 1 }), policy, noon)).toBe(false);
  });
});

describe('attempts', () => {
  const dialled = (minutes: number): CallRecord => ({
    ...record('callback', { kind: 'citizenDialled', seatId: 's' }, ended('system')),
    endedAt: noon + minutes * MINUTE,
  });
  it('are repeated after growing gaps, then given up', () => {
    const first = settle(callback(), [dialled(0)], policy);
    expect(first).toMatchObject({ state: 'owed', attempts: 1, dueAt: noon + 10 * MINUTE });
    const second = settle(callback({ attempts: 1 }), [dialled(0), dialled(10)], policy);
    expect(second).toMatchObject({ state: 'owed', attempts: 2, dueAt: noon + 40 * MINUTE });
    const third = settle(callback({ attempts: 2 }), [dialled(0), dialled(10), dialled(40)], policy);
    expect(third).toMatchObject({ state: 'givenUp', attempts: 3 });
  });

  it('move out of the night', () => {
    const late = { ...dialled(0), endedAt: at('2026-11-24', '21:25') };
    expect(settle(callback(), [late], policy)).toMatchObject({ dueAt: at('2026-11-25', '08:00') });
  });

  it('are none when nobody was dialled, and are counted once', () => {
    const notDialled = record('callback', ended('system'));
    expect(settle(callback(), [notDialled], policy)).toBeNull();
    expect(settle(callback({ attempts: 1 }), [dialled(0), notDialled], policy)).toBeNull();
  });

  it('are done with the talk', () => {
    const talked = record(
      'callback',
      { kind: 'citizenDialled', seatId: 's' },
      { kind: 'talkStarted', seatId: 's', legId: 'x' },
      ended('seat'),
    );
    expect(settle(callback({ attempts: 1 }), [dialled(0), talked], policy)).toMatchObject({
      state: 'done',
      seatId: 's',
    });
  });
});

describe('who is placed', () => {
  const waits = (callId: string, queue = 'general', isCallback = false): Rival => ({
    ...{ callId, queue, priority: 0, waitingSince: noon },
    callback: isCallback,
  });
  const picture = (change: Partial<PlacingPicture>): PlacingPicture => ({
    ...{ waiting: [], served: [], ready: [], skillOf: (queue: string) => queue },
    ...change,
  });
  const ids = (plan: { callbackId: string }[]) => plan.map(({ callbackId }) => callbackId);
  const seats = (count: number) => Array.from({ length: count }, () => ['general']);
  const owed = (count: number, change: Partial<OpenCallback> = {}) =>
    Array.from({ length: count }, (_, index) =>
      callback({ callbackId: `k${index}`, waitingSince: noon - 1000 + index, ...change }),
    );

  it('as many as seats are to spare, those first who waited first', () => {
    const due = owed(5).toReversed();
    expect(
      ids(planCallbacks(due, picture({ ready: seats(3), waiting: [waits('a')] }), policy, noon)),
    ).toEqual(['k0', 'k1']);
    expect(
      planCallbacks(due, picture({ ready: seats(2), waiting: [waits('a'), waits('b')] }), policy, noon),
    ).toEqual([]);
    expect(planCallbacks(due, picture({}), policy, noon)).toEqual([]);
  });

  it('with the place kept, whoever asked by key, though citizens wait and no seat is free', () => {
    const asked = callback({ askedAt: noon - 2 * MINUTE });
    expect(planCallbacks([asked], picture({ waiting: [waits('a')] }), policy, noon)).toEqual([
      { callbackId: 'k', waitingSince: asked.waitingSince },
    ]);
    const again = { ...asked, attempts: 1, lastAttemptAt: noon - MINUTE };
    expect(planCallbacks([again], picture({ waiting: [waits('a')] }), policy, noon)).toEqual([]);
  });

  it('one at a time at the end of the line, when owed for long and no seat is ever to spare', () => {
    const due = owed(4, { owedAt: noon - 61 * MINUTE });
    const crowded = picture({ ready: seats(1), waiting: [waits('a'), waits('b')] });
    expect(planCallbacks(due, crowded, policy, noon)).toEqual([{ callbackId: 'k0', waitingSince: noon }]);
    const already = { ...crowded, waiting: [...crowded.waiting, waits('v', 'general', true)] };
    expect(planCallbacks(due, already, policy, noon)).toEqual([]);
    expect(planCallbacks(due, { ...crowded, served: ['general'] }, policy, noon)).toEqual([]);
  });

  it('only against a seat with the skill; a seat of two skills is counted for both queues', () => {
    const english = callback({ queue: 'english' });
    expect(planCallbacks([english], picture({ ready: seats(2) }), policy, noon)).toEqual([]);
    const both = [['general', 'english']];
    expect(ids(planCallbacks([english], picture({ ready: both }), policy, noon))).toEqual(['k']);
    expect(planCallbacks([english], picture({ ready: both, waiting: [waits('a')] }), policy, noon)).toEqual(
      [],
    );
  });

  it('never more of those who hung up than ready seats less waiting calls', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(12), fc.nat(12), (ready, waiting, due) => {
        const calls = Array.from({ length: waiting }, (_, index) => waits(`w${index}`));
        const planned = planCallbacks(
          owed(due),
          picture({ ready: seats(ready), waiting: calls }),
          policy,
          noon,
        );
        expect(planned.length).toBe(Math.min(due, Math.max(0, ready - waiting)));
      }),
    );
  });
});
