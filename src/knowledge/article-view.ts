import type { Role } from '../permissions';
import { articleState, validOn } from './article';
import { articleActions } from './article-lifecycle';
import { inForceDays, validityOf, type ArticleRow, type EditionRow } from './article-row';

export interface ArticleReader {
  role: Role;
  /** The reader keeps the article: sees its newest edition and may act on it. */
  own: boolean;
  /** The city's day. */
  day: string;
  unitName: string | null;
}

/** An article in a list, as somebody may see it. */
export function articleSummary(row: ArticleRow, { role, own, day, unitName }: ArticleReader) {
  const state = own ? articleState(row.state, validityOf(row), day) : 'published';
  const published = row.published_edition !== null;
  return {
    articleId: row.article_id,
    number: row.number,
    version: row.version,
    state,
    /** Agents find it today. */
    inForce: published && validOn(inForceDays(row), day),
    edition: row.edition,
    publishedEdition: row.published_edition,
    title: row.title,
    question: row.question,
    keywords: row.keywords,
    categoryCode: row.category_code,
    categoryName: row.category_name,
    unitId: row.owner_unit_id,
    unitName,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    hits: row.hits,
    citations: row.citations,
    updatedAt: row.updated_at.toISOString(),
    actions: articleActions({ state, published, role, own }),
  };
}

/** An edition among the editions of its article. */
export function editionView(row: EditionRow) {
  return {
    edition: row.edition,
    title: row.title,
    question: row.question,
    body: row.body,
    keywords: row.keywords,
    categoryCode: row.category_code,
    categoryName: row.category_name,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    writtenAt: row.written_at.toISOString(),
    writtenByName: row.written_by_name,
    reviewedAt: row.reviewed_at?.toISOString() ?? null,
    reviewedByName: row.reviewed_by_name,
    publishedAt: row.published_at?.toISOString() ?? null,
    publishedByName: row.published_by_name,
  };
}
