import type { CutWord } from '../platform/chinese-words.adapter';
import { SAME_MEANING, STOP_WORDS, WEAK_WORDS } from './hotline-terms';

/** More words than these make a question no clearer and the search slower. */
const MOST_WORDS = 6;

/**
 * Text as it is compared: lower case, full-width letters, digits and signs as ordinary ones. Every character stays one
 * character, so that a place found in it is a place in the text.
 */
export function fold(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(/\p{Lu}/gu, (letter) => {
      const small = letter.toLowerCase();
      return small.length === letter.length ? small : letter;
    });
}

/** A word and what may stand for it: each alternative is words that must all be there. */
interface AskedWord {
  word: string;
  others: readonly (readonly string[])[];
}

/** A question as PostgreSQL's text search takes it (texts for `to_tsquery('simple', …)`), from narrow to wide. */
export interface AskedQuery {
  all: string;
  /** All but one. */
  most: string;
  /** Any two. */
  pair: string;
  any: string;
  /** Every word, to rank by. */
  rank: string;
  /** What is highlighted. */
  marked: readonly string[];
}

/**
 * Makes the query of a question that has been cut into words; null when nothing in it can be looked for. Words that
 * say nothing are dropped; weak and one-character words only rank, unless there are no others.
 */
export function askedQuery(cut: readonly CutWord[]): AskedQuery | null {
  const known = new Map(cut.filter(({ word }) => !STOP_WORDS.has(word)).map((each) => [each.word, each]));
  const words = [...(known.size > 0 ? known : new Map(cut.map((each) => [each.word, each]))).values()];
  const strong = words.filter(({ word }) => word.length > 1 && !WEAK_WORDS.has(word));
  const needed = mostTelling(strong.length > 0 ? strong : words).map(withOthers);
  if (needed.length === 0) return null;
  const ranked = [...needed, ...words.slice(0, 2 * MOST_WORDS).map(withOthers)];
  const terms = [...new Set(ranked.flatMap(({ word, others }) => [word, ...others.flat()]))];
  const queries = needed.map(queryOf);
  const any = queries.join(' | ');
  const most = queries.length > 2 ? allButOne(queries) : any;
  const longer = terms.filter((term) => term.length > 1);
  return {
    all: queries.join(' & '),
    most,
    pair: queries.length > 3 ? pairs(queries) : most,
    any,
    // A single character (贷) stands for the words that begin with it (贷款).
    rank: terms.map((term) => (term.length > 1 ? quoted(term) : `${quoted(term)}:*`)).join(' | '),
    marked: longer.length > 0 ? longer : terms,
  };
}

function mostTelling(words: readonly CutWord[]): readonly CutWord[] {
  if (words.length <= MOST_WORDS) return words;
  const longest = words.toSorted((a, b) => b.word.length - a.word.length).slice(0, MOST_WORDS);
  return words.filter((word) => longest.includes(word));
}

function withOthers({ word, parts }: CutWord): AskedWord {
  const same = SAME_MEANING.filter((group) => group.includes(word)).flat();
  const others = same.filter((other) => other !== word).map((other) => [other]);
  return { word, others: parts.length > 0 ? [parts, ...others] : others };
}

const quoted = (word: string) => `'${word}'`;

function queryOf({ word, others }: AskedWord): string {
  if (others.length === 0) return quoted(word);
  const each = others.map((words) => `(${words.map(quoted).join(' & ')})`);
  return `(${[quoted(word), ...each].join(' | ')})`;
}

function allButOne(queries: readonly string[]): string {
  return queries.map((_, left) => `(${queries.filter((_, at) => at !== left).join(' & ')})`).join(' | ');
}

function pairs(queries: readonly string[]): string {
  return queries
    .flatMap((one, at) => queries.slice(at + 1).map((other) => `(${one} & ${other})`))
    .join(' | ');
}
