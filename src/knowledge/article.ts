import { z } from 'zod';

/** A knowledge article (知识条目, D1): the answer of a unit to a question that citizens ask. */
export const ARTICLE_STATES = {
  draft: '草稿',
  reviewed: '已审核',
  published: '已发布',
  expired: '已失效',
} as const;
export type ArticleState = keyof typeof ARTICLE_STATES;

/** Text as PostgreSQL can keep it: it has no NUL. */
export const knowledgeText = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .regex(/^[^\u0000]*$/, '不能含有空字符');
const line = (longest: number) => knowledgeText(longest).regex(/^\P{Cc}*$/u, '不能换行');

/** What its keeper writes. Days are the city's; without them it is in force from publishing on, and without an end. */
export const articleInput = z
  .strictObject({
    title: line(100).min(1),
    /** As citizens ask it. */
    question: line(400).default(''),
    body: knowledgeText(20_000).min(1),
    keywords: z.array(line(40).min(1)).max(20).default([]),
    categoryCode: knowledgeText(40).min(1),
    /** A unit's clerk writes for the own unit only and may leave it out. */
    ownerUnitId: knowledgeText(40).min(1).nullable().default(null),
    validFrom: z.iso.date().nullable().default(null),
    validUntil: z.iso.date().nullable().default(null),
  })
  .refine(({ validFrom, validUntil }) => !validFrom || !validUntil || validFrom <= validUntil, {
    message: '失效日期不能早于生效日期',
    path: ['validUntil'],
  });
export type ArticleInput = z.output<typeof articleInput>;

/** First and last day of the city on which an edition answers; null: open on that side. */
export interface Validity {
  validFrom: string | null;
  validUntil: string | null;
}

/** Whether a day (`YYYY-MM-DD`, the city's) lies within. */
export function validOn({ validFrom, validUntil }: Validity, day: string): boolean {
  return (validFrom === null || validFrom <= day) && (validUntil === null || day <= validUntil);
}

/** The state people see: a published article expires by its last day, without anybody doing anything. */
export function articleState(stored: ArticleState, { validUntil }: Validity, day: string): ArticleState {
  return stored === 'published' && validUntil !== null && validUntil < day ? 'expired' : stored;
}
