import { stringify } from 'csv-stringify/sync';
import ExcelJS from 'exceljs';
import { cityDay, cityWords } from '../deadlines/city-time';
import type { FileReply } from '../platform/http-route';
import { TICKET_STATES, TICKET_TYPES, URGENCIES, type TicketSummary } from './ticket';

const words = (iso: string | null): string => (iso ? cityWords(new Date(iso)) : '');

const COLUMNS: { title: string; width: number; of: (ticket: TicketSummary) => string }[] = [
  { title: '工单编号', width: 18, of: (ticket) => ticket.number },
  { title: '状态', width: 10, of: (ticket) => TICKET_STATES[ticket.state] },
  { title: '类型', width: 8, of: (ticket) => TICKET_TYPES[ticket.type] },
  { title: '紧急程度', width: 10, of: (ticket) => URGENCIES[ticket.urgency] },
  { title: '类别', width: 20, of: (ticket) => ticket.categoryName },
  { title: '标题', width: 40, of: (ticket) => ticket.title },
  { title: '地址', width: 30, of: (ticket) => ticket.address },
  { title: '诉求人', width: 12, of: (ticket) => ticket.citizenName ?? '' },
  { title: '电话', width: 16, of: (ticket) => ticket.citizenMasked ?? '' },
  { title: '保密', width: 8, of: (ticket) => (ticket.confidential ? '是' : '否') },
  { title: '来电热线', width: 18, of: (ticket) => ticket.lineName ?? '' },
  { title: '主办单位', width: 24, of: (ticket) => ticket.unitName ?? '' },
  { title: '受理时间', width: 20, of: (ticket) => words(ticket.openedAt) },
  { title: '受理人', width: 12, of: (ticket) => ticket.openedByName },
  { title: '派单时间', width: 20, of: (ticket) => words(ticket.dispatchedAt) },
  { title: '办理期限', width: 20, of: (ticket) => words(ticket.dueAt) },
];

/** A list as CSV for spreadsheets: UTF-8 with its mark, and cells that would run as formulas made plain text. */
export function csvOf(tickets: readonly TicketSummary[], at: Date): FileReply {
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...tickets.map((ticket) => COLUMNS.map(({ of }) => of(ticket))),
  ];
  const text = stringify(rows, { bom: true, record_delimiter: 'windows', escape_formulas: true });
  return {
    file: Buffer.from(text),
    contentType: 'text/csv; charset=utf-8',
    fileName: `工单-${cityDay(at)}.csv`,
  };
}

/** A list as an Excel workbook; every cell is text. */
export async function xlsxOf(tickets: readonly TicketSummary[], at: Date): Promise<FileReply> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('工单', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = COLUMNS.map(({ title, width }) => ({ header: title, width }));
  sheet.getRow(1).font = { bold: true };
  for (const ticket of tickets) sheet.addRow(COLUMNS.map(({ of }) => of(ticket)));
  return {
    file: Buffer.from(await workbook.xlsx.writeBuffer()),
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    fileName: `工单-${cityDay(at)}.xlsx`,
  };
}
