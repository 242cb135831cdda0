import { deflateRawSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import type { Line } from '../../src/lines/line';
import {
  escapeFormula,
  LINE_COLUMNS,
  readHeader,
  readRow,
  unescapeFormula,
} from '../../src/lines/line-columns';
import { readSheet, writeCsv, writeXlsx } from '../../src/lines/line-sheet.adapter';
import { refuseWorkbook } from '../../src/lines/xlsx-guard.adapter';

const LINE: Line = {
  lineId: 'l1',
  version: 3,
  name: '=HYPERLINK("http://x")',
  mode: 'parallel',
  numbers: ['12315', '03553012315'],
  unitId: 'dept-shichang',
  owner: '140423',
  firstDay: '2021-01-01',
  lastDay: '2026-12-31',
  greetingSound: 'greeting-12315',
  greetingText: '您好，“欢迎”,\n第二行',
  queue: 'general',
  priority: 2,
  defaultCategory: 'SC-01',
  script: "@SUM(A1)\t'引号'",
  parallelDestination: '03553012316',
};
const PLAIN: Line = {
  ...LINE,
  lineId: 'l2',
  name: "'已有引号",
  unitId: null,
  lastDay: null,
  script: "'=1+1",
  defaultCategory: null,
  parallelDestination: null,
  mode: 'own',
};
const known = (id: string) => [LINE, PLAIN].find((one) => one.lineId === id) ?? null;
const csv = (...rows: string[]) => Buffer.from(rows.join('\r\n'));
const HEAD = '热线名称,整合方式,号码,启用日期';

async function back(file: Buffer) {
  const [head, ...rows] = await readSheet(file);
  const columns = readHeader(head?.cells ?? []);
  if (typeof columns === 'string') throw new Error(columns);
  return rows.map((row) => readRow(columns, row.cells, known));
}

describe('lines as a sheet', () => {
  test.each([
    ['CSV', async (lines: Line[]) => writeCsv(lines)],
    ['XLSX', writeXlsx],
  ])('%s: what is exported is read back the same', async (_name, write) => {
    const rows = await back(await write([LINE, PLAIN]));
    const { lineId: _1, version: _2, ...first } = LINE;
    const { lineId: _3, version: _4, ...second } = PLAIN;
    expect(rows).toEqual([
      { lineId: 'l1', version: 3, input: first },
      { lineId: 'l2', version: 3, input: second },
    ]);
  });

  test('nothing exported begins like a formula', async () => {
    const text = writeCsv([LINE, PLAIN]).toString();
    expect(text.startsWith('\ufeff编号,版本,热线名称')).toBe(true);
    expect(text).not.toMatch(/(^|,|\n)"?[=+\-@]/);
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load((await writeXlsx([LINE])) as unknown as ExcelJS.Buffer);
    workbook.worksheets[0]?.eachRow((row) =>
      row.eachCell((cell) => expect(typeof cell.value).toBe('string')),
    );
  });

  test.each(['=1', '+86', '-1', '@x', '\t=1', '＝1', "'=1", "''+1", 'ordinary', "'quoted"])(
    'escape and back: %j',
    (text) => {
      expect(unescapeFormula(escapeFormula(text))).toBe(text);
      expect(escapeFormula(text)).not.toMatch(/^[=+\-@＝＋－＠\t]/);
    },
  );

  test.each<[string, Buffer]>([
    ['UTF-8', csv(HEAD, '城建热线,直接合并,0355-2012319；12319,2026/6/1')],
    [
      'UTF-8 with BOM',
      Buffer.concat([Buffer.from('\ufeff'), csv(HEAD, '城建热线,direct,2012319;12319,2026年6月1日')]),
    ],
    [
      'GBK',
      Buffer.from(
        'c8c8cfdfc3fbb3c62cd5fbbacfb7bdcabd2cbac5c2eb2cc6f4d3c3c8d5c6da0d0ab3c7bda8c8c8cfdf2cd6b1bdd3bacfb2a22c3230313233313920a3bb31323331392c323032362d30362d3031',
        'hex',
      ),
    ],
    [
      'UTF-16 with BOM',
      Buffer.concat([
        Buffer.from([0xff, 0xfe]),
        Buffer.from(`${HEAD}\n城建热线,直接合并,2012319、12319,2026-06-01`, 'utf16le'),
      ]),
    ],
    ['semicolons', csv(HEAD.replaceAll(',', ';'), '城建热线;直接合并;"2012319;12319";2026-06-01')],
    ['tabs', csv(HEAD.replaceAll(',', '\t'), '城建热线\t直接合并\t2012319，12319\t2026-06-01')],
  ])('%s is read', async (_name, file) => {
    const [row] = await back(file);
    expect(row).toMatchObject({
      lineId: null,
      input: {
        name: '城建热线',
        mode: 'direct',
        owner: 'city',
        firstDay: '2026-06-01',
        queue: 'general',
        lastDay: null,
      },
    });
    expect(typeof row === 'string' ? [] : row?.input.numbers).toHaveLength(2);
  });

  test('numbers and dates typed into a spreadsheet', async () => {
    const workbook = new ExcelJS.Workbook();
    const sheet = workbook.addWorksheet('x');
    sheet.addRow(HEAD.split(','));
    sheet.addRow(['城建', '直接合并', 3552012319, new Date('2026-06-01T00:00:00Z')]);
    sheet.addRow([]);
    sheet.addRow(['城建', '直接合并', { formula: '1+1', result: 2 }, '2026-06-01']);
    sheet.mergeCells('F1:G20');
    const rows = await readSheet(Buffer.from(await workbook.xlsx.writeBuffer()));
    expect(rows[1]?.cells.slice(0, 4)).toEqual(['城建', '直接合并', '3552012319', '2026-06-01']);
    expect(rows[2]).toMatchObject({ number: 4, fault: expect.stringContaining('公式') as string });
  });

  test.each([
    ['wrong columns', '姓名,电话', '无法识别的列：姓名、电话'],
    ['a missing column', '热线名称,号码', '缺少列：整合方式、启用日期'],
    ['a column twice', `${HEAD},号码`, '重复'],
  ])('header: %s', (_name, head, words) => expect(readHeader(head.split(','))).toContain(words));

  test.each([
    ['长'.repeat(61), '直接合并', '12319', '2026-06-01', '热线名称'],
    ['甲', '并行', '12319', '2026-06-01', '整合方式'],
    ['甲', '直接合并', '', '2026-06-01', '号码'],
    ['甲', '直接合并', '12319', '2026-02-30', '启用日期'],
    ['甲', '直接合并', '12319', '', '启用日期'],
  ])('a row that is no line: %s %s %s %s', (name, mode, numbers, day, words) => {
    const columns = readHeader(HEAD.split(','));
    expect(
      typeof columns === 'string' ? columns : readRow(columns, [name, mode, numbers, day], known),
    ).toContain(words);
  });

  test('an unknown 编号 is refused', () => {
    const columns = readHeader([...HEAD.split(','), '编号']);
    if (typeof columns === 'string') throw new Error(columns);
    expect(readRow(columns, ['甲', '直接合并', '12319', '2026-06-01', 'nowhere'], known)).toContain('不存在');
    expect(LINE_COLUMNS.length).toBe(16);
  });
});

/** CRC-32 of zip, bit by bit: small inputs only need it right. */
function crc32(bytes: Buffer): number {
  if (bytes.length > 1_000_000) return 0;
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A zip of deflated entries; `declared` is the unpacked size they claim to have. */
function zip(contents: Record<string, Buffer | string>, declared?: number): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(contents)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const size = declared ?? bytes.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(bytes), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), packed);
    entries.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length / 2, 8);
  end.writeUInt16LE(entries.length / 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** The smallest workbook with this sheet. */
function workbookOf(sheet: string): Buffer {
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const rels = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  return zip({
    '_rels/.rels': `<Relationships xmlns="${rels}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${rels}"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="x" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}">${sheet}</worksheet>`,
  });
}

const xmlRow = (number: number, cells: string[]): string => {
  const texts = cells.map(
    (text, at) => `<c r="${'ABCDEFGH'[at]}${number}" t="inlineStr"><is><t>${text}</t></is></c>`,
  );
  return `<row r="${number}">${texts.join('')}</row>`;
};

describe('hostile files', () => {
  const limits = { entries: 10, unpackedBytes: 1_000_000 };
  test('a zip bomb that lies about its size is refused without being unpacked', () => {
    const bomb = zip({ 'xl/worksheets/sheet1.xml': Buffer.alloc(50_000_000) }, 1000);
    expect(bomb.length).toBeLessThan(100_000);
    expect(refuseWorkbook(bomb, limits)).toContain('过大');
  });

  test.each(['Sheet1!$A$1:$XFD$1048576', 'Sheet1!$A:$Z', "'a 1'!$A$1:$C$99999", 'Sheet1!$1:$1048576'])(
    'a named range of %s',
    (range) => {
      const workbook = zip({
        'xl/workbook.xml': `<workbook><definedName name="x">${range}</definedName></workbook>`,
      });
      expect(refuseWorkbook(workbook, limits)).toContain('名称区域');
    },
  );

  test('an ordinary named range passes', () => {
    const workbook = zip({
      'xl/workbook.xml': '<definedName name="_xlnm._FilterDatabase">Sheet1!$A$1:$Q$30</definedName>',
    });
    expect(refuseWorkbook(workbook, limits)).toBeNull();
  });

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), '空'],
    ['an old xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'xls'],
    ['a broken zip', Buffer.from('504b0304ffffffff', 'hex'), 'xlsx'],
    ['a zip that is no workbook', zip({ 'readme.txt': 'x' }), '工作'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]), '文件不是文本'],
    ['an open quote', csv(HEAD, '"城建'), '引号'],
    ['too much', Buffer.alloc(2_000_001, 0x61), '2MB'],
    ['too many rows', csv(HEAD, ...Array.from({ length: 2100 }, () => 'a,b,c,d')), '2000'],
  ])('%s is refused with a sentence', async (_name, file, words) => {
    await expect(readSheet(file)).rejects.toMatchObject({ detail: expect.stringContaining(words) as string });
  });

  test('whole-sheet merges, validations and far cells cost nothing', async () => {
    const rows = [xmlRow(1, HEAD.split(',')), xmlRow(2, ['城建', '直接合并', '12319', '2026-06-01'])].join(
      '',
    );
    const huge =
      '<mergeCells count="1"><mergeCell ref="F1:XFD1048576"/></mergeCells>' +
      '<dataValidations count="1"><dataValidation type="list" sqref="A1:XFD1048576"><formula1>"a"</formula1></dataValidation></dataValidations>';
    const began = performance.now();
    expect(await readSheet(workbookOf(`<sheetData>${rows}</sheetData>${huge}`))).toMatchObject([
      { number: 1, cells: HEAD.split(',') },
      { number: 2, cells: ['城建', '直接合并', '12319', '2026-06-01'] },
    ]);
    const far = `<sheetData>${rows}${xmlRow(1048576, ['远'])}</sheetData>`;
    expect(await readSheet(workbookOf(far))).toHaveLength(3);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
