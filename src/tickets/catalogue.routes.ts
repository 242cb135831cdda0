import { z } from 'zod';
import { HotlineError } from '../errors';
import { route, type FileReply, type Route } from '../platform/http-route';
import {
  CATALOGUE_COLUMNS,
  catalogueCells,
  catalogueRow,
  categoryChange,
  categoryCode,
  categoryState,
  newCategory,
} from './catalogue';
import type { CatalogueService, SheetLine } from './catalogue.service';
import type { DispatchProposals } from './dispatch-proposal.service';
import { LEVELS, type Level } from './ticket';

const TAG = '派单目录';
const id = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\u0000]*$/);
const areaCode = z.string().regex(/^(\d{6}|city)$/, '区县代码应为6位数字；全市为 city');
const reason = z.object({ words: z.string(), clause: z.string() });
const proposalReply = z.object({
  unitId: z.string().nullable(),
  why: z.string(),
  clause: z.string(),
  final: z.boolean().describe('应作最终裁定派出'),
  forward: reason.nullable().describe('应转省平台'),
  candidates: z.array(
    z.object({ unitId: z.string(), unitName: z.string(), score: z.int(), reasons: z.array(reason) }),
  ),
});
const report = z.object({
  dryRun: z.boolean(),
  rows: z.array(
    z.object({
      row: z.int(),
      outcome: z.enum(['created', 'changed', 'unchanged', 'refused']),
      name: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});

interface Deps {
  catalogue: CatalogueService;
  proposals: DispatchProposals;
  sheets: {
    read(bytes: Buffer): Promise<SheetLine[]>;
    write(
      format: 'csv' | 'xlsx',
      name: string,
      titles: readonly string[],
      rows: readonly string[][],
    ): Promise<FileReply>;
    bytes: number;
  };
}

/** Proposed units (R2, R3), and their data: the category tree and the dispatch catalogue. */
export function catalogueRoutes(deps: Deps): Route[] {
  return [proposalRoute(deps), ...treeRoutes(deps), ...rowRoutes(deps), ...sheetRoutes(deps)];
}

function proposalRoute({ proposals }: Deps): Route {
  return route({
    method: 'get',
    path: '/dispatch-proposal',
    summary: '按事项、地点、层级和先例建议承办单位（R2、R3）',
    tag: TAG,
    action: 'ticket.dispatch',
    query: z.object({
      ticketId: id.optional(),
      categoryCode: id.optional(),
      areaCode: id.optional(),
      level: z.enum(Object.keys(LEVELS) as [Level, ...Level[]]).optional(),
    }),
    reply: proposalReply,
    handle: ({ query: { ticketId, categoryCode: code, areaCode: area, level } }) =>
      proposals.propose({
        ...(ticketId === undefined ? {} : { ticketId }),
        ...(code === undefined ? {} : { categoryCode: code }),
        ...(area === undefined ? {} : { areaCode: area }),
        ...(level === undefined ? {} : { level }),
      }),
  });
}

function treeRoutes({ catalogue }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/category-tree',
      summary: '诉求类别树，含已停用的',
      tag: TAG,
      action: 'catalogue.view',
      reply: z.object({ items: z.array(categoryState) }),
      handle: async () => ({ items: await catalogue.tree() }),
    }),
    route({
      method: 'post',
      path: '/category-tree',
      summary: '新设诉求类别；编码用过不再用',
      tag: TAG,
      action: 'catalogue.edit',
      body: newCategory,
      status: 201,
      reply: categoryState,
      handle: ({ body, caller }) => catalogue.add(body, caller),
    }),
    route({
      method: 'patch',
      path: '/category-tree/:code',
      summary: '更名、移动、停用或恢复诉求类别',
      tag: TAG,
      action: 'catalogue.edit',
      params: z.object({ code: categoryCode }),
      body: categoryChange,
      reply: categoryState,
      handle: ({ params, body, caller }) => catalogue.change(params.code, body, caller),
    }),
  ];
}

const place = z.object({ categoryCode, areaCode });
const placeOf = (params: z.output<typeof place>) => ({
  categoryCode: params.categoryCode,
  areaCode: params.areaCode === 'city' ? '' : params.areaCode,
});

function rowRoutes({ catalogue }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/dispatch-catalogue',
      summary: '派单目录：类别、地点、承办单位',
      tag: TAG,
      action: 'catalogue.view',
      reply: z.object({ items: z.array(catalogueRow) }),
      handle: async () => ({ items: await catalogue.rows() }),
    }),
    route({
      method: 'put',
      path: '/dispatch-catalogue/:categoryCode/:areaCode',
      summary: '设定一类事项在一地的承办单位；version 为 0 时新增',
      tag: TAG,
      action: 'catalogue.edit',
      params: place,
      body: z.strictObject({ unitId: id, version: z.int().min(0) }),
      handle: ({ params, body, caller }) => catalogue.put({ ...placeOf(params), ...body }, caller),
    }),
    route({
      method: 'delete',
      path: '/dispatch-catalogue/:categoryCode/:areaCode',
      summary: '删除派单目录的一行',
      tag: TAG,
      action: 'catalogue.edit',
      params: place,
      query: z.object({ version: z.coerce.number().int().min(1) }),
      handle: ({ params, query, caller }) =>
        catalogue.remove({ ...placeOf(params), version: query.version }, caller),
    }),
  ];
}

function sheetRoutes({ catalogue, sheets }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/dispatch-catalogue-export',
      summary: '导出派单目录（CSV 或 XLSX）',
      tag: TAG,
      action: 'catalogue.edit',
      query: z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query }) =>
        sheets.write(
          query.format,
          '派单目录',
          [...CATALOGUE_COLUMNS],
          (await catalogue.rows()).map(catalogueCells),
        ),
    }),
    route({
      method: 'post',
      path: '/dispatch-catalogue-import',
      summary: '导入派单目录（CSV 或 XLSX），逐行报告；dryRun=true 只检查不保存',
      tag: TAG,
      action: 'catalogue.edit',
      query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
      upload: sheets.bytes,
      reply: report,
      handle: async ({ query, upload, caller }) => {
        if (!upload) throw new HotlineError('invalid-input', '请选择要导入的文件', { field: 'file' });
        const dryRun = query.dryRun === 'true';
        return {
          dryRun,
          rows: await catalogue.take(await sheets.read(upload.bytes), dryRun, caller),
        };
      },
    }),
  ];
}
