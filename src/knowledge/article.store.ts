import type { Knex } from 'knex';
import type { Database } from '../platform/postgres';
import type { ArticleState } from './article';
import type { ArticleRow, EditionRow, EditionText } from './article-row';

export interface ArticleHead {
  article_id: string;
  version: number;
  state: ArticleState;
  owner_unit_id: string;
  edition: number;
  published_edition: number | null;
  updated_at: Date;
}

/** Who did something to an edition, and when. */
export interface Hand {
  at: Date;
  id: string;
  name: string;
}

export interface ArticleFilter {
  state?: ArticleState;
  /** A category, or a branch with all below it. */
  categoryCode?: string;
  unitId?: string;
  /** Words in title, question or key words. */
  text?: string;
  /** In force, but not after this day. */
  expiresBy?: string;
}

/** Tables `articles`, `article_editions` and `article_uses`. Methods that take `trx` belong to a command's transaction. */
export class ArticleStore {
  constructor(private readonly db: Database) {}

  command<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** The article a request key has made; a repeated request waits here for the one before it. */
  async findByRequest(trx: Knex, key: string): Promise<string | null> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [key]);
    const row = await trx('articles').where({ request_key: key }).first<{ article_id: string }>('article_id');
    return row?.article_id ?? null;
  }

  async insert(
    trx: Knex,
    head: ArticleHead & { created_at: Date; request_key: string | null },
  ): Promise<void> {
    await trx('articles').insert(head);
  }

  /** Writes an edition, over the one of the same number: only an unpublished one is ever written twice. */
  async writeEdition(
    trx: Knex,
    articleId: string,
    edition: number,
    text: EditionText,
    by: Hand,
  ): Promise<void> {
    const row = {
      ...text,
      written_at: by.at,
      written_by: by.id,
      written_by_name: by.name,
      ...{ reviewed_at: null, reviewed_by_name: null },
    };
    await trx('article_editions')
      .insert({ ...row, article_id: articleId, edition })
      .onConflict(['article_id', 'edition'])
      .merge(row);
  }

  async signEdition(
    trx: Knex,
    articleId: string,
    edition: number,
    marks: Partial<Omit<EditionRow, 'article_id' | 'edition'>>,
  ): Promise<void> {
    await trx('article_editions').where({ article_id: articleId, edition }).update(marks);
  }

  /** Moves an article on if it is still the version the caller saw; answers false, and changes nothing, if not. */
  async move(trx: Knex, articleId: string, version: number, changes: Partial<ArticleHead>): Promise<boolean> {
    const moved = await trx('articles')
      .where({ article_id: articleId, version })
      .update({ ...changes, version: version + 1 });
    return moved > 0;
  }

  /** The article with its newest edition, or its published one. */
  async find(
    articleId: string,
    which: 'newest' | 'published' = 'newest',
    trx: Knex = this.db,
  ): Promise<ArticleRow | null> {
    const row = await this.read(which, trx).where('a.article_id', articleId).first<ArticleRow>();
    return row ?? null;
  }

  /** Newest first, numbered below `before`. `published`: only what is in force on the day, as readers see it. */
  list(
    filter: ArticleFilter,
    options: { which: 'newest' | 'published'; day: string; before: string | null; limit: number },
  ): Promise<ArticleRow[]> {
    const { which, day, before, limit } = options;
    const query = this.read(which, this.db).orderBy('a.number', 'desc').limit(limit);
    if (before !== null) void query.where('a.number', '<', before);
    if (which === 'published') void inForce(query, day);
    narrow(query, filter, day);
    return query;
  }

  editions(articleId: string): Promise<EditionRow[]> {
    return this.db('article_editions as e')
      .join('ticket_categories as c', 'c.category_code', 'e.category_code')
      .where({ article_id: articleId })
      .orderBy('e.edition', 'desc')
      .select<EditionRow[]>(editionColumns(this.db));
  }

  /** Counts a use. A ticket cites an article once, however often it says so. */
  async use(
    trx: Knex,
    use: {
      articleId: string;
      edition: number;
      at: Date;
      by: string | null;
      query?: string;
      ticketId?: string;
    },
  ): Promise<void> {
    const kind = use.ticketId === undefined ? 'hit' : 'citation';
    const added = await trx('article_uses')
      .insert({
        article_id: use.articleId,
        edition: use.edition,
        kind,
        at: use.at,
        person_id: use.by,
        query: use.query ?? null,
        ticket_id: use.ticketId ?? null,
      })
      .onConflict()
      .ignore()
      .returning('use_id');
    if (added.length > 0)
      await trx('articles')
        .where({ article_id: use.articleId })
        .increment(kind === 'hit' ? 'hits' : 'citations');
  }

  private read(which: 'newest' | 'published', db: Knex) {
    return db('articles as a')
      .join('article_editions as e', (on) =>
        on
          .on('e.article_id', 'a.article_id')
          .on('e.edition', which === 'newest' ? 'a.edition' : 'a.published_edition'),
      )
      .leftJoin('article_editions as p', (on) =>
        on.on('p.article_id', 'a.article_id').on('p.edition', 'a.published_edition'),
      )
      .join('ticket_categories as c', 'c.category_code', 'e.category_code')
      .select<ArticleRow[]>(
        ...['a.number', 'a.version', 'a.state', 'a.owner_unit_id', 'a.published_edition', 'a.hits'],
        ...['a.citations', 'a.created_at', 'a.updated_at', 'a.edition as newest_edition'],
        db.raw('p.valid_from::text as in_force_from'),
        db.raw('p.valid_until::text as in_force_until'),
        ...editionColumns(db),
      );
  }
}

function editionColumns(db: Knex) {
  return [
    ...['e.article_id', 'e.edition', 'e.title', 'e.question', 'e.body', 'e.keywords', 'e.category_code'],
    ...['e.written_at', 'e.written_by', 'e.written_by_name', 'e.reviewed_at', 'e.reviewed_by_name'],
    ...['e.published_at', 'e.published_by_name', 'c.name as category_name'],
    db.raw('e.valid_from::text as valid_from'),
    db.raw('e.valid_until::text as valid_until'),
  ];
}

function inForce(query: Knex.QueryBuilder, day: string): Knex.QueryBuilder {
  return query
    .whereNotNull('a.published_edition')
    .whereRaw('(p.valid_from is null or p.valid_from <= ?::date)', [day])
    .whereRaw('(p.valid_until is null or p.valid_until >= ?::date)', [day]);
}

function narrow(query: Knex.QueryBuilder, filter: ArticleFilter, day: string): void {
  const { state, categoryCode, unitId, text, expiresBy } = filter;
  const ended = "(a.state = 'published' and e.valid_until is not null and e.valid_until < ?::date)";
  if (state === 'expired') void query.whereRaw(`(a.state = 'expired' or ${ended})`, [day]);
  else if (state === 'published') void query.where('a.state', state).whereRaw(`not ${ended}`, [day]);
  else if (state) void query.where('a.state', state);
  if (unitId !== undefined) void query.where('a.owner_unit_id', unitId);
  if (categoryCode !== undefined)
    void query.where((any) =>
      any.where('e.category_code', categoryCode).orWhere('c.parent_code', categoryCode),
    );
  if (expiresBy !== undefined) void inForce(query, day).whereRaw('p.valid_until <= ?::date', [expiresBy]);
  if (text) {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    void query.where((any) =>
      any
        .whereILike('e.title', pattern)
        .orWhereILike('e.question', pattern)
        .orWhereRaw('? = any(e.keywords)', [text]),
    );
  }
}
