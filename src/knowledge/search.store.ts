import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { AskedQuery } from './search-query';

export interface SearchFilter {
  /** A category, or a branch of the tree with all below it. */
  categoryCode?: string | undefined;
  unitId?: string | undefined;
}

export interface FoundRow {
  article_id: string;
  number: string;
  edition: number;
  title: string;
  question: string;
  body: string;
  category_code: string;
  owner_unit_id: string;
  valid_until: string | null;
  hits: number;
  citations: number;
  /** How much of the question is in it. */
  matched: 'all' | 'most' | 'some' | 'heading';
}

/** Body, question and key words, title: what a word is worth by where it stands (D, C, B, A of PostgreSQL). */
const WEIGHTS = '{0.05, 0.1, 0.4, 1.0}';
const WORDS = "to_tsquery('simple', ?)";

/** The published articles in force on a day, searched. */
export class SearchStore {
  constructor(private readonly db: Database) {}

  /** Those that match the given breadth of a question, best first; `phrase` is the folded question itself. */
  async byWords(
    asked: AskedQuery,
    breadth: 'all' | 'most' | 'pair' | 'any',
    options: { phrase: string; day: string; filter: SearchFilter; limit: number; offset: number },
  ): Promise<FoundRow[]> {
    const { phrase, limit, offset } = options;
    const best = this.inForce(options)
      .whereRaw(`s.words @@ ${WORDS}`, [asked[breadth]])
      .select('s.article_id', 's.edition', {
        matched: this.matched(asked, breadth),
        rank: this.db.raw(
          `ts_rank('${WEIGHTS}', s.words, ${WORDS}) + case when strpos(s.heading, ?) > 0 then 1 else 0 end`,
          [asked.rank, phrase],
        ),
      })
      .orderByRaw('matched, rank desc, s.article_id')
      .limit(limit)
      .offset(offset);
    const rows = await this.whole(best).orderByRaw('f.matched, f.rank desc, f.article_id');
    const words = ['heading', 'all', 'most', 'some'] as const;
    return rows.map((row) => ({ ...row, matched: words[Number(row.matched)] ?? 'some' }));
  }

  /** Those whose title, question or key words contain a text (folded): for single characters and unknown words. */
  async byHeading(options: {
    phrase: string;
    day: string;
    filter: SearchFilter;
    limit: number;
    offset: number;
  }): Promise<FoundRow[]> {
    const pattern = `%${options.phrase.replace(/[\\%_]/g, '\\$&')}%`;
    const found = this.inForce(options)
      .where('s.heading', 'like', pattern)
      .select('s.article_id', 's.edition', { rank: this.db.raw('strpos(s.heading, ?)', [options.phrase]) })
      .orderByRaw('rank, s.article_id')
      .limit(options.limit)
      .offset(options.offset);
    const rows = await this.whole(found).orderByRaw('f.rank, f.article_id');
    return rows.map((row) => ({ ...row, matched: 'heading' }));
  }

  /** How much of the question a row has, as far as the breadth leaves it open: 1 all, 2 all but one, 3 less. */
  private matched({ all, most }: AskedQuery, breadth: 'all' | 'most' | 'pair' | 'any') {
    if (breadth === 'all') return this.db.raw('1');
    const has = `case when s.words @@ ${WORDS} then 1`;
    if (breadth === 'most') return this.db.raw(`${has} else 2 end`, [all]);
    return this.db.raw(`${has} when s.words @@ ${WORDS} then 2 else 3 end`, [all, most]);
  }

  private inForce({ day, filter }: { day: string; filter: SearchFilter }): Knex.QueryBuilder {
    const query = this.db('article_search as s')
      .whereRaw('(s.valid_from is null or s.valid_from <= ?::date)', [day])
      .whereRaw('(s.valid_until is null or s.valid_until >= ?::date)', [day]);
    const { categoryCode, unitId } = filter;
    if (unitId !== undefined)
      void query.whereIn(
        's.article_id',
        this.db('articles').where({ owner_unit_id: unitId }).select('article_id'),
      );
    if (categoryCode !== undefined)
      void query.where((any) =>
        any
          .where('s.category_code', categoryCode)
          .orWhereIn(
            's.category_code',
            this.db('ticket_categories').where({ parent_code: categoryCode }).select('category_code'),
          ),
      );
    return query;
  }

  /** The found ones with what a reader sees of them. */
  private whole(found: Knex.QueryBuilder) {
    return this.db
      .from(found.as('f'))
      .join('articles as a', 'a.article_id', 'f.article_id')
      .join('article_editions as e', (on) =>
        on.on('e.article_id', 'f.article_id').on('e.edition', 'f.edition'),
      )
      .select<FoundRow[]>(
        'f.*',
        ...['a.number', 'a.owner_unit_id', 'a.hits', 'a.citations', 'e.title', 'e.question', 'e.body'],
        ...['e.category_code', this.db.raw('e.valid_until::text as valid_until')],
      );
  }
}
