import { z } from 'zod';
import type { writeSheet } from '../lines/line-sheet.adapter';
import { maskNumber, normaliseNumber } from '../lines/phone-number';
import { route, type FileReply, type Route } from '../platform/http-route';
import {
  NUISANCE_MATCHES,
  NUISANCE_STATES,
  nuisanceProposal,
  nuisanceWords,
  TREATMENTS,
  type Act,
  type NuisanceEntry,
  type NuisanceState,
} from './nuisance';
import type { NuisanceList } from './nuisance.service';

interface Deps {
  nuisance: NuisanceList;
  areaCode: string;
  /** Longest time an entry may block, in days. */
  maxDays: number;
  writeSheet: typeof writeSheet;
  /** An instant as people in the city read it. */
  cityWords(at: Date): string;
}

const TAG = '骚扰名单';
const state = z.enum(Object.keys(NUISANCE_STATES) as [NuisanceState, ...NuisanceState[]]);
const treatment = z.enum(['announce', 'last']);
const act = z.object({ personId: z.string(), name: z.string(), at: z.iso.datetime(), words: z.string() });
const entryView = z.object({
  entryId: z.string(),
  version: z.int(),
  /** Masked; who must see it asks for it. */
  masked: z.string(),
  match: z.enum(['number', 'prefix']),
  treatment,
  reason: z.string(),
  callId: z.string().nullable(),
  lastDay: z.iso.date(),
  state,
  proposed: act,
  decided: act.nullable(),
  lifted: act.nullable(),
});
const params = z.object({ entryId: z.string().max(60) });
const filter = z.object({
  state: state.optional(),
  /** In any notation. */
  number: z.string().trim().max(60).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** The list of nuisance callers: agents propose from their calls, supervisors decide and lift. */
export function nuisanceRoutes(deps: Deps): Route[] {
  return [...proposing(deps), ...reading(deps), ...deciding(deps), ...openLines(deps)];
}

const viewWith = (nuisance: NuisanceList) => (entry: NuisanceEntry) => {
  const { number, state: _stored, ...rest } = entry;
  return { ...rest, masked: masked(entry, number), state: nuisance.stateOf(entry) };
};

function masked({ match }: NuisanceEntry, number: string): string {
  return match === 'prefix' ? `${number}…` : maskNumber(number);
}

function proposing({ nuisance }: Deps): Route[] {
  const view = viewWith(nuisance);
  return [
    route({
      method: 'post',
      path: '/nuisance',
      tag: TAG,
      summary: '提出骚扰名单条目：从本人的通话（班长也可直接填号码），须说明原因和截止日期，待他人审批',
      action: 'nuisance.propose',
      body: nuisanceProposal,
      idempotent: true,
      status: 201,
      reply: entryView,
      handle: async ({ body, caller }) => view(await nuisance.propose(body, caller)),
    }),
    route({
      method: 'get',
      path: '/desk/nuisance',
      tag: TAG,
      summary: '本人提出的骚扰名单条目及其结果',
      action: 'nuisance.propose',
      reply: z.object({
        entries: z.array(entryView),
        defaultLastDay: z.iso.date().describe('报告时预填的截止日期'),
        latestLastDay: z.iso.date().describe('最晚可填的截止日期'),
      }),
      handle: async ({ caller }) => ({
        ...nuisance.lastDays(),
        entries: (await nuisance.list({ proposedBy: caller.personId, limit: 100 })).map(view),
      }),
    }),
  ];
}

function reading({ nuisance, areaCode, maxDays, writeSheet: write, cityWords }: Deps): Route[] {
  const view = viewWith(nuisance);
  const found = ({ number, ...query }: z.output<typeof filter>) =>
    nuisance.list({ ...query, number: number ? (normaliseNumber(number, areaCode) ?? number) : undefined });
  const said = (one: Act | null) => (one ? `${one.name} ${cityWords(new Date(one.at))} ${one.words}` : '');
  return [
    route({
      method: 'get',
      path: '/nuisance',
      tag: TAG,
      summary: '骚扰名单（筛选），最新在前；到期和解除的留作历史',
      action: 'nuisance.view',
      query: filter,
      reply: z.object({ entries: z.array(entryView), maxDays: z.int() }),
      handle: async ({ query }) => ({ entries: (await found(query)).map(view), maxDays }),
    }),
    route({
      method: 'get',
      path: '/nuisance-export',
      tag: TAG,
      summary: '导出骚扰名单（号码隐藏中间几位）',
      action: 'nuisance.view',
      query: filter.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query: { format, ...query } }): Promise<FileReply> => {
        const titles = ['号码', '范围', '处理方式', '原因', '截止日期', '状态', '提出', '审批', '解除'];
        const rows = (await found(query)).map((entry) => [
          masked(entry, entry.number),
          NUISANCE_MATCHES[entry.match],
          TREATMENTS[entry.treatment],
          entry.reason,
          entry.lastDay,
          NUISANCE_STATES[nuisance.stateOf(entry)],
          `${entry.proposed.name} ${cityWords(new Date(entry.proposed.at))}`,
          said(entry.decided),
          said(entry.lifted),
        ]);
        return write(format, '骚扰名单', titles, rows);
      },
    }),
    route({
      method: 'post',
      path: '/nuisance/:entryId/reveal',
      tag: TAG,
      summary: '查看条目的完整号码（记入审计）',
      action: 'nuisance.view',
      params,
      reply: z.object({ number: z.string() }),
      handle: async ({ params: { entryId }, caller }) => ({
        number: await nuisance.reveal(entryId, caller),
      }),
    }),
  ];
}

