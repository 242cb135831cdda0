import fc from 'fast-check';
import type { Line } from '../../src/lines/line';
import { buildLineIndex } from '../../src/lines/line-index';
import { dialledEndedNumber, lineFacts, matchLine } from '../../src/lines/line-match';
import type { Diversion } from '../../src/telephony/call-control';

const SETTINGS = { hotlineNumber: '12345', areaCode: '0355', cityZone: 'Asia/Shanghai' };
const NOON = new Date('2026-06-01T04:00:00Z');

function line(
  lineId: string,
  mode: Line['mode'],
  numbers: string[],
  days: [string, string | null] = ['2020-01-01', null],
): Line {
  return {
    lineId,
    version: 1,
    name: `热线${lineId}`,
    mode,
    numbers,
    unitId: null,
    owner: 'city',
    firstDay: days[0],
    lastDay: days[1],
    greetingSound: 'greeting-merged',
    greetingText: '',
    queue: 'general',
    priority: 0,
    defaultCategory: null,
    script: '',
    parallelDestination: null,
  };
}

const LINES = [
  line('own', 'own', ['12345', '0355-2020000']),
  line('l12319', 'forwarded', ['12319']),
  line('fixed', 'direct', ['0355-2012319']),
  line('l12315', 'parallel', ['12315', '+86 355 3012315']),
  line('ended', 'direct', ['2055555'], ['2020-01-01', '2026-05-31']),
  line('future', 'direct', ['2066666'], ['2026-06-02', null]),
  line('first-owner', 'direct', ['2077777'], ['2020-01-01', '2026-05-31']),
  line('second-owner', 'direct', ['2077777'], ['2026-06-01', null]),
];
const index = buildLineIndex(LINES, SETTINGS);
const div = (number: string): Diversion => ({ number, source: 'diversion', reason: 'unconditional' });
const his = (number: string): Diversion => ({ number, source: 'history-info', reason: null });

