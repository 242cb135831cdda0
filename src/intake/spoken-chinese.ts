/**
 * Numbers, times and dates spoken in Mandarin, as lists of recordings (asterisk-config/prompts.tsv has their words).
 *
 * 二 or 两 after 吕叔湘《现代汉语八百词》("二", "两"): 两 before a measure word (两位, 两分钟, 两点) and before 千 and 万
 * where they begin the number (两千, 两万); 二 before 十 and 百, after 万 (两万二千), as the last figure, and in dates.
 */

const LARGEST = 99_999_999;
/** What follows a figure by its place from the right. */
const PLACES = [[], ['ten'], ['hundred'], ['thousand']];

const digit = (value: number): string => `digit-${value}`;

/** A number's figures one by one, 1 as 幺 (telephone and work order numbers); other characters are left out. */
export function spokenDigits(text: string): string[] {
  return [...text]
    .filter((sign) => /[0-9]/.test(sign))
    .map((sign) => (sign === '1' ? 'yao' : `digit-${sign}`));
}

/** A whole number from 0 to 99,999,999: 105 → 一百零五, 10010 → 一万零一十. Larger ones are read figure by figure. */
export function spokenNumber(value: number): string[] {
  const number = Number.isFinite(value) ? Math.max(0, Math.trunc(value)) : 0;
  if (number === 0) return [digit(0)];
  if (number > LARGEST) return spokenDigits(BigInt(number).toString());
  const upper = Math.floor(number / 10_000);
  const lower = number % 10_000;
  const words = upper ? [...group(upper, false), 'ten-thousand'] : [];
  words.push(...group(lower, upper > 0));
  // 一十五 is 十五, but only where nothing comes before it.
  if (words[0] === 'digit-1' && words[1] === 'ten') words.shift();
  if (words[0] === 'digit-2' && (words[1] === 'thousand' || words[1] === 'ten-thousand')) words[0] = 'liang';
  return words;
}

/** Up to four figures; `follows` says that 万 came before, so that a gap after it is heard as 零. */
function group(value: number, follows: boolean): string[] {
  const words: string[] = [];
  let gap = follows && value > 0 && value < 1000;
  for (let place = 3; place >= 0; place--) {
    const figure = Math.floor(value / 10 ** place) % 10;
    if (figure === 0) {
      gap ||= words.length > 0;
      continue;
    }
    if (gap) words.push(digit(0));
    gap = false;
    words.push(digit(figure), ...(PLACES[place] ?? []));
  }
  return words;
}

/** A number before a measure word (位, 分钟, 点): 2 is 两, everything else as `spokenNumber`. */
export function spokenCount(value: number): string[] {
  return Math.trunc(value) === 2 ? ['liang'] : spokenNumber(value);
}

/** A time of day on the city's clocks: 9:30 → 上午九点半, 15:05 → 下午三点零五分, 0:00 → 凌晨零点整. */
export function spokenTime(hour: number, minute: number): string[] {
  const shown = hour > 12 ? hour - 12 : hour;
  const words = [partOfDay(hour), ...spokenCount(shown), 'oclock'];
  if (minute === 0) return [...words, 'exactly'];
  if (minute === 30) return [...words, 'half'];
  return [...words, ...(minute < 10 ? [digit(0)] : []), ...spokenNumber(minute), 'minute'];
}

function partOfDay(hour: number): string {
  if (hour < 6) return 'small-hours';
  if (hour < 12) return 'morning';
  if (hour === 12) return 'noon';
  return hour < 18 ? 'afternoon' : 'evening';
}

/** A day `YYYY-MM-DD`: 十一月二十四日星期二; with its year 二零二六年十一月…. */
export function spokenDay(day: string, options: { year?: boolean } = {}): string[] {
  const [year = '', month, date] = day.split('-');
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return [
    // A year is read figure by figure, but with 一.
    ...(options.year ? [...[...year].map((sign) => digit(Number(sign))), 'year'] : []),
    ...spokenNumber(Number(month)),
    'month',
    ...spokenNumber(Number(date)),
    'day',
    'weekday',
    weekday === 0 ? 'day' : digit(weekday),
  ];
}

/** A length of time in whole seconds: 150 → 两分三十秒, 120 → 两分钟, 3605 → 一小时零五秒. */
export function spokenDuration(seconds: number): string[] {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.trunc(seconds)) : 0;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const words: string[] = [];
  if (hours) words.push(...spokenCount(hours), 'hour');
  if (minutes) words.push(...after(words, minutes), rest ? 'minute' : 'minutes');
  if (rest || words.length === 0) words.push(...after(words, rest), 'second');
  return words;
}

/** What follows a larger unit has 零 before a single figure. */
function after(words: readonly string[], value: number): string[] {
  if (words.length === 0) return spokenCount(value);
  return value < 10 ? [digit(0), digit(value)] : spokenNumber(value);
}
