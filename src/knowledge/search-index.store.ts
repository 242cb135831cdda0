import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';

/** What of an article is cut into words. */
export interface SearchedText {
  articleId: string;
  edition: number;
  title: string;
  question: string;
  body: string;
  keywords: string[];
}

export interface CutText {
  heading: string;
  titleWords: string;
  questionWords: string;
  bodyWords: string;
  dictionary: number;
}

/** Table `article_search`, written. */
export class SearchIndexStore {
  constructor(private readonly db: Database) {}

  /** Puts the published edition of an article into the search, in the place of the one before. */
  async put(trx: Knex, articleId: string, cut: CutText): Promise<void> {
    await trx.raw(
      `insert into article_search (article_id, edition, category_code, valid_from, valid_until, heading,
                                   title_words, question_words, body_words, dictionary)
       select a.article_id, e.edition, e.category_code, e.valid_from, e.valid_until, ?, ?, ?, ?, ?
         from articles a join article_editions e on e.article_id = a.article_id and e.edition = a.published_edition
        where a.article_id = ?
       on conflict (article_id) do update set
         edition = excluded.edition, category_code = excluded.category_code,
         valid_from = excluded.valid_from, valid_until = excluded.valid_until, heading = excluded.heading,
         title_words = excluded.title_words, question_words = excluded.question_words,
         body_words = excluded.body_words, dictionary = excluded.dictionary`,
      [cut.heading, cut.titleWords, cut.questionWords, cut.bodyWords, cut.dictionary, articleId],
    );
  }

  async remove(trx: Knex, articleId: string): Promise<void> {
    await trx('article_search').where({ article_id: articleId }).delete();
  }

  /** Articles that were cut before this word of the dictionary was known. */
  stale(dictionary: number, limit: number): Promise<SearchedText[]> {
    return this.db('article_search as s')
      .join('article_editions as e', (on) =>
        on.on('e.article_id', 's.article_id').on('e.edition', 's.edition'),
      )
      .where('s.dictionary', '<', dictionary)
      .orderBy('s.dictionary')
      .limit(limit)
      .select<SearchedText[]>({
        articleId: 's.article_id',
        edition: 's.edition',
        title: 'e.title',
        question: 'e.question',
        body: 'e.body',
        keywords: 'e.keywords',
      });
  }

  /** Cuts an article anew, unless another edition has taken its place meanwhile. */
  async recut({ articleId, edition }: SearchedText, cut: CutText): Promise<void> {
    await this.db('article_search').where({ article_id: articleId, edition }).update({
      heading: cut.heading,
      title_words: cut.titleWords,
      question_words: cut.questionWords,
      body_words: cut.bodyWords,
      dictionary: cut.dictionary,
    });
  }
}
