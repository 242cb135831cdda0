import { z } from 'zod';
import { readNumber } from '../lines/phone-number';
import { EMERGENCY_NUMBERS } from './dial-rules';

/**
 * Nuisance callers (骚扰名单). An entry is proposed with a reason and a last day and works once somebody else has
 * approved it. Whoever it blocks hears an announcement that names 110, 119 and 120 and is ended, or waits behind
 * everybody else. It never stands in the way of an emergency: some lines block nobody, a caller who tries again and
 * again is put through, and so is one who presses the key for urgent matters.
 */
export const NUISANCE_STATES = {
  proposed: '待审批',
  active: '生效中',
  refused: '未批准',
  lifted: '提前解除',
  expired: '已到期',
} as const;
export type NuisanceState = keyof typeof NUISANCE_STATES;

/** What happens to a blocked caller. */
export const TREATMENTS = { announce: '播放提示后结束', last: '排在最后接听' } as const;
export type Treatment = keyof typeof TREATMENTS;

export const NUISANCE_MATCHES = { number: '该号码', prefix: '以此开头的号码' } as const;
export type NuisanceMatch = keyof typeof NUISANCE_MATCHES;

/** A shorter prefix would be half a city. */
export const SHORTEST_PREFIX = 7;

const words = z
  .string()
  .trim()
  .min(2)
  .max(200)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, '含不可用的字符');

/** What somebody writes who proposes an entry. The number comes from the call, or is given by whoever may see it. */
export const nuisanceProposal = z
  .strictObject({
    callId: z.string().max(80).nullable().default(null),
    number: z.string().trim().max(40).nullable().default(null),
    match: z.enum(['number', 'prefix']).default('number'),
    treatment: z.enum(['announce', 'last']).default('announce'),
    reason: words,
    lastDay: z.iso.date(),
  })
  .refine(({ callId, number }) => (callId === null) !== (number === null), {
    message: '须指定通话或号码之一',
    path: ['callId'],
  })
  .refine(({ callId, match }) => callId === null || match === 'number', {
    message: '从通话提出的只能是该号码本身',
    path: ['match'],
  });
export type NuisanceProposal = z.output<typeof nuisanceProposal>;

export const nuisanceWords = words;

export interface NuisanceEntry {
  entryId: string;
  version: number;
  /** Canonical, or its beginning. */
  number: string;
  match: NuisanceMatch;
  treatment: Treatment;
  reason: string;
  callId: string | null;
  /** The last day it blocks, in the city's zone. */
  lastDay: string;
  state: 'proposed' | 'approved' | 'refused' | 'lifted';
  proposed: Act;
  decided: Act | null;
  lifted: Act | null;
}

/** Who did it, when (ISO 8601, UTC), and what was said. */
export interface Act {
  personId: string;
  name: string;
  at: string;
  words: string;
}

/** The state of an entry on a day of the city. */
export function nuisanceState(
  { state, lastDay }: Pick<NuisanceEntry, 'state' | 'lastDay'>,
  day: string,
): NuisanceState {
  if (state !== 'approved') return state;
  return lastDay < day ? 'expired' : 'active';
}

/** The approved entries, found by number; and the lines that block nobody. */
export interface NuisanceBook {
  numbers: ReadonlyMap<string, NuisanceEntry>;
  /** Longest first. */
  prefixes: readonly NuisanceEntry[];
  openLines: ReadonlySet<string>;
}

export const EMPTY_BOOK: NuisanceBook = { numbers: new Map(), prefixes: [], openLines: new Set() };

/** Makes the book of the approved entries; of two with one number the one that blocks longer counts. */
export function nuisanceBook(entries: readonly NuisanceEntry[], openLines: readonly string[]): NuisanceBook {
  const approved = entries
    .filter(({ state }) => state === 'approved')
    .sort((one, other) => (one.lastDay < other.lastDay ? -1 : 1));
  return {
    numbers: new Map(
      approved.filter(({ match }) => match === 'number').map((entry) => [entry.number, entry]),
    ),
    prefixes: approved
      .filter(({ match }) => match === 'prefix')
      .sort(
        (one, other) => other.number.length - one.number.length || (one.lastDay < other.lastDay ? 1 : -1),
      ),
    openLines: new Set(openLines),
  };
}

