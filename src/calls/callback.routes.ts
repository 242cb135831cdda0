import { z } from 'zod';
import { HotlineError } from '../errors';
import type { writeSheet } from '../lines/line-sheet.adapter';
import { may } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import { route, type Caller, type Route } from '../platform/http-route';
import { CALLBACK_STATES, type CallbackState } from './callback-state';
import {
  attemptView,
  CALLBACK_COLUMNS,
  callbackCells,
  callbackView,
  figuresView,
  missedView,
  viewAttempt,
  viewCallback,
  viewMissed,
} from './callback-view';
import type { Callback, CallbackFigures, CallbackFilter, CallbackStore } from './callback.store';

interface Deps {
  store: CallbackStore;
  figures(): Promise<CallbackFigures>;
  /** The queues a person's skills serve. */
  queuesOf(personId: string): string[];
  nameOf(personId: string): string | null;
  targetMs: number;
  audit: Pick<AuditStore, 'append'>;
  write: typeof writeSheet;
  /** A person changed something: it is looked at without delay. */
  hurry(): void;
  now(): Date;
}

const TAG = '漏接回拨';
const params = z.object({ callbackId: z.string().max(80) });
const STATES = Object.keys(CALLBACK_STATES) as [CallbackState, ...CallbackState[]];
const filter = z.object({
  state: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(STATES)))
    .optional()
    .describe('一个或多个状态，逗号分隔'),
  lineId: z.string().max(80).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
});
const page = filter.extend({
  after: z
    .string()
    .regex(/^\d{10,16}_[\w-]{1,80}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const EXPORT_ROWS = 10_000;

/** Callbacks: supervisors see all and may cancel or hurry them; agents see those of the queues they serve. */
export function callbackRoutes(deps: Deps): Route[] {
  const view = (callback: Callback) => viewCallback(callback, deps.nameOf, deps.targetMs);
  const scope = (caller: Caller): Pick<CallbackFilter, 'queues'> =>
    may(caller.role, 'callback.manage') ? {} : { queues: deps.queuesOf(caller.personId) };
  const wanted = ({ state, ...rest }: z.output<typeof filter>) => ({ ...rest, states: state });
  const entry = (caller: Caller, action: string, subject: string, facts: Record<string, unknown>) => ({
    who: caller.personId,
    ...{ action, subject, facts },
    address: caller.address,
  });
  const found = async (callbackId: string, caller: Caller): Promise<Callback> => {
    const callback = await deps.store.one(callbackId);
    const { queues } = scope(caller);
    if (!callback || (queues && !queues.includes(callback.queue)))
      throw new HotlineError('not-found', '没有这个回拨');
    return callback;
  };
  return [
    route({
      method: 'get',
      path: '/callbacks',
      tag: TAG,
      summary: '漏接回拨列表，最新在前',
      action: 'callback.view',
      query: page,
      reply: z.object({
        callbacks: z.array(callbackView),
        next: z.string().nullable(),
        figures: figuresView,
      }),
      handle: async ({ query, caller }) => {
        const { after, limit, ...rest } = query;
        const [callbacks, figures] = await Promise.all([
          deps.store.list({ ...wanted(rest), ...scope(caller), after, limit }),
          deps.figures(),
        ]);
        const last = callbacks.length === limit ? callbacks.at(-1) : undefined;
        const next = last ? `${last.owedAt}_${last.callbackId}` : null;
        return { callbacks: callbacks.map(view), next, figures };
      },
    }),
    route({
      method: 'get',
      path: '/callbacks-export',
      tag: TAG,
      summary: '导出漏接回拨（CSV或XLSX）',
      action: 'callback.manage',
      query: filter.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query: { format, ...query }, caller }) => {
        const callbacks = await deps.store.list({ ...wanted(query), limit: EXPORT_ROWS });
        await deps.audit.append(entry(caller, 'callback.export', 'callbacks', { rows: callbacks.length }));
        const rows = callbacks.map((each) => callbackCells(view(each)));
        return deps.write(format, '漏接回拨', [...CALLBACK_COLUMNS], rows);
      },
    }),
    route({
      method: 'get',
      path: '/callbacks/:callbackId',
      tag: TAG,
      summary: '一个漏接回拨：漏接的来电与每次回拨的经过',
      action: 'callback.view',
      params,
      reply: z.object({
        callback: callbackView,
        missed: z.array(missedView),
        attempts: z.array(attemptView),
      }),
      handle: async ({ params: { callbackId }, caller }) => {
        const callback = await found(callbackId, caller);
        const [missed, attempts] = await Promise.all([
          deps.store.causes(callbackId),
          deps.store.attempts(callbackId),
        ]);
        return {
          callback: view(callback),
          missed: missed.map(viewMissed),
          attempts: attempts.map((record) => viewAttempt(record, deps.nameOf)),
        };
      },
    }),
    route({
      method: 'post',
      path: '/callbacks/:callbackId/cancel',
      tag: TAG,
      summary: '取消回拨，须说明原因（记入审计）',
      action: 'callback.manage',
      params,
      body: z.strictObject({ reason: z.string().trim().min(2, '请填写取消原因').max(200) }),
      reply: callbackView,
      handle: async ({ params: { callbackId }, body, caller }) => {
        await found(callbackId, caller);
        const by = { who: caller.personId, why: body.reason, now: deps.now() };
        const audited = entry(caller, 'callback.cancel', callbackId, { reason: body.reason });
        const done = await deps.store.cancel(callbackId, by, (within) => deps.audit.append(audited, within));
        if (!done) throw new HotlineError('wrong-state', '该回拨正在进行或已结束，不能取消', { callbackId });
        deps.hurry();
        return view(await found(callbackId, caller));
      },
    }),
    route({
      method: 'post',
      path: '/callbacks/:callbackId/call-now',
      tag: TAG,
      summary: '立即回拨：不受免打扰时段与间隔限制，有坐席示闲即派（记入审计）',
      action: 'callback.manage',
      params,
      reply: callbackView,
      handle: async ({ params: { callbackId }, caller }) => {
        await found(callbackId, caller);
        const audited = entry(caller, 'callback.hurry', callbackId, {});
        const done = await deps.store.hurry(callbackId, deps.now(), (within) =>
          deps.audit.append(audited, within),
        );
        if (!done) throw new HotlineError('wrong-state', '该回拨正在进行或已结束', { callbackId });
        deps.hurry();
        return view(await found(callbackId, caller));
      },
    }),
  ];
}
