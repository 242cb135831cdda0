import { stringify } from 'csv-stringify/sync';
import ExcelJS from 'exceljs';
import { cityDay, cityWords } from '../deadlines/city-time';
import type { FileReply } from '../platform/http-route';
import type { Board, BoardGroup } from './board';
import { figureText, liveFigure, seatReason, STATE_WORDS } from './board-words';
import {
  LIVE_FIGURE_KEYS,
  LIVE_FIGURES,
  WINDOW_FIGURE_KEYS,
  WINDOW_FIGURES,
  WINDOWS,
  type WindowName,
} from './definitions';

const WINDOW_NAMES = Object.keys(WINDOWS) as WindowName[];
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const HEAD = [
  '范围',
  '名称',
  ...LIVE_FIGURE_KEYS.map((key) => LIVE_FIGURES[key].name),
  ...WINDOW_NAMES.flatMap((window) =>
    WINDOW_FIGURE_KEYS.map((key) => `${WINDOWS[window]} ${WINDOW_FIGURES[key].name}`),
  ),
];

/** The figures as rows: the whole, each queue, each line. */
function rowsOf(board: Board): string[][] {
  const row = (scope: string, name: string, group: BoardGroup) => [
    scope,
    name,
    ...LIVE_FIGURE_KEYS.map((key) => figureText(liveFigure(key, group, board.at), LIVE_FIGURES[key].unit)),
    ...WINDOW_NAMES.flatMap((window) =>
      WINDOW_FIGURE_KEYS.map((key) => figureText(group[window][key], WINDOW_FIGURES[key].unit)),
    ),
  ];
  return [
    row('合计', '全部', board.total),
    ...board.queues.map((queue) => row('队列', queue.name, queue)),
    ...board.lines.map((line) => row('热线', line.name, line)),
  ];
}

/** The figures as CSV for spreadsheets: UTF-8 with its mark, and cells that would run as formulas made plain text. */
export function boardCsv(board: Board): FileReply {
  const text = stringify([HEAD, ...rowsOf(board)], {
    bom: true,
    record_delimiter: 'windows',
    escape_formulas: true,
  });
  return {
    file: Buffer.from(text),
    contentType: 'text/csv; charset=utf-8',
    fileName: `${fileName(board)}.csv`,
  };
}

/** The figures, the seats, the trend, and how each figure is reckoned, as an Excel workbook; every cell is text. */
export async function boardXlsx(board: Board): Promise<FileReply> {
  const workbook = new ExcelJS.Workbook();
  addSheet(workbook, '指标', HEAD, rowsOf(board));
  addSheet(
    workbook,
    '坐席',
    ['坐席', '状态', '原因', '状态开始'],
    board.seats.map((seat) => [
      seat.name,
      STATE_WORDS[seat.state],
      seatReason(seat) ?? '',
      cityWords(new Date(seat.since)),
    ]),
  );
  addSheet(
    workbook,
    '走势',
    ['半小时起', '呼入量', '接通量', '放弃量', '改留言或回拨', '接通率', '15秒接通率'],
    board.trend.map((point) => [
      cityWords(new Date(point.from)),
      String(point.offered),
      String(point.answered),
      String(point.abandoned),
      String(point.diverted),
      figureText(point.connectedRate, 'share'),
      figureText(point.inTimeRate, 'share'),
    ]),
  );
  addSheet(
    workbook,
    '口径',
    ['指标', '计算方法', '标准'],
    [...Object.values(LIVE_FIGURES), ...Object.values(WINDOW_FIGURES)].map(({ name, formula, standard }) => [
      name,
      formula,
      standard ?? '',
    ]),
  );
  return {
    file: Buffer.from(await workbook.xlsx.writeBuffer()),
    contentType: XLSX,
    fileName: `${fileName(board)}.xlsx`,
  };
}

function addSheet(workbook: ExcelJS.Workbook, name: string, head: string[], rows: string[][]): void {
  const sheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = head.map((header) => ({ header, width: Math.max(10, header.length * 2 + 2) }));
  sheet.getRow(1).font = { bold: true };
  for (const row of rows) sheet.addRow(row);
}

function fileName(board: Board): string {
  const at = new Date(board.at);
  return `大屏数据-${cityDay(at)}-${cityWords(at).slice(-5).replace(':', '')}`;
}
