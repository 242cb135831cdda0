import type { ArticleState, Validity } from './article';

/** An article with its newest edition, or for a reader its published one. Instants are UTC, days the city's. */
export interface ArticleRow extends EditionRow {
  number: string;
  version: number;
  state: ArticleState;
  owner_unit_id: string;
  newest_edition: number;
  published_edition: number | null;
  /** Days of the published edition. */
  in_force_from: string | null;
  in_force_until: string | null;
  hits: number;
  citations: number;
  created_at: Date;
  updated_at: Date;
}

export interface EditionRow {
  article_id: string;
  edition: number;
  title: string;
  question: string;
  body: string;
  keywords: string[];
  category_code: string;
  category_name: string;
  valid_from: string | null;
  valid_until: string | null;
  written_at: Date;
  written_by: string;
  written_by_name: string;
  reviewed_at: Date | null;
  reviewed_by_name: string | null;
  published_at: Date | null;
  published_by_name: string | null;
}

/** What a person writes into an edition. */
export type EditionText = Pick<EditionRow, 'title' | 'question' | 'body' | 'keywords' | 'category_code'> & {
  valid_from: string | null;
  valid_until: string | null;
};

export const validityOf = (row: Pick<EditionRow, 'valid_from' | 'valid_until'>): Validity => ({
  validFrom: row.valid_from,
  validUntil: row.valid_until,
});

export const inForceDays = (row: ArticleRow): Validity => ({
  validFrom: row.in_force_from,
  validUntil: row.in_force_until,
});
