import { z } from 'zod';
import { ARTICLE_STATES, type ArticleState } from './article';
import { ARTICLE_ACTIONS, type ArticleAction } from './article-lifecycle';
import { TASK_ACTIONS, TASK_STATES, type TaskAction, type TaskState } from './knowledge-task';

/** The replies in the API's documents. Instants are ISO 8601 in UTC, days the city's. */
const instant = z.iso.datetime();
const keysOf = <K extends string>(table: Record<K, unknown>) => z.enum(Object.keys(table) as [K, ...K[]]);
const count = z.int().min(0);

export const articleStateName = keysOf<ArticleState>(ARTICLE_STATES);
export const taskStateName = keysOf<TaskState>(TASK_STATES);

const edition = z.object({
  edition: z.int(),
  title: z.string(),
  question: z.string(),
  body: z.string(),
  keywords: z.array(z.string()),
  categoryCode: z.string(),
  categoryName: z.string(),
  validFrom: z.iso.date().nullable(),
  validUntil: z.iso.date().nullable(),
  writtenAt: instant,
  writtenByName: z.string(),
  reviewedAt: instant.nullable(),
  reviewedByName: z.string().nullable(),
  publishedAt: instant.nullable(),
  publishedByName: z.string().nullable(),
});

const summary = z.object({
  articleId: z.string(),
  number: z.string(),
  version: z.int().describe('修改时带回，防止覆盖他人的修改'),
  state: articleStateName,
  inForce: z.boolean().describe('今日可检索、可引用'),
  edition: z.int().describe('所示内容的版本号'),
  publishedEdition: z.int().nullable(),
  title: z.string(),
  question: z.string(),
  keywords: z.array(z.string()),
  categoryCode: z.string(),
  categoryName: z.string(),
  unitId: z.string(),
  unitName: z.string().nullable(),
  validFrom: z.iso.date().nullable(),
  validUntil: z.iso.date().nullable(),
  hits: count,
  citations: count,
  updatedAt: instant,
  actions: z.array(keysOf<ArticleAction>(ARTICLE_ACTIONS)),
});

const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const articleReply = summary.extend(edition.shape);
export const articleListReply = page(summary);
export const editionsReply = z.object({ items: z.array(edition.extend({ inForce: z.boolean() })) });

const markedText = z
  .object({ text: z.string(), marks: z.array(z.tuple([z.int(), z.int()])) })
  .describe('原文及命中位置 [起, 止)，以 UTF-16 单位计；不含任何标记');

export const searchReply = page(
  z.object({
    articleId: z.string(),
    number: z.string(),
    edition: z.int(),
    title: markedText,
    question: markedText,
    snippet: markedText,
    categoryCode: z.string(),
    unitId: z.string(),
    unitName: z.string().nullable(),
    validUntil: z.iso.date().nullable(),
    hits: count,
    citations: count,
    matched: z
      .enum(['all', 'most', 'some', 'heading'])
      .describe('全部词、仅缺一词、部分词、标题或问题中含原文'),
  }),
);

export const taskReply = z.object({
  taskId: z.string(),
  number: z.string(),
  version: z.int(),
  state: taskStateName,
  question: z.string(),
  categoryCode: z.string().nullable(),
  categoryName: z.string().nullable(),
  unitId: z.string(),
  unitName: z.string().nullable(),
  ticketId: z.string().nullable(),
  callId: z.string().nullable(),
  askedAt: instant,
  askedByName: z.string(),
  articleId: z.string().nullable(),
  articleTitle: z.string().nullable(),
  answeredAt: instant.nullable(),
  answeredByName: z.string().nullable(),
  closedAt: instant.nullable(),
  closedByName: z.string().nullable(),
  closedWhy: z.string().nullable(),
  actions: z.array(keysOf<TaskAction>(TASK_ACTIONS)),
});
export const taskListReply = page(taskReply);

const figure = z.object({ accepted: count, answered: count, rate: z.number().nullable() });
export const directAnswerReply = z.object({
  name: z.string(),
  formula: z.string(),
  clause: z.string(),
  periods: z.array(figure.extend({ period: z.string() })),
  total: figure,
});
