import { Readable } from 'node:stream';
import archiver from 'archiver';
import { stringify } from 'csv-stringify/sync';
import { cityDay, cityWords } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { StreamReply } from '../platform/http-route';
import { CHANNELS, TICKET_STATES, TICKET_TYPES, URGENCIES, type TicketSummary } from './ticket';

const words = (iso: string | null): string => (iso ? cityWords(new Date(iso)) : '');

const COLUMNS: { title: string; width: number; of: (ticket: TicketSummary) => string }[] = [
  { title: '工单编号', width: 18, of: (ticket) => ticket.number },
  { title: '状态', width: 10, of: (ticket) => TICKET_STATES[ticket.state] },
  { title: '类型', width: 8, of: (ticket) => TICKET_TYPES[ticket.type] },
  { title: '渠道', width: 10, of: (ticket) => CHANNELS[ticket.channel] },
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

/** What Excel can open. */
const MOST_ROWS = 1_048_576;

type Batches = AsyncIterable<readonly TicketSummary[]>;

/**
 * A list as a file of any length, made while it is sent: a batch is asked for when the client has taken the one before,
 * and no more once it is gone.
 */
export function ticketFile(format: 'csv' | 'xlsx', batches: Batches, at: Date): StreamReply {
  const fileName = `工单-${cityDay(at)}.${format}`;
  if (format === 'csv')
    return { stream: Readable.from(csvOf(batches)), contentType: 'text/csv; charset=utf-8', fileName };
  const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  return { stream: workbookOf(batches), contentType, fileName };
}

/** CSV for spreadsheets: UTF-8 with its mark, and cells that would run as formulas made plain text. */
async function* csvOf(batches: Batches): AsyncGenerator<string> {
  yield stringify([COLUMNS.map(({ title }) => title)], { bom: true, record_delimiter: 'windows' });
  for await (const tickets of batches)
    yield stringify(
      tickets.map((ticket) => COLUMNS.map(({ of }) => of(ticket))),
      { record_delimiter: 'windows', escape_formulas: true },
    );
}

/** An Excel workbook (ECMA-376) of one sheet, every cell text: exceljs takes rows faster than a slow client does. */
function workbookOf(batches: Batches): Readable {
  const sheet = Readable.from(sheetOf(batches));
  const zip = archiver('zip', { zlib: { level: 6 } });
  zip.once('close', () => sheet.destroy());
  sheet.once('error', (fault) => zip.destroy(fault));
  for (const [name, xml] of Object.entries(WORKBOOK_PARTS)) zip.append(`${XML}${xml}`, { name });
  zip.append(sheet, { name: 'xl/worksheets/sheet1.xml' });
  void zip.finalize().catch((fault: Error) => zip.destroy(fault));
  return zip;
}

async function* sheetOf(batches: Batches): AsyncGenerator<string> {
  const widths = COLUMNS.map(
    ({ width }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  yield `${XML}<worksheet xmlns="${SHEET}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
  yield rowOf(
    COLUMNS.map(({ title }) => title),
    1,
    1,
  );
  let rows = 1;
  for await (const tickets of batches) {
    if (rows + tickets.length > MOST_ROWS)
      throw new HotlineError('too-large', 'Excel 每张表最多 1048576 行，请导出 CSV 或缩小范围。');
    const first = rows + 1;
    rows += tickets.length;
    yield tickets
      .map((ticket, at) =>
        rowOf(
          COLUMNS.map(({ of }) => of(ticket)),
          first + at,
        ),
      )
      .join('');
  }
  yield '</sheetData></worksheet>';
}

/** Fewer columns than the alphabet has letters. */
const rowOf = (cells: readonly string[], row: number, style = 0): string => {
  const written = cells.map(
    (cell, at) =>
      `<c r="${String.fromCharCode(65 + at)}${row}" t="inlineStr" s="${style}"><is><t xml:space="preserve">${xmlText(cell)}</t></is></c>`,
  );
  return `<row r="${row}">${written.join('')}</row>`;
};

/** What XML 1.0 cannot hold is left out. */
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const xmlText = (text: string): string =>
  text.replace(UNWRITABLE, '').replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign);

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Everything of the workbook but its one sheet; style 1 is the bold heading. */
const WORKBOOK_PARTS = {
  '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${SHEET}" xmlns:r="${OFFICE}"><sheets><sheet name="工单" sheetId="1" r:id="r1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `<styleSheet xmlns="${SHEET}"><fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
} as const;
