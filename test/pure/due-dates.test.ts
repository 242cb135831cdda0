import fc from 'fast-check';
import { applyChange, calendarChange, type CalendarRecord } from '../../src/deadlines/calendar-change';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { chooseLimit, partDue, remindAt, type DueFacts } from '../../src/deadlines/due-dates';
import { CONCLUDE_BOUNDS, dispatchBy, NOTICE_LIMITS } from '../../src/deadlines/time-limit';
import { buildCalendar, isWorkingTime, USUAL_HOURS } from '../../src/deadlines/working-calendar';
import { TICKET_TYPES, URGENCIES, type TicketType, type Urgency } from '../../src/tickets/ticket';

const calendar = buildCalendar({ version: 7 });
const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
const facts = (changes: Partial<DueFacts>): DueFacts => ({
  type: 'help',
  urgency: 'ordinary',
  dispatchedAt: at('2026-11-24 10:00'),
  regulation: null,
  ...changes,
});
/** Its limit chosen and counted, as a dispatch does it. */
const dueDates = (given: DueFacts, on: typeof calendar) =>
  partDue(given.dispatchedAt, chooseLimit(given), on);
const types = Object.keys(TICKET_TYPES) as TicketType[];
const urgencies = Object.keys(URGENCIES) as Urgency[];

describe('the limits of the notice as data', () => {
  it('T1: every type and urgency has one, within 2–5 working days', () => {
    for (const type of types)
      for (const urgency of urgencies) {
        const { workingDays, clause } = dueDates(facts({ type, urgency }), calendar);
        expect(clause).toBe('T1');
        expect(workingDays).toBeGreaterThanOrEqual(CONCLUDE_BOUNDS.least);
        expect(workingDays).toBeLessThanOrEqual(CONCLUDE_BOUNDS.most);
      }
  });

  it('T3 returns within 1 and T4 asks a first opinion within 5 working days', () => {
    expect(NOTICE_LIMITS.returning).toMatchObject({ clause: 'T3', workingDays: 1 });
    for (const limit of NOTICE_LIMITS.firstOpinion)
      expect(limit).toMatchObject({ clause: 'T4', workingDays: 5 });
  });

  it('12345 itself dispatches within 1, 2 or 24 hours on the clock', () => {
    const hours = (urgency: Urgency, utility: boolean) =>
      (dispatchBy(at('2026-11-28 23:00'), { urgency, utility }).getTime() -
        at('2026-11-28 23:00').getTime()) /
      3_600_000;
    expect([hours('urgent', true), hours('ordinary', true), hours('ordinary', false)]).toEqual([1, 2, 24]);
  });
});

describe('due dates', () => {
  it.each([
    ['T1 help', facts({}), '2026年12月1日 18:00', '2026年11月25日 18:00', null],
    [
      'T1 consultation',
      facts({ type: 'consultation' }),
      '2026年11月27日 18:00',
      '2026年11月25日 18:00',
      null,
    ],
    ['T1 urgent', facts({ urgency: 'urgent' }), '2026年11月26日 18:00', '2026年11月25日 18:00', null],
    [
      'T4 complaint',
      facts({ type: 'complaint' }),
      '2026年12月1日 18:00',
      '2026年11月25日 18:00',
      '2026年12月1日 18:00',
    ],
    [
      'T4 by its own regulation',
      facts({
        type: 'complaint',
        regulation: { workingDays: 20, name: '《市场监督管理投诉举报处理暂行办法》' },
      }),
      '2026年12月22日 18:00',
      '2026年11月25日 18:00',
      '2026年12月1日 18:00',
    ],
    [
      'a regulation for complaints does not stretch a request for help',
      facts({ regulation: { workingDays: 20, name: '某办法' } }),
      '2026年12月1日 18:00',
      '2026年11月25日 18:00',
      null,
    ],
  ])('%s', (_, given, due, back, opinion) => {
    const result = dueDates(given, calendar);
    expect(cityWords(result.dueAt)).toBe(due);
    expect(cityWords(result.returnBy)).toBe(back);
    expect(result.firstOpinionBy && cityWords(result.firstOpinionBy)).toBe(opinion);
    expect(result.calendarVersion).toBe(7);
  });

  it('say why: rule, clause, count and the days passed over', () => {
    expect(dueDates(facts({ dispatchedAt: at('2026-02-13 17:00') }), calendar).why).toBe(
      '一般事项 5 个工作日办结（T1）。自 2026年2月13日 17:00 派单起，派单当日不计，' +
        '第 5 个工作日下班时到期：2026年2月27日 18:00，跳过：春节 2月15日至23日。',
    );
  });

  it('refuse to count into a year the calendar does not know', () => {
    expect(() => dueDates(facts({ dispatchedAt: at('2026-12-28 10:00') }), calendar)).toThrow(
      /calendar-unknown/,
    );
    expect(() => dueDates(facts({ dispatchedAt: at('2031-03-03 10:00') }), calendar)).toThrow(
      /calendar-unknown/,
    );
  });
});

describe('for any ticket', () => {
  const anyFacts = fc.record({
    type: fc.constantFrom(...types),
    urgency: fc.constantFrom(...urgencies),
    dispatchedAt: fc
      .integer({ min: Date.UTC(2019, 0, 2), max: Date.UTC(2026, 10, 1) })
      .map((ms) => new Date(ms)),
    regulation: fc.option(
      fc.record({ workingDays: fc.integer({ min: 5, max: 30 }), name: fc.constant('某办法') }),
    ),
  });

  it('return ≤ due, first opinion ≤ due, nothing before dispatch', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { dueAt, returnBy, firstOpinionBy } = dueDates(given, calendar);
        expect(dueAt > given.dispatchedAt && returnBy > given.dispatchedAt && returnBy <= dueAt).toBe(true);
        if (firstOpinionBy) expect(firstOpinionBy > given.dispatchedAt && firstOpinionBy <= dueAt).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('S1: the reminder comes after dispatch, before the due date and in working time', () => {
    fc.assert(
      fc.property(anyFacts, fc.double({ min: 0.01, max: 80, noNaN: true }), (given, hours) => {
        const { dueAt } = dueDates(given, calendar);
        const reminder = remindAt(calendar, given.dispatchedAt, dueAt, hours);
        expect(reminder >= given.dispatchedAt && reminder < dueAt).toBe(true);
        expect(isWorkingTime(calendar, reminder)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the administrator’s edits', () => {
  const before: CalendarRecord = { version: 1, hours: USUAL_HOURS, days: [], declaredYears: [] };
  const change = (given: object) => calendarChange.parse({ version: 1, reason: '市政府通知', ...given });

  it('set, take back and declare', () => {
    const set = applyChange(
      before,
      change({ set: [{ day: '2027-01-01', working: false, name: '元旦' }], declareYears: [2027] }),
    );
    expect(set).toMatchObject({ version: 2, declaredYears: [2027], days: [{ day: '2027-01-01' }] });
    expect(applyChange(set, change({ remove: ['2027-01-01'] })).days).toEqual([]);
  });

  it('do not declare a year without a single holiday, nor hours out of order', () => {
    expect(() => applyChange(before, change({ declareYears: [2031] }))).toThrow(/invalid-input/);
    const crossed = [
      { from: '08:00', to: '14:00' },
      { from: '12:00', to: '18:00' },
    ];
    expect(() => applyChange(before, change({ hours: crossed }))).toThrow(/invalid-input/);
    expect(
      calendarChange.safeParse({
        version: 1,
        reason: 'x',
        set: [{ day: '2026-02-30', working: true, name: 'x' }],
      }).success,
    ).toBe(false);
  });
});
