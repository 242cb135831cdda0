import { z } from 'zod';
import { may, type Action, type Role } from '../permissions';
import { knowledgeText } from './article';

/** A question to which no answer was found (D1): a task of the unit that keeps the matter's articles. */
export const TASK_STATES = { open: '待补充', answered: '已补充', closed: '已关闭' } as const;
export type TaskState = keyof typeof TASK_STATES;

export type TaskAction = 'answer' | 'reopen' | 'close';

/** open ─answer (by an article)→ answered ─close→ closed; `reopen`: the article does not answer it. */
export const TASK_ACTIONS: Record<
  TaskAction,
  { moves: Partial<Record<TaskState, TaskState>>; permission: Action; words: string; clause: 'D1' }
> = {
  answer: { moves: { open: 'answered' }, permission: 'knowledge.write', words: '补充', clause: 'D1' },
  reopen: { moves: { answered: 'open' }, permission: 'knowledge.review', words: '退回', clause: 'D1' },
  close: {
    moves: { open: 'closed', answered: 'closed' },
    permission: 'knowledge.review',
    words: '关闭',
    clause: 'D1',
  },
};

/** What somebody of a role may do with a task in a state. */
export function taskActions(state: TaskState, role: Role): TaskAction[] {
  return (Object.keys(TASK_ACTIONS) as TaskAction[]).filter(
    (action) => TASK_ACTIONS[action].moves[state] !== undefined && may(role, TASK_ACTIONS[action].permission),
  );
}

/** What an agent writes who found no answer. The unit follows from the category where it is not named. */
export const questionInput = z
  .strictObject({
    question: knowledgeText(1000).min(2),
    categoryCode: knowledgeText(40).min(1).nullable().default(null),
    areaCode: knowledgeText(20).min(1).nullable().default(null),
    unitId: knowledgeText(40).min(1).nullable().default(null),
    ticketId: knowledgeText(80).min(1).nullable().default(null),
    callId: knowledgeText(80).min(1).nullable().default(null),
  })
  .refine(({ categoryCode, unitId }) => categoryCode !== null || unitId !== null, {
    message: '须指明类别或知识归口单位',
    path: ['categoryCode'],
  });
export type QuestionInput = z.output<typeof questionInput>;
