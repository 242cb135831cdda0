import { cityDay } from '../deadlines/city-time';
import type { Clock } from '../platform/clock';
import { marked, snippet } from './highlight';
import { askedQuery, fold, type AskedQuery } from './search-query';
import type { SearchIndex } from './search-index.service';
import type { FoundRow, SearchFilter, SearchStore } from './search.store';

/** From narrow to wide; `heading`: the text as it stands, in title, question or key words. */
export const BREADTHS = ['all', 'most', 'pair', 'any', 'heading'] as const;
type Breadth = (typeof BREADTHS)[number];

export interface SearchPage {
  limit: number;
  /** Of the last answer. */
  cursor?: string | undefined;
}

/** Searches what is published and in force (D1). */
export class KnowledgeSearch {
  constructor(
    private readonly deps: {
      store: SearchStore;
      index: Pick<SearchIndex, 'asked'>;
      unitName(unitId: string): string | null;
      clock: Clock;
    },
  ) {}

  /**
   * Finds articles for a question in plain words, best first. First those with every word; where they do not fill the
   * page, those with all words but one, then with any, come behind them, and each says how much of the question it has.
   * A single character and a word unknown to the dictionary are looked for in title, question and key words.
   */
  async search(question: string, filter: SearchFilter, page: SearchPage) {
    const phrase = fold(question).trim().replace(/\s+/g, ' ');
    const asked = Array.from(phrase).length > 1 ? askedQuery(this.deps.index.asked(question)) : null;
    const { from, offset } = placeOf(page.cursor, asked);
    const options = { phrase, day: cityDay(this.deps.clock.now()), filter, limit: page.limit + 1, offset };
    let breadth = from;
    let rows = await this.find(asked, breadth, options);
    // A further page goes on in the breadth that the first one had.
    if (page.cursor === undefined)
      for (const wider of BREADTHS.slice(BREADTHS.indexOf(from) + 1)) {
        if (rows.length > page.limit || (wider === 'heading' && rows.length > 0)) break;
        // A short question is as narrow as it is wide.
        if (asked && wider !== 'heading' && breadth !== 'heading' && asked[wider] === asked[breadth])
          continue;
        breadth = wider;
        rows = await this.find(asked, breadth, options);
      }
    const words = asked?.marked ?? [phrase];
    return {
      items: rows.slice(0, page.limit).map((row) => this.view(row, words)),
      nextCursor: rows.length > page.limit ? `${breadth}.${offset + page.limit}` : null,
    };
  }

  private find(
    asked: AskedQuery | null,
    breadth: Breadth,
    options: Parameters<SearchStore['byHeading']>[0],
  ): Promise<FoundRow[]> {
    if (breadth === 'heading' || asked === null) return this.deps.store.byHeading(options);
    return this.deps.store.byWords(asked, breadth, options);
  }

  private view(row: FoundRow, words: readonly string[]) {
    return {
      articleId: row.article_id,
      number: row.number,
      edition: row.edition,
      title: marked(row.title, words),
      question: marked(row.question, words),
      snippet: snippet(row.body, words),
      categoryCode: row.category_code,
      unitId: row.owner_unit_id,
      unitName: this.deps.unitName(row.owner_unit_id),
      validUntil: row.valid_until,
      hits: row.hits,
      citations: row.citations,
      matched: row.matched,
    };
  }
}

function placeOf(cursor: string | undefined, asked: AskedQuery | null): { from: Breadth; offset: number } {
  const [named, offset] = cursor?.split('.') ?? [];
  const from = BREADTHS.find((breadth) => breadth === named) ?? 'all';
  return { from: asked ? from : 'heading', offset: Number(offset ?? 0) };
}
