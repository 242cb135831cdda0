import type { Knex } from 'knex';
import type { ChineseWords, CutWord } from '../platform/chinese-words.adapter';
import type { Clock } from '../platform/clock';
import type { DictionaryStore } from './dictionary.store';
import { HOTLINE_TERMS, SAME_MEANING } from './hotline-terms';
import { fold } from './search-query';
import type { CutText, SearchedText, SearchIndexStore } from './search-index.store';

/** Articles cut anew in one go; the call path gets its turn in between. */
const BATCH = 20;

/** Keeps the dictionary and the words of the published articles in step, in this service and in the database. */
export class SearchIndex {
  private known = 0;

  constructor(
    private readonly deps: {
      words: ChineseWords;
      dictionary: DictionaryStore;
      store: SearchIndexStore;
      /** Names people search by: units' and lines'. */
      names(): { units: string[]; lines: string[] };
      clock: Clock;
    },
  ) {}

  /** The newest word this service cuts with. */
  get dictionary(): number {
    return this.known;
  }

  /** Brings the city's names into the dictionary, learns words that others added, and cuts anew what is older. */
  async refresh(): Promise<void> {
    const { dictionary, names, clock } = this.deps;
    const { units, lines } = names();
    const at = clock.now();
    await dictionary.add([...HOTLINE_TERMS, ...SAME_MEANING.flat()], 'term', at);
    await dictionary.add(units.flatMap(nameWords), 'unit', at);
    await dictionary.add(lines.flatMap(nameWords), 'line', at);
    await this.learn();
    await this.recut();
  }

  /** Learns words that were added to the dictionary. */
  async learn(): Promise<void> {
    const added = await this.deps.dictionary.after(this.known);
    this.deps.words.add(added.map(({ word }) => word));
    this.known = added.at(-1)?.seq ?? this.known;
  }

  /** Part of the publishing transaction: from its commit on the edition is found. */
  put(trx: Knex, text: SearchedText): Promise<void> {
    return this.deps.store.put(trx, text.articleId, this.cut(text));
  }

  remove(trx: Knex, articleId: string): Promise<void> {
    return this.deps.store.remove(trx, articleId);
  }

  asked(question: string): CutWord[] {
    return this.deps.words.asked(question);
  }

  private async recut(): Promise<void> {
    for (;;) {
      const stale = await this.deps.store.stale(this.known, BATCH);
      for (const text of stale) await this.deps.store.recut(text, this.cut(text));
      if (stale.length < BATCH) return;
    }
  }

  /** An article's texts as words, for the index. */
  cut({ title, question, body, keywords }: Omit<SearchedText, 'articleId' | 'edition'>): CutText {
    const indexed = (text: string) => this.deps.words.indexed(text).join(' ');
    const asked = [question, ...keywords].join('\n');
    return {
      heading: fold(`${title}\n${asked}`),
      titleWords: indexed(title),
      questionWords: indexed(asked),
      bodyWords: indexed(body),
      dictionary: this.known,
    };
  }
}

/**
 * A unit's or line's name as people write it: whole, without the leading 市 that they leave out, and the county or
 * district it begins with.
 */
export function nameWords(name: string): string[] {
  return (fold(name).match(/[\p{L}\p{N}]+/gu) ?? [])
    .flatMap((word) => [word, word.replace(/^市/, ''), /^\p{Script=Han}{1,3}?[县区]/u.exec(word)?.[0] ?? ''])
    .filter((word) => word.length >= 2 && word.length <= 40);
}
