import type { CutWord } from '../platform/chinese-words.adapter';

/** What of a work order is searched; who spoke, and every number that leads to somebody, is not. */
export interface SearchedTexts {
  number: string;
  title: string;
  content: string;
  address: string;
  township: string;
  answer: string | null;
}

/** The columns whose change changes the search. */
export const SEARCHED_COLUMNS: readonly (keyof SearchedTexts)[] = [
  'title',
  'content',
  'address',
  'township',
  'answer',
];

type Weight = 'A' | 'B' | 'C' | 'D';

/** Seven digits and more in a row, as people write telephone and identity numbers. */
const PERSONAL_NUMBER = /\+?\d(?:[\s().-]{0,2}\d){6,}/g;
const TICKET_NUMBER = /^(\d{8})(?:-(\d{0,9}))?$/;
/** PostgreSQL keeps no later position than this. */
const LAST_POSITION = 16_383;
const MOST_WORDS = 12;

/** Words that say nothing about the matter: left out of a question that has others. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  '的 了 吗 呢 吧 啊 我 你 您 他 她 们 我们 是 在 有 和 与 及 或 就 也 都 还 把 被 给 从 到 对 这 那 个'.split(
    ' ',
  ),
);

/** A work order's texts as the text of a `tsvector`: the title before content and answer, these before the address. */
export function searchVector(texts: SearchedTexts, cut: (text: string) => string[]): string {
  const lexemes: string[] = [];
  let position = 0;
  const put = (weight: Weight, words: readonly string[]) => {
    for (const word of words) {
      position = Math.min(position + 1, LAST_POSITION);
      lexemes.push(`'${word}':${position}${weight}`);
    }
  };
  const text = (words: string | null) => cut((words ?? '').replace(PERSONAL_NUMBER, ' '));
  put('A', texts.number.split('-'));
  put('A', text(texts.title));
  put('D', pairsIn(`${texts.title} ${texts.township} ${texts.address}`));
  put('B', text(texts.content));
  put('C', text(texts.answer));
  put('D', text(`${texts.township} ${texts.address}`));
  return lexemes.join(' ');
}

/**
 * A question as the text of a `tsquery`: every telling word must be there, or the shorter words within it. A ticket's
 * number, or its beginning from the day on, is found as such; a telephone number finds nothing. Null: nothing to look for.
 */
export function searchQuery(question: string, cut: (text: string) => CutWord[]): string | null {
  const number = TICKET_NUMBER.exec(question.trim());
  if (number) return number[2] ? `'${number[1]}' & '${number[2]}':*` : `'${number[1]}'`;
  const all = cut(question.replace(PERSONAL_NUMBER, ' '));
  const telling = all.filter(({ word }) => !EMPTY_WORDS.has(word));
  const words = telling.length > 0 ? telling : all;
  const [only] = words;
  if (!only) return null;
  // One character stands at the beginning of the words that are meant.
  if (words.length === 1 && only.word.length === 1) return `'${only.word}':*`;
  const needed = [...new Set(inRuns(words).map((run) => alternatives(run)))];
  return needed.slice(0, MOST_WORDS).join(' & ');
}

/** Two neighbouring characters each: names of places, which no dictionary has and which cut differently by their neighbours. */
function pairsIn(text: string): string[] {
  return (text.match(/\p{Script=Han}+/gu) ?? []).flatMap((run) => {
    const signs = [...run];
    return signs.slice(1).map((sign, at) => `${signs[at]}${sign}`);
  });
}

/** Single characters that follow one another are one word unknown to the dictionary. */
function inRuns(words: readonly CutWord[]): CutWord[] {
  const runs: { word: string; parts: string[] }[] = [];
  let open = false;
  for (const { word, parts } of words) {
    const single = /^\p{Script=Han}$/u.test(word);
    const last = runs.at(-1);
    if (single && open && last) {
      last.parts.push(word);
      last.word += word;
    } else runs.push({ word, parts: single ? [word] : [...parts] });
    open = single;
  }
  return runs;
}

const quoted = (word: string) => `'${word}'`;

function alternatives({ word, parts }: CutWord): string {
  const pairs = pairsIn(word);
  const others = [parts, pairs].filter((each) => each.length > 0 && each.join() !== word);
  const all = [word, ...others.map((each) => `(${each.map(quoted).join(' & ')})`)];
  return all.length > 1 ? `(${quoted(word)} | ${all.slice(1).join(' | ')})` : quoted(word);
}
