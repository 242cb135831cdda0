import { fold } from './search-query';

/** Where words were found in a text: [first character, character after the last], in UTF-16 units, in order. */
export type Marks = [number, number][];

/** A text as it is, with what to highlight beside it: whoever shows it never puts markup into it. */
export interface MarkedText {
  text: string;
  marks: Marks;
}

const SNIPPET = 120;
const LEAD = 20;
/** Of one word: a text full of it is marked at its beginning only. */
const MOST_MARKS = 150;

/** Marks the words (folded) in a text; overlapping and touching places become one. */
export function marked(text: string, words: readonly string[]): MarkedText {
  return { text, marks: joined(places(fold(text), words)) };
}

/** The stretch of a text that has most of the words, on one line, marked. */
export function snippet(text: string, words: readonly string[]): MarkedText {
  const found = places(fold(text), words);
  // A short text is shown whole.
  const from = Math.min(bestStart(found), Math.max(0, text.length - SNIPPET));
  const start = splitsPair(text, from) ? from + 1 : from;
  const rest = text.slice(start, start + SNIPPET);
  const cut = splitsPair(text, start + rest.length) ? rest.slice(0, -1) : rest;
  return marked(cut.replace(/[\r\n\t]/g, ' '), words);
}

interface Place {
  word: string;
  from: number;
  to: number;
}

function places(folded: string, words: readonly string[]): Place[] {
  return words.flatMap((word) => placesOf(folded, word)).sort((a, b) => a.from - b.from || b.to - a.to);
}

function placesOf(folded: string, word: string): Place[] {
  const found: Place[] = [];
  let from = folded.indexOf(word);
  while (from >= 0 && found.length < MOST_MARKS) {
    found.push({ word, from, to: from + word.length });
    from = folded.indexOf(word, from + word.length);
  }
  return found;
}

function joined(found: readonly Place[]): Marks {
  const marks: Marks = [];
  for (const { from, to } of found) {
    const last = marks.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else marks.push([from, to]);
  }
  return marks;
}

function bestStart(found: readonly Place[]): number {
  let best = { start: 0, words: 0 };
  for (const { from } of found) {
    const within = found.filter((other) => other.from >= from && other.to <= from + SNIPPET - LEAD);
    const words = new Set(within.map(({ word }) => word)).size;
    if (words > best.words) best = { start: Math.max(0, from - LEAD), words };
  }
  return best.start;
}

/** Whether a cut here would part the two halves of one character. */
function splitsPair(text: string, at: number): boolean {
  return /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '');
}
