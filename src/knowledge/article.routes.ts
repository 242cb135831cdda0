import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { articleInput, knowledgeText } from './article';
import type { ArticleReading } from './article-reading.service';
import type { KnowledgeService } from './knowledge.service';
import {
  articleListReply,
  articleReply,
  articleStateName,
  editionsReply,
  searchReply,
} from './knowledge-reply';
import type { KnowledgeSearch } from './search.service';

const TAG = '知识库';
const id = knowledgeText(80).min(1);
const params = z.object({ articleId: id });
const version = z.int().min(1);
const reason = knowledgeText(400).min(2);
const limit = z.coerce.number().int().min(1).max(100).default(20);
const filters = {
  state: articleStateName.optional(),
  categoryCode: id.optional(),
  unitId: id.optional(),
  text: knowledgeText(100).optional(),
  expiresBy: z.iso.date().optional(),
};

interface Deps {
  knowledge: KnowledgeService;
  reading: ArticleReading;
  search: KnowledgeSearch;
}

/** Knowledge articles over HTTP: search, list, show, editions, export; write, review, publish, withdraw. */
export function articleRoutes(deps: Deps): Route[] {
  return [...searchRoutes(deps), ...readRoutes(deps), ...writeRoutes(deps), ...actionRoutes(deps)];
}

function searchRoutes({ search, knowledge }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/knowledge/search',
      summary: '检索已发布的知识（中文分词，按相关度排序，命中处以位置标出）',
      tag: TAG,
      action: 'knowledge.read',
      query: z.object({
        q: knowledgeText(1000).min(1),
        category: id.optional(),
        unitId: id.optional(),
        cursor: z
          .string()
          .regex(/^(all|most|pair|any|heading)\.\d{1,4}$/, '游标无效')
          .optional(),
        limit: z.coerce.number().int().min(1).max(50).default(10),
      }),
      reply: searchReply,
      handle: ({ query }) =>
        search.search(
          query.q,
          { categoryCode: query.category, unitId: query.unitId },
          { limit: query.limit, cursor: query.cursor },
        ),
    }),
    route({
      method: 'post',
      path: '/knowledge/articles/:articleId/hits',
      summary: '记录一次从检索结果打开',
      tag: TAG,
      action: 'knowledge.use',
      params,
      body: z.strictObject({ query: knowledgeText(1000).default('') }),
      handle: ({ params: { articleId }, body, caller }) => knowledge.opened(articleId, body.query, caller),
    }),
  ];
}

function readRoutes({ reading }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/knowledge/articles',
      summary: '知识条目列表，新的在前；坐席见今日有效的，单位见本单位的，班长和管理员见全部',
      tag: TAG,
      action: 'knowledge.read',
      query: z.object({
        ...filters,
        cursor: z
          .string()
          .regex(/^\d{1,18}$/, '游标无效')
          .optional(),
        limit,
      }),
      reply: articleListReply,
      handle: ({ query: { cursor, limit: most, ...filter }, caller }) =>
        reading.list(filter, { cursor, limit: most }, caller),
    }),
    route({
      method: 'get',
      path: '/knowledge/articles/export',
      summary: '导出知识条目（CSV 或 XLSX）',
      tag: TAG,
      action: 'knowledge.write',
      query: z.object({ ...filters, format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: ({ query: { format, ...filter }, caller }) => reading.exportList(filter, format, caller),
    }),
    route({
      method: 'get',
      path: '/knowledge/articles/:articleId',
      summary: '一个知识条目：维护者见最新版本，其他人见发布的版本',
      tag: TAG,
      action: 'knowledge.read',
      params,
      reply: articleReply,
      handle: ({ params: { articleId }, caller }) => reading.show(articleId, caller),
    }),
    route({
      method: 'get',
      path: '/knowledge/articles/:articleId/versions',
      summary: '知识条目的各个版本，新的在前；未发布过的版本只有维护者可见',
      tag: TAG,
      action: 'knowledge.read',
      params,
      reply: editionsReply,
      handle: ({ params: { articleId }, caller }) => reading.editions(articleId, caller),
    }),
  ];
}

function writeRoutes({ knowledge, reading }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/knowledge/articles',
      summary: '新建知识条目（草稿）；单位只能为本单位新建',
      tag: TAG,
      action: 'knowledge.write',
      body: articleInput,
      idempotent: true,
      status: 201,
      reply: articleReply,
      handle: async ({ body, caller, idempotencyKey }) => {
        const articleId = await knowledge.create(body, caller, idempotencyKey ?? null);
        return reading.show(articleId, caller);
      },
    }),
    route({
      method: 'put',
      path: '/knowledge/articles/:articleId',
      summary: '修改知识条目；已发布的产生新版本，回到草稿待审核，原版本在新版本发布前继续有效',
      tag: TAG,
      action: 'knowledge.write',
      params,
      body: articleInput.safeExtend({ version }),
      reply: articleReply,
      handle: async ({ params: { articleId }, body: { version: seen, ...input }, caller }) => {
        await knowledge.change(articleId, seen, input, caller);
        return reading.show(articleId, caller);
      },
    }),
  ];
}

function actionRoutes({ knowledge, reading }: Deps): Route[] {
  const plain = z.strictObject({ version });
  const reasoned = z.strictObject({ version, reason });
  return [
    route({
      method: 'post',
      path: '/knowledge/articles/:articleId/review',
      summary: '审核通过',
      tag: TAG,
      action: 'knowledge.review',
      params,
      body: plain,
      reply: articleReply,
      handle: async ({ params: { articleId }, body, caller }) => {
        await knowledge.review(articleId, body.version, caller);
        return reading.show(articleId, caller);
      },
    }),
    route({
      method: 'post',
      path: '/knowledge/articles/:articleId/send-back',
      summary: '退回修改，须说明原因',
      tag: TAG,
      action: 'knowledge.review',
      params,
      body: reasoned,
      reply: articleReply,
      handle: async ({ params: { articleId }, body, caller }) => {
        await knowledge.sendBack(articleId, body.version, body.reason, caller);
        return reading.show(articleId, caller);
      },
    }),
    route({
      method: 'post',
      path: '/knowledge/articles/:articleId/publish',
      summary: '发布审核通过的版本，即刻可检索',
      tag: TAG,
      action: 'knowledge.review',
      params,
      body: plain,
      reply: articleReply,
      handle: async ({ params: { articleId }, body, caller }) => {
        await knowledge.publish(articleId, body.version, caller);
        return reading.show(articleId, caller);
      },
    }),
    route({
      method: 'post',
      path: '/knowledge/articles/:articleId/withdraw',
      summary: '下架发布的版本，须说明原因',
      tag: TAG,
      action: 'knowledge.write',
      params,
      body: reasoned,
      reply: articleReply,
      handle: async ({ params: { articleId }, body, caller }) => {
        await knowledge.withdraw(articleId, body.version, body.reason, caller);
        return reading.show(articleId, caller);
      },
    }),
  ];
}
