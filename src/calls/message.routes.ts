import { z } from 'zod';
import { HotlineError } from '../errors';
import { maskNumber } from '../lines/phone-number';
import { may } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import { route, type Caller, type Route } from '../platform/http-route';
import {
  MESSAGE_RESULTS,
  MESSAGE_STATES,
  messageFinish,
  type Message,
  type MessageResult,
  type MessageState,
} from './message';
import type { MessageStore } from './message.store';

interface Deps {
  store: MessageStore;
  /** The queues a person's skills serve. */
  queuesOf(personId: string): string[];
  nameOf(personId: string): string | null;
  /** The id of a work order by its number; null when there is none. */
  ticketOf(number: string): Promise<string | null>;
  audit: Pick<AuditStore, 'append'>;
  now(): Date;
}

const TAG = '语音留言';
const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');
const STATES = Object.keys(MESSAGE_STATES) as [MessageState, ...MessageState[]];
const params = z.object({ messageId: z.string().max(120) });

const messageView = z.object({
  messageId: z.string().describe('也是录音编号：收听用 /recordings/{id}/plays'),
  callId: z.string(),
  masked: z.string(),
  hidden: z.boolean(),
  lineName: z.string(),
  queue: z.string(),
  leftAt: instant,
  seconds: z.int(),
  state: z.enum(STATES),
  audio: z.enum(['awaited', 'kept', 'lost']),
  sha256: z.string().nullable(),
  takenBy: z.string().nullable(),
  takenByName: z.string().nullable(),
  takenAt: instant.nullable(),
  doneByName: z.string().nullable(),
  doneAt: instant.nullable(),
  result: z.enum(Object.keys(MESSAGE_RESULTS) as [MessageResult, ...MessageResult[]]).nullable(),
  ticketId: z.string().nullable(),
  ticketNumber: z.string().nullable(),
  note: z.string(),
});
export type MessageView = z.infer<typeof messageView>;

/** Voice messages as tasks: agents see those of the queues they serve, supervisors all and may take one from somebody. */
export function messageRoutes(deps: Deps): Route[] {
  const { store, now } = deps;
  const seesAll = (caller: Caller): boolean => may(caller.role, 'call.view-all');
  const queuesOf = (caller: Caller): string[] | undefined =>
    seesAll(caller) ? undefined : deps.queuesOf(caller.personId);
  const view = (message: Message): MessageView => {
    const { number, line, durationMs, doneBy, takenBy, ...rest } = message;
    return {
      ...rest,
      masked: maskNumber(number),
      hidden: number === null,
      lineName: line.lineName,
      seconds: Math.round(durationMs / 1000),
      takenBy,
      takenByName: takenBy && deps.nameOf(takenBy),
      doneByName: doneBy && deps.nameOf(doneBy),
    };
  };
  const found = async (messageId: string, caller: Caller): Promise<Message> => {
    const message = await store.one(messageId);
    const queues = queuesOf(caller);
    if (!message || (queues && !queues.includes(message.queue) && message.takenBy !== caller.personId))
      throw new HotlineError('not-found', '没有这条留言');
    return message;
  };
  const note = (caller: Caller, action: string, messageId: string, facts: Record<string, unknown> = {}) =>
    deps.audit.append({ who: caller.personId, action, subject: messageId, facts, address: caller.address });

  return [
    route({
      method: 'get',
      path: '/messages',
      tag: TAG,
      summary: '语音留言列表，最新在前；坐席只见本人技能所服务的队列',
      action: 'message.work',
      query: z.object({
        state: z
          .string()
          .max(60)
          .transform((text) => text.split(','))
          .pipe(z.array(z.enum(STATES)))
          .optional()
          .describe('一个或多个状态，逗号分隔'),
        mine: z.enum(['true', 'false']).default('false'),
        after: z
          .string()
          .regex(/^\d{10,16}_[\w-]{1,120}$/)
          .optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: z.object({
        messages: z.array(messageView),
        next: z.string().nullable(),
        counts: z.object({ new: z.int(), mine: z.int() }),
      }),
      handle: async ({ query: { state, mine, after, limit }, caller }) => {
        const queues = queuesOf(caller);
        const takenBy = mine === 'true' ? caller.personId : undefined;
        const [messages, counts] = await Promise.all([
          store.list({ states: state, queues, takenBy, after, limit }),
          store.counts(queues, caller.personId),
        ]);
        const last = messages.length === limit ? messages.at(-1) : undefined;
        return {
          messages: messages.map(view),
          next: last ? `${last.leftAt}_${last.messageId}` : null,
          counts,
        };
      },
    }),
    route({
      method: 'post',
      path: '/messages/:messageId/take',
      tag: TAG,
      summary: '领取留言；班长可接手他人的',
      action: 'message.work',
      params,
      reply: messageView,
      handle: async ({ params: { messageId }, caller }) => {
        const { state, takenBy } = await found(messageId, caller);
        if (state === 'taken' && takenBy === caller.personId) return view(await found(messageId, caller));
        const from = state === 'taken' && seesAll(caller) ? takenBy : null;
        if (!(await store.take(messageId, caller.personId, from, now())))
          throw new HotlineError('wrong-state', '这条留言已由他人领取或已处理', { messageId });
        await note(caller, 'message.take', messageId, from ? { from } : {});
        return view(await found(messageId, caller));
      },
    }),
    route({
      method: 'post',
      path: '/messages/:messageId/release',
      tag: TAG,
      summary: '退回留言，由他人领取',
      action: 'message.work',
      params,
      reply: messageView,
      handle: async ({ params: { messageId }, caller }) => {
        await found(messageId, caller);
        if (!(await store.release(messageId, caller.personId)))
          throw new HotlineError('wrong-state', '只能退回本人领取的留言', { messageId });
        await note(caller, 'message.release', messageId);
        return view(await found(messageId, caller));
      },
    }),
    route({
      method: 'post',
      path: '/messages/:messageId/finish',
      tag: TAG,
      summary: '办结留言：已立工单（关联）、已回电、或无需处理（说明原因）',
      action: 'message.work',
      params,
      body: messageFinish,
      reply: messageView,
      handle: async ({ params: { messageId }, body, caller }) => {
        await found(messageId, caller);
        const { result, ticketNumber } = body;
        const ticketId = ticketNumber === null ? null : await deps.ticketOf(ticketNumber);
        if (ticketNumber !== null && ticketId === null)
          throw new HotlineError('not-found', '没有这个工单编号', { field: 'ticketNumber' });
        if (!(await store.finish(messageId, caller.personId, body, ticketId, now())))
          throw new HotlineError('wrong-state', '请先领取这条留言', { messageId });
        await note(caller, 'message.finish', messageId, { result, ticketId });
        return view(await found(messageId, caller));
      },
    }),
  ];
}
