import { LINE_MODES, type Line, type LineInput, type LineMode, lineInput } from './line';

/** The columns of a sheet of lines, in the order of an export. */
export const LINE_COLUMNS = [
  ['lineId', '编号'],
  ['version', '版本'],
  ['name', '热线名称'],
  ['mode', '整合方式'],
  ['numbers', '号码'],
  ['unitId', '责任单位编号'],
  ['owner', '归属'],
  ['firstDay', '启用日期'],
  ['lastDay', '停用日期'],
  ['greetingSound', '问候语录音'],
  ['greetingText', '问候语'],
  ['queue', '队列'],
  ['priority', '优先级'],
  ['defaultCategory', '默认分类'],
  ['script', '坐席脚本'],
  ['parallelDestination', '并行转接号码'],
] as const;
export type LineColumn = (typeof LINE_COLUMNS)[number][0];

/** Columns a sheet must have to be a sheet of lines; the others may be left out and take their defaults. */
const NEEDED: readonly LineColumn[] = ['name', 'mode', 'numbers', 'firstDay'];

const CITY_WORD = '市级';

/** One row of a sheet, understood: which line it means (if it says) and what that line should be. */
export interface LineRowRead {
  lineId: string | null;
  version: number | null;
  input: LineInput;
}

/** The header as columns; a Chinese sentence when the sheet is not one of lines. Unknown columns are refused, not ignored. */
export function readHeader(cells: readonly string[]): (LineColumn | null)[] | string {
  const names = new Map<string, LineColumn>(LINE_COLUMNS.map(([key, title]) => [title, key]));
  const trimmed = cells.map((cell) => cell.normalize('NFKC').trim());
  const unknown = trimmed.filter((cell) => cell !== '' && !names.has(cell)).map((cell) => cell.slice(0, 20));
  if (unknown.length > 0) return `表头中有无法识别的列：${unknown.slice(0, 5).join('、')}`;
  const columns = trimmed.map((cell) => names.get(cell) ?? null);
  const used = columns.filter((column) => column !== null);
  if (new Set(used).size < used.length) return '表头中有重复的列';
  const missing = LINE_COLUMNS.filter(([key]) => NEEDED.includes(key) && !used.includes(key));
  return missing.length > 0 ? `表头缺少列：${missing.map(([, title]) => title).join('、')}` : columns;
}

/** One row as a line; a Chinese sentence when it cannot be one. Columns the sheet lacks are taken from `before`. */
export function readRow(
  columns: readonly (LineColumn | null)[],
  cells: readonly string[],
  before: (lineId: string) => Line | null,
): LineRowRead | string {
  const row = new Map<LineColumn, string>();
  columns.forEach((column, at) => column && row.set(column, unescapeFormula(cells[at] ?? '').trim()));
  const lineId = row.get('lineId') || null;
  const known = lineId ? before(lineId) : null;
  if (lineId && !known) return `编号“${lineId.slice(0, 40)}”的热线不存在；新建热线请将编号留空`;
  const version = row.get('version') || null;
  if (version !== null && !/^\d{1,9}$/.test(version)) return '版本须是整数';
  const parsed = lineInput.safeParse(rawInput(row, known));
  if (!parsed.success) return faultWords(parsed.error.issues[0]?.path[0]);
  return { lineId, version: version === null ? null : Number(version), input: parsed.data };
}

/** A line as the cells of a row. */
export function writeRow(line: Line): string[] {
  const cells: Record<LineColumn, string> = {
    lineId: line.lineId,
    version: String(line.version),
    name: line.name,
    mode: LINE_MODES[line.mode],
    numbers: line.numbers.join('；'),
    unitId: line.unitId ?? '',
    owner: line.owner === 'city' ? CITY_WORD : line.owner,
    firstDay: line.firstDay,
    lastDay: line.lastDay ?? '',
    greetingSound: line.greetingSound,
    greetingText: line.greetingText,
    queue: line.queue,
    priority: String(line.priority),
    defaultCategory: line.defaultCategory ?? '',
    script: line.script,
    parallelDestination: line.parallelDestination ?? '',
  };
  return LINE_COLUMNS.map(([key]) => cells[key]);
}

/** Text that a spreadsheet program would run as a formula gets a quote before it; `unescapeFormula` takes it off. */
export function escapeFormula(text: string): string {
  return /^'*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

/** Undoes `escapeFormula`. */
export function unescapeFormula(text: string): string {
  return /^'+[=+\-@\t\r\n＝＋－＠]/.test(text) ? text.slice(1) : text;
}

function rawInput(row: ReadonlyMap<LineColumn, string>, known: Line | null): Record<string, unknown> {
  const text = (column: LineColumn, otherwise: string) => row.get(column) ?? otherwise;
  const optional = (column: LineColumn, otherwise: string | null | undefined) =>
    row.has(column) ? row.get(column) || null : (otherwise ?? null);
  const owner = text('owner', known?.owner ?? 'city');
  return {
    name: text('name', ''),
    mode: readMode(text('mode', '')),
    numbers: text('numbers', '')
      .split(/[;；,，、\n]/)
      .map((number) => number.trim())
      .filter((number) => number !== ''),
    unitId: optional('unitId', known?.unitId),
    owner: owner === '' || owner === CITY_WORD ? 'city' : owner,
    firstDay: readDay(text('firstDay', '')),
    lastDay:
      text('lastDay', known?.lastDay ?? '') === '' ? null : readDay(text('lastDay', known?.lastDay ?? '')),
    greetingSound: text('greetingSound', known?.greetingSound ?? '') || 'greeting-merged',
    greetingText: text('greetingText', known?.greetingText ?? ''),
    queue: text('queue', known?.queue ?? '') || 'general',
    priority: Number(text('priority', String(known?.priority ?? 0)) || 0),
    defaultCategory: optional('defaultCategory', known?.defaultCategory),
    script: text('script', known?.script ?? ''),
    parallelDestination: optional('parallelDestination', known?.parallelDestination),
  };
}

function readMode(word: string): LineMode | string {
  const modes = Object.entries(LINE_MODES) as [LineMode, string][];
  return modes.find(([key, title]) => key === word || title === word)?.[0] ?? word;
}

/** 2026-06-01, 2026/6/1 and 2026年6月1日; anything else stays as it is and is refused by the check. */
function readDay(word: string): string {
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(word.normalize('NFKC'));
  return parts ? `${parts[1]}-${parts[2]?.padStart(2, '0')}-${parts[3]?.padStart(2, '0')}` : word;
}

const EXPECTED: Partial<Record<LineColumn, string>> = {
  name: '须填写，不超过60字',
  mode: `须是${Object.values(LINE_MODES).join('、')}之一`,
  numbers: '须填写1至20个号码，用分号隔开',
  owner: '须是“市级”或县区编号',
  firstDay: '须是日期，如2026-06-01',
  lastDay: '须是日期，如2026-06-01，或留空',
  greetingSound: '须是录音名称（小写字母、数字、连字符）',
  queue: '须是队列名称（小写字母、数字、连字符）',
  priority: '须是0至9的整数',
};

function faultWords(field: PropertyKey | undefined): string {
  const column = LINE_COLUMNS.find(([key]) => key === field);
  return column ? `${column[1]}：${EXPECTED[column[0]] ?? '内容过长或格式不正确'}` : '内容格式不正确';
}
