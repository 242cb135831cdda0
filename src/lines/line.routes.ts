import { z } from 'zod';
import { HotlineError } from '../errors';
import { type FileReply, type Route, route } from '../platform/http-route';
import type { Clock } from '../platform/clock';
import { type Line, lineInput } from './line';
import { LineImport } from './line-import.service';
import { dayOf, type LineSettings, servesOn } from './line-index';
import { readSheet, SHEET_LIMITS, writeCsv, writeXlsx } from './line-sheet.adapter';
import type { LineService } from './line.service';
import { normaliseNumber, readNumber } from './phone-number';

export interface LineRoutesDeps {
  lines: LineService;
  settings: LineSettings;
  clock: Clock;
}

const TAG = '热线整合';
const lineId = z.object({ lineId: z.string().min(1).max(60) });
const line = lineInput.extend({ lineId: z.string(), version: z.int() });

const change = z.object({
  lineId: z.string(),
  version: z.int(),
  at: z.iso.datetime(),
  action: z.enum(['created', 'changed', 'ended']),
  whoId: z.string(),
  whoName: z.string(),
  before: lineInput.nullable(),
  after: lineInput,
});

const filters = z.object({
  /** Words in the name, or a number in any notation. */
  search: z.string().trim().max(60).optional(),
  mode: z.enum(['own', 'direct', 'forwarded', 'parallel']).optional(),
  unitId: z.string().max(40).optional(),
  owner: z.string().max(20).optional(),
  state: z.enum(['serving', 'ended', 'not-yet']).optional(),
  sort: z.enum(['name', 'mode', 'firstDay', 'lastDay', 'priority', 'owner', 'number']).default('number'),
  order: z.enum(['ascending', 'descending']).default('ascending'),
});
type Filters = z.output<typeof filters>;

const tryBody = z.strictObject({
  dialled: z.string().max(200),
  /** Most recent first, as RFC 5806 orders them. */
  diversions: z
    .array(
      z.strictObject({
        number: z.string().max(200),
        source: z.enum(['diversion', 'history-info']).default('diversion'),
      }),
    )
    .max(20)
    .default([]),
  /** Instant, ISO 8601; now when left out. */
  at: z.iso.datetime({ offset: true }).optional(),
});

const seen = z.object({
  source: z.enum(['diversion', 'history-info', 'called-number']),
  written: z.string(),
  number: z.string().nullable(),
  outcome: z.enum(['line', 'own-line', 'ended', 'not-yet', 'no-line', 'unreadable']),
  lineId: z.string().nullable(),
  words: z.string(),
});
const tried = z.object({
  line,
  matchedNumber: z.string(),
  matchedBy: z.enum(['diversion', 'history-info', 'called-number', 'default']),
  why: z.string(),
  considered: z.array(seen),
  at: z.string(),
  day: z.string(),
  dialledRead: z.object({ kind: z.string(), canonical: z.string().nullable() }),
  greeting: z.object({ sound: z.string(), text: z.string() }),
  queue: z.string(),
  priority: z.int(),
  script: z.string(),
});

const importReply = z.object({
  dryRun: z.boolean(),
  counts: z.object({ created: z.int(), changed: z.int(), unchanged: z.int(), refused: z.int() }),
  rows: z.array(
    z.object({
      row: z.int(),
      outcome: z.enum(['created', 'changed', 'unchanged', 'refused']),
      name: z.string(),
      lineId: z.string().nullable(),
      reason: z.string().nullable(),
      code: z.string().nullable(),
      clause: z.string().nullable(),
    }),
  ),
});

/** HTTP of lines (L1, M0–M4): looking is for the hotline's people, changing for administrators. */
export function lineRoutes(deps: LineRoutesDeps): Route[] {
  return [...reading(deps), ...changing(deps), ...sheets(deps), trying(deps)];
}

function reading({ lines, settings, clock }: LineRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/lines',
      summary: '热线列表（筛选、排序）',
      tag: TAG,
      action: 'line.view',
      query: filters,
      reply: z.object({ lines: z.array(line), total: z.int() }),
      handle: async ({ query }) => {
        const found = select(lines.list(), query, settings, clock.now());
        return { lines: found, total: lines.list().length };
      },
    }),
    route({
      method: 'get',
      path: '/lines/:lineId',
      summary: '一条热线',
      tag: TAG,
      action: 'line.view',
      params: lineId,
      reply: line,
      handle: async ({ params }) => {
        const found = lines.line(params.lineId);
        if (!found) throw new HotlineError('not-found', '没有这条热线', { lineId: params.lineId });
        return found;
      },
    }),
    route({
      method: 'get',
      path: '/lines/:lineId/history',
      summary: '一条热线的变更记录（何人、何时、变更前后）',
      tag: TAG,
      action: 'line.view',
      params: lineId,
      reply: z.object({ changes: z.array(change) }),
      handle: async ({ params }) => ({ changes: await lines.history(params.lineId) }),
    }),
  ];
}

