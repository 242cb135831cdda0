import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { buildCalendar, isWorkingTime } from '../../src/deadlines/working-calendar';
import {
  defaultLadder,
  ladder as ladderSchema,
  ladderFault,
  planRungs,
  type LadderFacts,
  type Raised,
} from '../../src/supervision/escalation-ladder';
import { letterNumber } from '../../src/supervision/letter';
import { remindOfDateAt, setDates } from '../../src/supervision/matter-dates';
import { datesOf13710 } from '../../src/supervision/matter';
import { withoutIdentity } from '../../src/supervision/paper';

const at = (text: string) => cityInstant(text.slice(0, 10), text.slice(11));
const calendar = buildCalendar({ version: 1 });
const rungs = defaultLadder(8);
const facts = (changes: Partial<LadderFacts> = {}): LadderFacts => ({
  dispatchedAt: at('2026-11-23 10:00'),
  dueAt: at('2026-11-30 18:00'),
  now: at('2026-11-23 10:00'),
  since: null,
  raised: new Map(),
  letter: null,
  ...changes,
});
const raised = (entries: Record<string, [string, string]>): Map<string, Raised> =>
  new Map(Object.entries(entries).map(([code, [when, due]]) => [code, { at: at(when), dueAt: at(due) }]));
const planned = (changes: Partial<LadderFacts> = {}, on = calendar) =>
  planRungs(rungs, facts(changes), on).map(({ rung, at: when, held }) => [
    rung.code,
    cityWords(when).slice(5),
    ...(held ? ['held'] : []),
  ]);

it('S1–S3: before and at expiry, a letter, a special case; each in order and in working time', () => {
  // Monday 30 November, 18:00: the offices are closed, so what is due then is said on Tuesday morning.
  expect(planned()).toEqual([
    ['remindBefore', '11月30日 08:00'],
    ['remindDue', '12月1日 08:00'],
    ['letter', '12月2日 08:00'],
    ['specialCase', '12月7日 08:00', 'held'],
  ]);
  const whole = planRungs(rungs, facts(), calendar);
  for (const [index, { at: when, why }] of whole.entries()) {
    expect(isWorkingTime(calendar, when)).toBe(true);
    expect(when.getTime()).toBeGreaterThan(whole[index - 1]?.at.getTime() ?? 0);
    expect(why).toMatch(/（S[123]）/);
    expect(why).toContain('办理期限 2026年11月30日 18:00');
    expect(why).toContain('第 1 版工作日历');
  }
  expect(whole[0]!.why).toContain('到期前 8 个工作小时');
});

it('a due date before National Day: nothing is raised in the holiday', () => {
  const dispatchedAt = at('2026-09-23 10:00');
  expect(planned({ dispatchedAt, now: dispatchedAt, dueAt: at('2026-09-30 18:00') })).toEqual([
    ['remindBefore', '9月30日 08:00'],
    ['remindDue', '10月8日 08:00'],
    ['letter', '10月9日 08:00'],
    ['specialCase', '10月13日 08:00', 'held'],
  ]);
});

it('a year that nobody has entered holds what falls into it, and says so; reminders are given all the same', () => {
  const unknown = planRungs(
    rungs,
    facts({ dispatchedAt: at('2027-12-24 10:00'), dueAt: at('2027-12-31 18:00') }),
    buildCalendar({ version: 1, declaredYears: [2027] }),
  );
  expect(unknown.map(({ rung, held }) => [rung.code, held])).toEqual([
    ['remindBefore', false],
    ['remindDue', false],
    ['letter', true],
    ['specialCase', true],
  ]);
  expect(unknown[2]!.why).toContain('工作日历没有 2028 年');
});

it('T2: an extension moves the rungs; what was given for the old date is given again for the new one', () => {
  const given = { raised: raised({ remindBefore: ['2026-11-30 08:00', '2026-11-30 18:00'] }) };
  const now = at('2026-11-30 10:00');
  expect(planned({ ...given, now })[0]).toEqual(['remindDue', '12月1日 08:00']);
  expect(planned({ ...given, now, dueAt: at('2026-12-07 18:00') })[0]).toEqual([
    'remindBefore',
    '12月7日 08:00',
  ]);
});

it('raised once for a due date, whatever the calendar does to its hour', () => {
  const early = { raised: raised({ remindBefore: ['2026-11-27 08:00', '2026-11-30 18:00'] }) };
  expect(planned({ ...early, now: at('2026-11-27 09:00') })[0]?.[0]).toBe('remindDue');
});

