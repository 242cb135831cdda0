import { Jieba } from '@node-rs/jieba';
import { dict } from '@node-rs/jieba/dict';

/** Higher than any sum of its parts: a word of our own is kept whole. */
const FREQUENCY = 10_000;
const LOADABLE = /^[\p{L}\p{N}]{2,40}$/u;
const PIECES = /[\p{L}\p{N}]+/gu;
/** PostgreSQL refuses words of 2 kB. */
const LONGEST_WORD = 64;

/** A word with the shorter dictionary words within it. */
export interface CutWord {
  word: string;
  parts: readonly string[];
}

/**
 * Cuts Chinese text into words with jieba. Without guessing (HMM): an unknown word falls into the same characters
 * wherever it stands, where a guess depends on what stands beside it. Words are letters and digits only, in lower case
 * and half width: nothing that PostgreSQL's query language could read as its own.
 */
export class ChineseWords {
  private readonly jieba = Jieba.withDict(dict);

  /** Adds words of our own; what is no word is left out. */
  add(words: readonly string[]): void {
    const entries = words.map(fold).filter((word) => LOADABLE.test(word));
    if (entries.length > 0)
      this.jieba.loadDict(Buffer.from(entries.map((word) => `${word} ${FREQUENCY} n\n`).join('')));
  }

  /** A text for an index, in order: its words and the shorter words within them. */
  indexed(text: string): string[] {
    return clean(this.jieba.cutForSearch(fold(text), false));
  }

  /** A question as words, each with the shorter words within it. */
  asked(text: string): CutWord[] {
    return clean(this.jieba.cut(fold(text), false)).map((word) => ({
      word,
      parts: clean(this.jieba.cutForSearch(word, false)).filter((part) => part !== word),
    }));
  }
}

function clean(cut: readonly string[]): string[] {
  return cut.flatMap((word) => word.match(PIECES) ?? []).map((word) => word.slice(0, LONGEST_WORD));
}

/** Lower case, full-width letters, digits and signs as ordinary ones. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