function changing({ lines }: LineRoutesDeps): Route[] {
  return [
    route({
      method: 'post',
      path: '/lines',
      summary: '新建热线',
      tag: TAG,
      action: 'line.edit',
      body: lineInput,
      idempotent: true,
      status: 201,
      reply: line,
      handle: async ({ body, caller }) => lines.create(body, caller),
    }),
    route({
      method: 'put',
      path: '/lines/:lineId',
      summary: '修改热线（下一个来电即生效）',
      tag: TAG,
      action: 'line.edit',
      params: lineId,
      body: z.strictObject({ version: z.int().min(1), input: lineInput }),
      reply: line,
      handle: async ({ params, body, caller }) =>
        lines.change(params.lineId, body.version, body.input, caller),
    }),
    route({
      method: 'post',
      path: '/lines/:lineId/end',
      summary: '停用热线（最后一日仍有效）',
      tag: TAG,
      action: 'line.edit',
      params: lineId,
      body: z.strictObject({ version: z.int().min(1), lastDay: z.iso.date() }),
      reply: line,
      handle: async ({ params, body, caller }) =>
        lines.end(params.lineId, body.version, body.lastDay, caller),
    }),
  ];
}

function sheets({ lines, settings, clock }: LineRoutesDeps): Route[] {
  const taking = new LineImport(lines);
  return [
    route({
      method: 'get',
      path: '/lines-export',
      summary: '导出热线（CSV或XLSX）',
      tag: TAG,
      action: 'line.view',
      query: filters.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query }): Promise<FileReply> => {
        const found = select(lines.list(), query, settings, clock.now());
        const fileName = `热线-${dayOf(clock.now(), settings.cityZone)}.${query.format}`;
        if (query.format === 'csv')
          return { file: writeCsv(found), contentType: 'text/csv; charset=utf-8', fileName };
        const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
        return { file: await writeXlsx(found), contentType, fileName };
      },
    }),
    route({
      method: 'post',
      path: '/lines-import',
      summary: '导入热线（CSV或XLSX），逐行报告；dryRun=true只检查不保存',
      tag: TAG,
      action: 'line.edit',
      query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
      upload: SHEET_LIMITS.bytes,
      reply: importReply,
      handle: async ({ query, upload, caller }) => {
        if (!upload) throw new HotlineError('invalid-input', '请选择要导入的文件', { field: 'file' });
        return taking.take(await readSheet(upload.bytes), query.dryRun === 'true', caller);
      },
    }),
  ];
}

function trying({ lines, settings, clock }: LineRoutesDeps): Route {
  return route({
    method: 'post',
    path: '/lines-try',
    summary: '试算：某号码、经某号码转移、在某时刻来电，会归入哪条热线，为什么',
    tag: TAG,
    action: 'line.try',
    body: tryBody,
    reply: tried,
    handle: async ({ body }) => {
      const at = body.at ? new Date(body.at) : clock.now();
      const diversions = body.diversions.map((one) => ({ ...one, reason: null }));
      // The switch lists Diversion headers before History-Info entries.
      const ordered = [
        ...diversions.filter((one) => one.source === 'diversion'),
        ...diversions.filter((one) => one.source === 'history-info'),
      ];
      const match = lines.match(body.dialled, ordered, at);
      const { kind, canonical } = readNumber(body.dialled, settings.areaCode);
      return {
        ...match,
        at: at.toISOString(),
        day: dayOf(at, settings.cityZone),
        dialledRead: { kind, canonical },
        greeting: { sound: match.line.greetingSound, text: match.line.greetingText },
        queue: match.line.queue,
        priority: match.line.priority,
        script: match.line.script,
      };
    },
  });
}

function select(all: readonly Line[], query: Filters, settings: LineSettings, now: Date): Line[] {
  const day = dayOf(now, settings.cityZone);
  const number = query.search ? normaliseNumber(query.search, settings.areaCode) : null;
  const words = query.search?.toLowerCase() ?? '';
  const matches = (one: Line) =>
    (!query.mode || one.mode === query.mode) &&
    (!query.unitId || one.unitId === query.unitId) &&
    (!query.owner || one.owner === query.owner) &&
    (!query.state || query.state === stateOn(one, day)) &&
    (words === '' ||
      one.name.toLowerCase().includes(words) ||
      one.numbers.some((own) => own === number || own.includes(words)));
  const sign = query.order === 'ascending' ? 1 : -1;
  const key = sortKey(query.sort);
  return all.filter(matches).sort((one, other) => {
    const [left, right] = [key(one), key(other)];
    const tie = one.lineId < other.lineId ? -1 : 1;
    if (left === right) return tie;
    if (typeof left === 'string' && typeof right === 'string')
      return sign * left.localeCompare(right, 'zh-CN');
    return left < right ? -sign : sign;
  });
}

function stateOn(one: Line, day: string): 'serving' | 'ended' | 'not-yet' {
  if (servesOn(one, day)) return 'serving';
  return one.firstDay > day ? 'not-yet' : 'ended';
}

function sortKey(sort: Filters['sort']): (line: Line) => string | number {
  if (sort === 'number') return (one) => one.numbers[0] ?? '';
  if (sort === 'priority') return (one) => one.priority;
  if (sort === 'lastDay') return (one) => one.lastDay ?? '9999-12-31';
  return (one) => one[sort];
}