it('an outage of the hotline does not cost the unit its time: the letter keeps its distance', () => {
  const late = {
    raised: raised({ remindDue: ['2026-12-03 10:00', '2026-11-30 18:00'] }),
    now: at('2026-12-03 10:00'),
  };
  // Eight working hours after the reminder as it was given.
  expect(planned(late)).toEqual([
    ['letter', '12月4日 10:00'],
    ['specialCase', '12月9日 08:00', 'held'],
  ]);
  const inTime = { ...late, raised: raised({ remindDue: ['2026-12-01 08:05', '2026-11-30 18:00'] }) };
  expect(planned(inTime)[0]).toEqual(['letter', '12月2日 08:00']);
});

it('sent back after the due date: the unit is told at once, and has the ladder’s distance again', () => {
  const since = at('2026-12-04 16:00');
  const back = { since, now: since };
  expect(planned(back)).toEqual([
    ['remindDue', '12月1日 08:00'],
    ['letter', '12月7日 16:00'],
    ['specialCase', '12月10日 08:00', 'held'],
  ]);
});

it('S3 waits for the letter to be issued and its deadline to pass', () => {
  const after = {
    raised: raised({
      remindDue: ['2026-12-01 08:00', '2026-11-30 18:00'],
      letter: ['2026-12-02 08:00', '2026-11-30 18:00'],
    }),
    now: at('2026-12-02 09:00'),
  };
  expect(planned(after)).toEqual([['specialCase', '12月7日 08:00', 'held']]);
  expect(planned({ ...after, letter: { replyBy: at('2026-12-10 18:00') } })).toEqual([
    ['specialCase', '12月11日 08:00'],
  ]);
});

it('a rung switched off, and those a person raises, are not written ahead', () => {
  const without = rungs.map((each) => (each.code === 'remindDue' ? { ...each, on: false } : each));
  expect(planRungs(without, facts(), calendar).map(({ rung }) => rung.code)).toEqual([
    'remindBefore',
    'letter',
    'specialCase',
  ]);
});

it.each([
  ['a code twice', [rungs[0], rungs[0]], '重复'],
  ['a letter without a deadline', [{ ...rungs[2], replyDays: null }], '须规定回复时限'],
  ['a special case before any letter', [rungs[3]], '须排在督办函之后'],
  ['a rung earlier than the one before it', [rungs[1], rungs[0]], '早于前一层级'],
  ['a person’s rung with a time', [{ ...rungs[0], action: 'person' }], '不符'],
  [
    'a reminder of dissatisfaction',
    [{ ...rungs[0], when: { kind: 'event', event: 'dissatisfied' } }],
    '只能发督办函',
  ],
])('a ladder is refused with %s', (_what, given, words) => {
  expect(ladderFault(ladderSchema.parse(given))).toContain(words);
});

it('the notice’s ladder is a ladder', () => expect(ladderFault(ladderSchema.parse(rungs))).toBeNull());

it('S2: letters are numbered in the manner of official documents', () => {
  expect(letterNumber(2026, 12)).toBe('督〔2026〕12号');
});

it('S5: 13710 is one, three, seven days, or a month for what is major; reminded in working time', () => {
  const days = (major: boolean) =>
    setDates(at('2026-11-23 10:00'), datesOf13710(major), calendar).map(({ dueAt }) =>
      cityWords(new Date(dueAt)),
    );
  expect(days(false)).toEqual(['2026年11月23日 18:00', '2026年11月26日 18:00', '2026年11月30日 18:00']);
  expect(days(true).at(-1)).toBe('2026年12月23日 18:00');
  const now = at('2026-11-23 10:00');
  // Saturday the 28th: reminded of on Friday afternoon.
  expect(cityWords(remindOfDateAt(at('2026-11-28 18:00'), now, calendar))).toBe('2026年11月27日 14:00');
  expect(remindOfDateAt(at('2026-11-23 11:00'), now, calendar)).toEqual(now);
});

it('free text of a hidden citizen loses his name and every long number', () => {
  const text = '张三反映，电话 138 0013 8000、+86-355-2012319，停水 3 天，2 号楼 101 室';
  expect(withoutIdentity(text, '张三')).toBe('＊＊反映，电话 ＊＊＊、＊＊＊，停水 3 天，2 号楼 101 室');
});
