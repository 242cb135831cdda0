import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { lineEndsPrompts, positionPrompts, PROMPTS, waitPrompts } from '../../src/intake/prompts';
import {
  spokenCount,
  spokenDay,
  spokenDigits,
  spokenDuration,
  spokenNumber,
  spokenTime,
} from '../../src/intake/spoken-chinese';

/** The words of every recording: what a caller hears of a list of names. */
const WORDS = new Map(
  readFileSync('asterisk-config/prompts.tsv', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t') as [string, string]),
);
function said(names: readonly string[]): string {
  return names
    .map((name) => {
      const words = WORDS.get(name);
      if (words === undefined) throw new Error(`there is no recording ${name}`);
      return words;
    })
    .join('');
}

const FIGURES = '零一二三四五六七八九';
const figure = (sign: string): number => (sign === '两' ? 2 : FIGURES.indexOf(sign));

/** A Chinese number below 10,000 read back, written without a look at how it was made. */
function readGroup(text: string): number {
  let value = 0;
  let last = 0;
  for (const sign of text.replaceAll('零', '')) {
    const place = { 十: 10, 百: 100, 千: 1000 }[sign];
    if (place === undefined) last = figure(sign);
    else {
      value += (last || 1) * place;
      last = 0;
    }
  }
  return value + last;
}

function readNumber(text: string): number {
  const [upper, lower] = text.includes('万') ? text.split('万') : ['', text];
  return readGroup(upper ?? '') * 10_000 + readGroup(lower ?? '');
}

describe('numbers', () => {
  it.each([
    [0, '零'],
    [2, '二'],
    [10, '十'],
    [12, '十二'],
    [20, '二十'],
    [22, '二十二'],
    [100, '一百'],
    [105, '一百零五'],
    [110, '一百一十'],
    [112, '一百一十二'],
    [200, '二百'],
    [222, '二百二十二'],
    [1005, '一千零五'],
    [1015, '一千零一十五'],
    [1050, '一千零五十'],
    [1500, '一千五百'],
    [2000, '两千'],
    [2222, '两千二百二十二'],
    [10_000, '一万'],
    [10_010, '一万零一十'],
    [10_500, '一万零五百'],
    [12_345, '一万二千三百四十五'],
    [22_000, '两万二千'],
    [100_000, '十万'],
    [100_005, '十万零五'],
    [120_000, '十二万'],
    [200_000, '二十万'],
    [1_002_003, '一百万二千零三'],
    [20_002_000, '两千万二千'],
    [20_000_200, '两千万零二百'],
    [99_999_999, '九千九百九十九万九千九百九十九'],
    [100_000_000, '幺零零零零零零零零'],
    [-3, '零'],
    [Number.NaN, '零'],
    [7.9, '七'],
  ])('%d is %s', (value, words) => expect(said(spokenNumber(value))).toBe(words));

  it('can be read back, whatever the number', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat({ max: 99_999_999 }), fc.nat({ max: 20_000 })),
        (value) => readNumber(said(spokenNumber(value))) === value,
      ),
      { numRuns: 2000 },
    );
  });

  it('never says 零 twice in a row, nor at the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999 }), (value) => {
        const words = said(spokenNumber(value));
        return !/零零|零$|零[十百千万]/.test(words);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [1, '一'],
    [2, '两'],
    [12, '十二'],
    [22, '二十二'],
    [2000, '两千'],
  ])('%d before a measure word is %s', (value, words) => expect(said(spokenCount(value))).toBe(words));

  it('reads telephone and work order numbers figure by figure', () => {
    expect(said(spokenDigits('0355-2012319'))).toBe('零三五五二零幺二三幺九');
    expect(said(spokenDigits('20261124-000123'))).toBe('二零二六幺幺二四零零零幺二三');
    expect(spokenDigits('')).toEqual([]);
  });
});

describe('times, days and durations', () => {
  it.each([
    [0, 0, '凌晨零点整'],
    [2, 2, '凌晨两点零二分'],
    [9, 30, '上午九点半'],
    [12, 10, '中午十二点十分'],
    [15, 5, '下午三点零五分'],
    [20, 22, '晚上八点二十二分'],
    [23, 59, '晚上十一点五十九分'],
  ])('%d:%d is %s', (hour, minute, words) => expect(said(spokenTime(hour, minute))).toBe(words));

  it('says every minute of the day differently', () => {
    const all = Array.from({ length: 1440 }, (_, at) => said(spokenTime(Math.floor(at / 60), at % 60)));
    expect(new Set(all).size).toBe(1440);
  });

  it.each([
    ['2026-11-24', '十一月二十四日星期二'],
    ['2026-02-02', '二月二日星期一'],
    ['2026-10-11', '十月十一日星期日'],
    ['2028-02-29', '二月二十九日星期二'],
  ])('%s is %s', (day, words) => expect(said(spokenDay(day))).toBe(words));

  it('reads the year figure by figure', () =>
    expect(said(spokenDay('2011-01-01', { year: true }))).toBe('二零一一年一月一日星期六'));

  it.each([
    [0, '零秒'],
    [2, '两秒'],
    [59, '五十九秒'],
    [60, '一分钟'],
    [62, '一分零二秒'],
    [120, '两分钟'],
    [150, '两分三十秒'],
    [3600, '一小时'],
    [3605, '一小时零五秒'],
    [7320, '两小时零二分钟'],
    [45_296, '十二小时三十四分五十六秒'],
    [-1, '零秒'],
  ])('%d seconds are %s', (seconds, words) => expect(said(spokenDuration(seconds))).toBe(words));

  it('can be read back, whatever the duration', () => {
    const part = (text: string, unit: RegExp): number => {
      const found = unit.exec(text)?.[1];
      return found ? readNumber(found) : 0;
    };
    fc.assert(
      fc.property(fc.nat({ max: 360_000 }), (seconds) => {
        const words = said(spokenDuration(seconds));
        const hours = part(words, /^([^小]+)小时/);
        const minutes = part(words.replace(/^.*小时/, ''), /^([^分]+)分/);
        return hours * 3600 + minutes * 60 + part(words.replace(/^.*(小时|分)/, ''), /^(.+)秒/) === seconds;
      }),
    );
  });
});

describe('announcements', () => {
  it('tells the position', () => {
    expect(said(positionPrompts(0))).toBe('您是下一位，请稍候。');
    expect(said(positionPrompts(2))).toBe('您前面还有两位来电人，请耐心等待。');
    expect(said(positionPrompts(12))).toBe('您前面还有十二位来电人，请耐心等待。');
  });

  it.each([
    [20, '预计等待不到一分钟'],
    [60, '预计等待一分钟'],
    [61, '预计等待两分钟'],
    [620, '预计等待十一分钟'],
  ])('tells a wait of %d s as %s', (seconds, words) => expect(said(waitPrompts(seconds))).toBe(words));

  it('tells from which day a number works no longer', () =>
    expect(said(lineEndsPrompts('2027-01-01'))).toBe(
      '您拨打的号码将于二零二七年一月一日星期五起停止使用，今后请直接拨打12345。',
    ));

  it('has a recording for everything that is named', () => {
    expect(Object.values(PROMPTS).filter((name) => !WORDS.has(name))).toEqual([]);
  });
});
