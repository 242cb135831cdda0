import { z } from 'zod';
import { HotlineError } from '../errors';
import type { SheetRow, writeSheet } from '../lines/line-sheet.adapter';
import { route, type FileReply, type Route } from '../platform/http-route';
import {
  CONTACT_COLUMNS,
  CONTACT_KINDS,
  contactCells,
  contactInput,
  contactView,
  selectContacts,
  type ContactKind,
} from './contact';
import type { Contacts } from './contact.service';

interface Deps {
  contacts: Contacts;
  /** How sheets are read and written; `bytes` is the largest upload. */
  sheets: { read(bytes: Buffer): Promise<SheetRow[]>; write: typeof writeSheet; bytes: number };
}

const TAG = '转接目标';
const params = z.object({ contactId: z.string().max(60) });
const filter = z.object({
  search: z.string().trim().max(60).optional(),
  kind: z.enum(Object.keys(CONTACT_KINDS) as [ContactKind, ...ContactKind[]]).optional(),
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

/** Outside contacts: whole numbers for those who edit them; agents pick them in the desk's list of destinations. */
export function contactRoutes({ contacts, sheets }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/contacts',
      tag: TAG,
      summary: '转接目标列表（筛选）',
      action: 'contact.edit',
      query: filter,
      reply: z.object({ contacts: z.array(contactView) }),
      handle: async ({ query }) => ({ contacts: selectContacts(contacts.all(), query) }),
    }),
    route({
      method: 'post',
      path: '/contacts',
      tag: TAG,
      summary: '新建转接目标',
      action: 'contact.edit',
      body: contactInput,
      idempotent: true,
      status: 201,
      reply: contactView,
      handle: async ({ body, caller }) => contacts.create(body, caller),
    }),
    route({
      method: 'put',
      path: '/contacts/:contactId',
      tag: TAG,
      summary: '修改转接目标',
      action: 'contact.edit',
      params,
      body: z.strictObject({ version: z.int().min(1), input: contactInput }),
      reply: contactView,
      handle: async ({ params: { contactId }, body, caller }) =>
        contacts.change(contactId, body.version, body.input, caller),
    }),
    route({
      method: 'delete',
      path: '/contacts/:contactId',
      tag: TAG,
      summary: '移除转接目标',
      action: 'contact.edit',
      params,
      query: z.object({ version: z.coerce.number().int().min(1) }),
      status: 204,
      handle: async ({ params: { contactId }, query, caller }) =>
        contacts.remove(contactId, query.version, caller),
    }),
    route({
      method: 'get',
      path: '/contacts-export',
      tag: TAG,
      summary: '导出转接目标（CSV或XLSX）',
      action: 'contact.edit',
      query: filter.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
      reply: 'file',
      handle: async ({ query }): Promise<FileReply> => {
        const rows = selectContacts(contacts.all(), query).map(contactCells);
        return sheets.write(query.format, '转接目标', [...CONTACT_COLUMNS], rows);
      },
    }),
    route({
      method: 'post',
      path: '/contacts-import',
      tag: TAG,
      summary: '导入转接目标（CSV或XLSX），按名称新建或修改，逐行报告；dryRun=true只检查不保存',
      action: 'contact.edit',
      query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
      upload: sheets.bytes,
      reply: report,
      handle: async ({ query, upload, caller }) => {
        if (!upload) throw new HotlineError('invalid-input', '请选择要导入的文件', { field: 'file' });
        const dryRun = query.dryRun === 'true';
        return { dryRun, rows: await contacts.take(await sheets.read(upload.bytes), dryRun, caller) };
      },
    }),
  ];
}