/** What a call is told about its caller: how it is treated (`through`: served, with a flag on the pop), and why. */
export interface NuisanceVerdict {
  entryId: string;
  treatment: Treatment | 'through';
  words: string;
}

export interface NuisanceQuestion {
  /** Normalised; null when hidden: nobody can be told apart then, and nobody is blocked. */
  callerNumber: string | null;
  lineId: string;
  /** The city's day. */
  day: string;
  /** How often this caller was turned away within the time that counts, before this call. */
  turnedAway: number;
}

/** Whether this caller is blocked now, and by which entry. `repeatCalls`: from which call in a row one is put through. */
export function judgeNuisance(
  book: NuisanceBook,
  { callerNumber, lineId, day, turnedAway }: NuisanceQuestion,
  repeatCalls: number,
): NuisanceVerdict | null {
  if (callerNumber === null) return null;
  const entry = entryOf(book, callerNumber, day);
  if (!entry) return null;
  const { entryId, treatment } = entry;
  const about = `骚扰名单（至${entry.lastDay}）：${entry.reason}`;
  if (book.openLines.has(lineId))
    return { entryId, treatment: 'through', words: `${about}；该热线不拦截来电` };
  if (treatment === 'announce' && turnedAway + 1 >= repeatCalls)
    return {
      entryId,
      treatment: 'through',
      words: `${about}；短时间内第${turnedAway + 1}次来电，可能有急事`,
    };
  return { entryId, treatment, words: about };
}

function entryOf(book: NuisanceBook, number: string, day: string): NuisanceEntry | null {
  const inForce = (entry: NuisanceEntry | undefined) => (entry && entry.lastDay >= day ? entry : null);
  const exact = inForce(book.numbers.get(number));
  return exact ?? book.prefixes.find((entry) => number.startsWith(entry.number) && inForce(entry)) ?? null;
}

/** A number that can never be on the list, and whose it is. */
export interface Protected {
  number: string;
  words: string;
}

/** The number as an entry keeps it, or in Chinese why it can be none. */
export function nuisanceNumber(
  raw: string,
  match: NuisanceMatch,
  areaCode: string,
  guarded: readonly Protected[],
): { number: string } | { fault: string } {
  const { canonical, digits, shortCode } = readNumber(raw, areaCode);
  const typed = /^\+?[0-9][0-9 ().-]*$/.test(raw.trim());
  const number = match === 'prefix' ? prefixOf(digits, areaCode) : (canonical ?? (typed ? digits : ''));
  if (!/^\+?\d{3,20}$/.test(number) || (match === 'prefix' && !typed)) return { fault: '号码无法识别' };
  if (match === 'prefix' && number.replace('+', '').length < SHORTEST_PREFIX)
    return { fault: `号段不能少于${SHORTEST_PREFIX}位` };
  if (EMERGENCY_NUMBERS.includes(shortCode ?? number)) return { fault: '110、119、120、122不能列入骚扰名单' };
  const owner = guarded.find((one) =>
    match === 'number' ? one.number === number : one.number.startsWith(number),
  );
  return owner ? { fault: `${owner.words}的号码不能列入骚扰名单` } : { number };
}

/** A prefix as it begins canonical numbers: international with +, national without +86, local with the area code. */
function prefixOf(digits: string, areaCode: string): string {
  const number = digits.replace(/^00(?=[1-9])/, '+');
  if (number.startsWith('+86'))
    return /^1[3-9]/.test(number.slice(3)) ? number.slice(3) : `0${number.slice(3)}`;
  return /^[2-8]/.test(number) && !/^[48]00/.test(number) ? `${areaCode}${number}` : number;
}