describe('which line a call is for', () => {
  test.each<[string, string, Diversion[], string, string, string]>([
    ['12345 itself', '12345', [], 'own', '12345', 'called-number'],
    ['12345 with area code', '+8635512345', [], 'own', '12345', 'called-number'],
    ['the pilot number', '03552020000', [], 'own', '03552020000', 'called-number'],
    [
      'a merged fixed number that arrives as called number',
      '2012319',
      [],
      'fixed',
      '03552012319',
      'called-number',
    ],
    ['forwarded by Diversion', '12345', [div('0355-2012319')], 'fixed', '03552012319', 'diversion'],
    [
      'forwarded by History-Info',
      '12345',
      [his('12345'), his('035512319')],
      'l12319',
      '12319',
      'history-info',
    ],
    ['Diversion before History-Info', '12345', [div('12315'), his('12319')], 'l12315', '12315', 'diversion'],
    ['Diversion before called number', '12319', [div('12315')], 'l12315', '12315', 'diversion'],
    [
      'two lines on the way: the older one',
      '12345',
      [div('12319'), div('2012319')],
      'fixed',
      '03552012319',
      'diversion',
    ],
    [
      'a mobile forwarded to a line',
      '12345',
      [div('12319'), div('13800138000')],
      'l12319',
      '12319',
      'diversion',
    ],
    [
      '12345 overflowed to a line and back',
      '12345',
      [div('12319'), div('12345')],
      'own',
      '12345',
      'diversion',
    ],
    [
      'pilot translation hides an older line',
      '2020000',
      [div('12345'), his('12345'), his('12319')],
      'l12319',
      '12319',
      'history-info',
    ],
    [
      'unreadable diversion, then called number',
      '12319',
      [div('anonymous')],
      'l12319',
      '12319',
      'called-number',
    ],
    ['unknown diversion, 12345 called', '12345', [div('2099999')], 'own', '12345', 'called-number'],
    ['unknown number', '2099999', [], 'own', '12345', 'default'],
    ['nothing readable', 's', [div('')], 'own', '12345', 'default'],
    ['an ended line still forwarded to 12345', '12345', [div('2055555')], 'own', '12345', 'called-number'],
    ['an ended line dialled directly', '2055555', [], 'own', '12345', 'default'],
    ['a line not yet in service', '2066666', [], 'own', '12345', 'default'],
    [
      'an ended line that forwards to a living one',
      '12345',
      [div('12319'), div('2055555')],
      'l12319',
      '12319',
      'diversion',
    ],
    ['a number with a new owner', '2077777', [], 'second-owner', '03552077777', 'called-number'],
  ])('%s', (_name, dialled, diversions, lineId, matchedNumber, matchedBy) => {
    const match = matchLine(index, dialled, diversions, NOON);
    expect({ lineId: match.line.lineId, number: match.matchedNumber, by: match.matchedBy }).toEqual({
      lineId,
      number: matchedNumber,
      by: matchedBy,
    });
    expect(match.why).toMatch(/。$/);
    expect(match.considered).toHaveLength(diversions.length + 1);
  });

  test('first and last day are whole days of the city', () => {
    const at = (instant: string, number: string) =>
      matchLine(index, number, [], new Date(instant)).line.lineId;
    expect(at('2026-05-31T15:59:59.999Z', '2055555')).toBe('ended');
    expect(at('2026-05-31T16:00:00Z', '2055555')).toBe('own');
    expect(at('2026-06-01T15:59:59.999Z', '2066666')).toBe('own');
    expect(at('2026-06-01T16:00:00Z', '2066666')).toBe('future');
    expect(at('2026-05-31T15:59:59Z', '2077777')).toBe('first-owner');
    expect(at('2026-05-31T16:00:00Z', '2077777')).toBe('second-owner');
  });

  test('whoever dialled a withdrawn number is told so', () => {
    expect(dialledEndedNumber(matchLine(index, '12345', [div('2055555')], NOON))).toBe(true);
    expect(dialledEndedNumber(matchLine(index, '12345', [], NOON))).toBe(false);
  });

  test('an ended line is explained', () => {
    const match = matchLine(index, '12345', [div('2055555')], NOON);
    expect(match.considered[0]).toMatchObject({ outcome: 'ended', lineId: 'ended' });
    expect(match.why).toContain('已于2026-05-31停用');
    expect(matchLine(index, '2055555', [], NOON).why).toContain('已于2026-05-31停用');
  });

  test('an empty table still answers as 12345', () => {
    const match = matchLine(buildLineIndex([], SETTINGS), '12319', [], NOON);
    expect(match).toMatchObject({
      matchedBy: 'default',
      matchedNumber: '12345',
      line: { mode: 'own', queue: 'general' },
    });
    expect(matchLine(buildLineIndex([], SETTINGS), '12345', [], NOON).matchedBy).toBe('called-number');
  });

  test('facts for the call', () => {
    expect(lineFacts(matchLine(index, '12345', [div('2012319')], NOON))).toEqual({
      lineId: 'fixed',
      lineName: '热线fixed',
      mode: 'direct',
      matchedNumber: '03552012319',
      matchedBy: 'diversion',
      queue: 'general',
    });
  });

  test('one match takes microseconds, also among many lines', () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      line(`m${i}`, 'direct', [`035530${String(i).padStart(5, '0')}`]),
    );
    const big = buildLineIndex([...LINES, ...many], SETTINGS);
    // The best of many short runs: what the match costs, not what else the machine is doing.
    const runs = Array.from({ length: 100 }, () => {
      const began = performance.now();
      for (let i = 0; i < 20; i++) matchLine(big, '12345', [div('0355-2012319'), div('13800138000')], NOON);
      return (performance.now() - began) / 20;
    });
    expect(Math.min(...runs)).toBeLessThan(0.3);
  });
});

describe('properties', () => {
  const written = fc.oneof(
    fc.constantFrom(
      '12345',
      '12319',
      '+8635512315',
      '0355-2012319',
      '2055555',
      '2066666',
      '2077777',
      '13800138000',
      'anonymous',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  const diversion = fc.record({
    number: written,
    source: fc.constantFrom('diversion' as const, 'history-info' as const),
    reason: fc.constant(null),
  });
  const instant = fc.date({ min: new Date('2019-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });

  test('exactly one line in service, always the same', () => {
    fc.assert(
      fc.property(
        written,
        fc.array(diversion, { maxLength: 30 }),
        instant,
        fc.boolean(),
        (dialled, diversions, at, empty) => {
          const used = empty ? buildLineIndex([], SETTINGS) : index;
          const match = matchLine(used, dialled, diversions, at);
          const day = new Date(at.getTime() + 8 * 3600_000).toISOString().slice(0, 10);
          expect(match.line.firstDay <= day && (match.line.lastDay ?? '9999-12-31') >= day).toBe(true);
          expect(matchLine(used, dialled, diversions, at)).toEqual(match);
          expect(match.why.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('the order of the table does not matter', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(LINES, { minLength: LINES.length }),
        written,
        instant,
        (lines, dialled, at) => {
          expect(matchLine(buildLineIndex(lines, SETTINGS), dialled, [], at)).toEqual(
            matchLine(index, dialled, [], at),
          );
        },
      ),
    );
  });
});
