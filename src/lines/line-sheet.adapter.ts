import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import ExcelJS from 'exceljs';
import { HotlineError } from '../errors';
import type { FileReply } from '../platform/http-route';
import { escapeFormula, LINE_COLUMNS, writeRow } from './line-columns';
import type { Line } from './line';
import { refuseWorkbook } from './xlsx-guard.adapter';

/** Largest upload in bytes, and the most rows and columns of a sheet. */
export const SHEET_LIMITS = {
  bytes: 2_000_000,
  unpackedBytes: 12_000_000,
  entries: 200,
  rows: 2000,
  columns: 60,
};

/** A sheet as texts. `number` is the row's number as a spreadsheet program shows it. */
export interface SheetRow {
  number: number;
  cells: string[];
  /** Chinese sentence when a cell of this row cannot be taken. */
  fault: string | null;
}

/** Reads an uploaded CSV (UTF-8 or GBK, with or without BOM) or XLSX file. Throws `invalid-input` or `too-large`. */
export async function readSheet(bytes: Buffer): Promise<SheetRow[]> {
  if (bytes.length > SHEET_LIMITS.bytes) throw new HotlineError('too-large', '文件超过2MB');
  if (bytes.length === 0) throw wrong('文件是空的');
  const signature = bytes.subarray(0, 4).toString('hex');
  if (signature === 'd0cf11e0') throw wrong('不支持旧式xls或加密的工作簿，请另存为xlsx或csv');
  const rows = signature === '504b0304' ? await readWorkbook(bytes) : readText(bytes);
  const filled = rows.filter((row) => row.fault !== null || row.cells.some((cell) => cell.trim() !== ''));
  if (filled.length > SHEET_LIMITS.rows + 1)
    throw new HotlineError('too-large', `超过${SHEET_LIMITS.rows}行`);
  return filled;
}

/** The lines as CSV: UTF-8 with BOM, which spreadsheet programs need for Chinese; formulas are escaped. */
export function writeCsv(lines: readonly Line[]): Buffer {
  return csvOf(
    LINE_COLUMNS.map(([, title]) => title),
    lines.map(writeRow),
  );
}

/** The lines as XLSX: every cell is text, so that numbers keep their zeros and nothing is a formula. */
export function writeXlsx(lines: readonly Line[]): Promise<Buffer> {
  const columns = LINE_COLUMNS.map(([key, title]) => ({
    title,
    width: key === 'script' || key === 'greetingText' ? 50 : 18,
  }));
  return xlsxOf('热线', columns, lines.map(writeRow));
}

/** Any list as a file for spreadsheet programs, named after its sheet. */
export async function writeSheet(
  format: 'csv' | 'xlsx',
  name: string,
  titles: readonly string[],
  rows: readonly string[][],
): Promise<FileReply> {
  const fileName = `${name}.${format}`;
  if (format === 'csv')
    return { file: csvOf(titles, rows), contentType: 'text/csv; charset=utf-8', fileName };
  const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  const columns = titles.map((title) => ({ title, width: 20 }));
  return { file: await xlsxOf(name, columns, rows), contentType, fileName };
}

function csvOf(titles: readonly string[], rows: readonly string[][]): Buffer {
  return Buffer.from(
    stringify(
      [titles, ...rows].map((row) => row.map(escapeFormula)),
      { bom: true, record_delimiter: '\r\n' },
    ),
  );
}

async function xlsxOf(
  name: string,
  columns: readonly { title: string; width: number }[],
  rows: readonly string[][],
): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ title, width }) => ({ header: title, width, style: { numFmt: '@' } }));
  sheet.getRow(1).font = { bold: true };
  for (const row of rows) sheet.addRow(row.map(escapeFormula));
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function readText(bytes: Buffer): SheetRow[] {
  const text = decode(bytes);
  if (text.includes('\u0000')) throw wrong('文件不是文本，也不是xlsx工作簿');
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [',', ';', '\t'].reduce((best, one) =>
    head.split(one).length > head.split(best).length ? one : best,
  );
  try {
    const records = parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      info: true,
      to: SHEET_LIMITS.rows + 2,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record }, at) => ({
      number: at + 1,
      cells: record.slice(0, SHEET_LIMITS.columns),
      fault: record.length > SHEET_LIMITS.columns ? '列数过多' : null,
    }));
  } catch {
    throw wrong('CSV格式不正确：请检查引号是否成对');
  }
}

/** UTF-8 where it is valid UTF-8; otherwise GBK, which Chinese spreadsheet programs write. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

async function readWorkbook(bytes: Buffer): Promise<SheetRow[]> {
  const refusal = refuseWorkbook(bytes, SHEET_LIMITS);
  if (refusal) throw wrong(refusal);
  const workbook = new ExcelJS.Workbook();
  // The library visits every cell of merged ranges, validations and formats: not read, since only the texts matter.
  const ignoreNodes = [
    'mergeCells',
    'dataValidations',
    'conditionalFormatting',
    'hyperlinks',
    'drawing',
    'legacyDrawing',
    'tableParts',
    'autoFilter',
    'extLst',
    'cols',
    'picture',
    'rowBreaks',
    'printOptions',
    'pageSetup',
    'headerFooter',
  ];
  try {
    const data = bytes as unknown as ExcelJS.Buffer;
    await workbook.xlsx.load(data, {
      ignoreNodes,
      maxRows: SHEET_LIMITS.rows + 50,
      maxCols: SHEET_LIMITS.columns,
    } as never);
  } catch (fault) {
    const tooMany = fault instanceof Error && /(row|column) count/i.test(fault.message);
    throw wrong(tooMany ? `工作表超过${SHEET_LIMITS.rows}行或${SHEET_LIMITS.columns}列` : '工作簿无法读取');
  }
  const sheet = workbook.worksheets[0];
  if (!sheet) throw wrong('工作簿中没有工作表');
  const rows: SheetRow[] = [];
  sheet.eachRow((row, number) => rows.push(readCells(row, number)));
  return rows;
}

function readCells(row: ExcelJS.Row, number: number): SheetRow {
  const cells: string[] = [];
  let fault: string | null = null;
  row.eachCell({ includeEmpty: true }, (cell, column) => {
    const text = cellText(cell.value);
    if (text === null) fault = `第${column}列含有公式或错误值，请粘贴为数值`;
    cells[column - 1] = text ?? '';
  });
  return { number, cells: Array.from(cells, (cell) => cell ?? ''), fault };
}

/** The text of a cell; null for formulas and error values, which are refused. */
function cellText(value: ExcelJS.CellValue): string | null {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString().slice(0, 10);
  if (typeof value !== 'object') return String(value);
  if ('richText' in value) return value.richText.map((part) => part.text).join('');
  if ('hyperlink' in value) return typeof value.text === 'string' ? value.text : null;
  return null;
}

function wrong(detail: string): HotlineError {
  return new HotlineError('invalid-input', detail, { field: 'file' });
}