function deciding({ nuisance }: Deps): Route[] {
  const view = viewWith(nuisance);
  const version = z.int().min(1);
  return [
    route({
      method: 'post',
      path: '/nuisance/:entryId/approve',
      tag: TAG,
      summary: '批准条目，即刻生效；可改截止日期和处理方式；提出人本人不能批准',
      action: 'nuisance.decide',
      params,
      body: z.strictObject({
        version,
        lastDay: z.iso.date().optional(),
        treatment: treatment.optional(),
        words: z.string().trim().max(200).default(''),
      }),
      reply: entryView,
      handle: async ({ params: { entryId }, body: { version: seen, ...change }, caller }) =>
        view(await nuisance.approve(entryId, seen, change, caller)),
    }),
    route({
      method: 'post',
      path: '/nuisance/:entryId/refuse',
      tag: TAG,
      summary: '不批准条目，须说明原因',
      action: 'nuisance.decide',
      params,
      body: z.strictObject({ version, words: nuisanceWords }),
      reply: entryView,
      handle: async ({ params: { entryId }, body, caller }) =>
        view(await nuisance.refuse(entryId, body.version, body.words, caller)),
    }),
    route({
      method: 'post',
      path: '/nuisance/:entryId/lift',
      tag: TAG,
      summary: '提前解除条目，须说明原因',
      action: 'nuisance.decide',
      params,
      body: z.strictObject({ version, words: nuisanceWords }),
      reply: entryView,
      handle: async ({ params: { entryId }, body, caller }) =>
        view(await nuisance.lift(entryId, body.version, body.words, caller)),
    }),
  ];
}

function openLines({ nuisance }: Deps): Route[] {
  const lines = z.object({ lineIds: z.array(z.string()) });
  return [
    route({
      method: 'get',
      path: '/nuisance/open-lines',
      tag: TAG,
      summary: '从不拦截来电的热线',
      action: 'nuisance.view',
      reply: lines,
      handle: async () => ({ lineIds: await nuisance.openLines() }),
    }),
    route({
      method: 'put',
      path: '/nuisance/open-lines',
      tag: TAG,
      summary: '设置从不拦截来电的热线（紧急类）',
      action: 'nuisance.decide',
      body: z.strictObject({ lineIds: z.array(z.string().max(60)).max(500) }),
      reply: lines,
      handle: async ({ body, caller }) => {
        await nuisance.replaceOpenLines(body.lineIds, caller);
        return { lineIds: await nuisance.openLines() };
      },
    }),
    route({
      method: 'post',
      path: '/nuisance/try',
      tag: TAG,
      summary: '试算：某号码现在拨打某热线会怎样',
      action: 'nuisance.view',
      body: z.strictObject({ number: z.string().max(200), lineId: z.string().max(60) }),
      reply: z.object({
        treatment: z.enum(['announce', 'last', 'through', 'none']),
        entryId: z.string().nullable(),
        words: z.string(),
      }),
      handle: async ({ body }) => {
        const verdict = nuisance.tried(body.number, body.lineId);
        return verdict ?? { treatment: 'none' as const, entryId: null, words: '不在骚扰名单中，正常接听' };
      },
    }),
  ];
}
