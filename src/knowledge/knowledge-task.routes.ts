import { z } from 'zod';
import { cityInstant, shiftDay } from '../deadlines/city-time';
import { route, type Route } from '../platform/http-route';
import { knowledgeText } from './article';
import { DIRECT_ANSWER, directAnswerRates } from './direct-answer';
import type { DirectAnswerStore } from './direct-answer.store';
import type { OwnWords } from './own-words.service';
import { questionInput } from './knowledge-task';
import type { KnowledgeTasks } from './knowledge-task.service';
import { directAnswerReply, taskListReply, taskReply, taskStateName } from './knowledge-reply';

const TAG = '知识库';
const LONGEST_DAYS = 1100;
const id = knowledgeText(80).min(1);
const params = z.object({ taskId: id });
const version = z.int().min(1);
const reason = knowledgeText(400).min(2);

interface Deps {
  tasks: KnowledgeTasks;
  directAnswers: DirectAnswerStore;
  words: OwnWords;
}

/** Questions without an answer as tasks; the direct-answer rate; the search's own words. */
export function knowledgeTaskRoutes(deps: Deps): Route[] {
  return [...askRoutes(deps), ...taskActionRoutes(deps), ...figureRoutes(deps), ...wordRoutes(deps)];
}

function askRoutes({ tasks }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/knowledge/tasks',
      summary: '未找到答案：向归口单位提出补充知识的任务（单位可由类别确定）',
      tag: TAG,
      action: 'knowledge.use',
      body: questionInput,
      idempotent: true,
      status: 201,
      reply: taskReply,
      handle: ({ body, caller, idempotencyKey }) => tasks.ask(body, caller, idempotencyKey ?? null),
    }),
    route({
      method: 'get',
      path: '/knowledge/tasks',
      summary: '知识补充任务，新的在前；单位见本单位的，坐席见本人提出的',
      tag: TAG,
      action: 'knowledge.read',
      query: z.object({
        state: taskStateName.optional(),
        unitId: id.optional(),
        cursor: z
          .string()
          .regex(/^\d{1,18}$/, '游标无效')
          .optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
      reply: taskListReply,
      handle: ({ query: { cursor, limit, ...filter }, caller }) =>
        tasks.list(filter, { cursor, limit }, caller),
    }),
    route({
      method: 'get',
      path: '/knowledge/tasks/:taskId',
      summary: '一个知识补充任务',
      tag: TAG,
      action: 'knowledge.read',
      params,
      reply: taskReply,
      handle: ({ params: { taskId }, caller }) => tasks.show(taskId, caller),
    }),
  ];
}

function taskActionRoutes({ tasks }: Deps): Route[] {
  return [
    route({
      method: 'post',
      path: '/knowledge/tasks/:taskId/answer',
      summary: '以已发布的知识条目答复任务',
      tag: TAG,
      action: 'knowledge.write',
      params,
      body: z.strictObject({ version, articleId: id }),
      reply: taskReply,
      handle: ({ params: { taskId }, body, caller }) =>
        tasks.answer(taskId, body.version, body.articleId, caller),
    }),
    route({
      method: 'post',
      path: '/knowledge/tasks/:taskId/reopen',
      summary: '所给知识未解答问题，退回单位，须说明原因',
      tag: TAG,
      action: 'knowledge.review',
      params,
      body: z.strictObject({ version, reason }),
      reply: taskReply,
      handle: ({ params: { taskId }, body, caller }) =>
        tasks.reopen(taskId, body.version, body.reason, caller),
    }),
    route({
      method: 'post',
      path: '/knowledge/tasks/:taskId/close',
      summary: '关闭任务，须说明原因',
      tag: TAG,
      action: 'knowledge.review',
      params,
      body: z.strictObject({ version, reason }),
      reply: taskReply,
      handle: ({ params: { taskId }, body, caller }) =>
        tasks.close(taskId, body.version, body.reason, caller),
    }),
  ];
}

function figureRoutes({ directAnswers }: Deps): Route[] {
  const query = z
    .object({ from: z.iso.date(), to: z.iso.date(), by: z.enum(['day', 'month']).default('day') })
    .refine(({ from, to }) => from <= to && to <= shiftDay(from, LONGEST_DAYS), {
      message: `须从前往后，最长${LONGEST_DAYS}天`,
      path: ['to'],
    });
  return [
    route({
      method: 'get',
      path: '/knowledge/direct-answer-rate',
      summary: '直接答复率，按日或按月（起止日均含，本市时间）',
      tag: TAG,
      action: 'knowledge.figures',
      query,
      reply: directAnswerReply,
      handle: async ({ query: { from, to, by } }) => {
        const counts = await directAnswers.counts(cityInstant(from, '00:00'), cityInstant(to, '24:00'), by);
        return { ...DIRECT_ANSWER, ...directAnswerRates(counts) };
      },
    }),
  ];
}

function wordRoutes({ words }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/knowledge/words',
      summary: '检索分词的自有词：单位、热线、术语及本市添加的',
      tag: TAG,
      action: 'knowledge.words',
      reply: z.object({
        items: z.array(z.object({ word: z.string(), origin: z.enum(['term', 'unit', 'line', 'own']) })),
      }),
      handle: async () => ({ items: await words.list() }),
    }),
    route({
      method: 'post',
      path: '/knowledge/words',
      summary: '添加自有词；已发布的知识随即重新分词',
      tag: TAG,
      action: 'knowledge.words',
      body: z.strictObject({
        words: z
          .array(
            z
              .string()
              .trim()
              .regex(/^[\p{L}\p{N}]{2,40}$/u, '须为2至40个文字或数字'),
          )
          .min(1)
          .max(200),
      }),
      reply: z.object({ added: z.int() }),
      handle: async ({ body, caller }) => ({ added: await words.add(body.words, caller) }),
    }),
  ];
}
