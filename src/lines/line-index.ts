import { DateTime } from 'luxon';
import type { Line } from './line';
import { normaliseNumber } from './phone-number';

/** What numbers and days are read with: settings of the city. */
export interface LineSettings {
  /** HOTLINE_NUMBER, e.g. `12345`. */
  hotlineNumber: string;
  /** AREA_CODE with its 0, e.g. `0355`. */
  areaCode: string;
  /** IANA zone in which first and last days are meant, e.g. Asia/Shanghai. */
  cityZone: string;
}

/** All lines by canonical number, made once per change so that a call needs one look-up and no database. */
export interface LineIndex extends LineSettings {
  byNumber: ReadonlyMap<string, readonly Line[]>;
  /** 12345 itself when no line of the table covers it: the hotline answers even with an empty table. */
  builtIn: Line;
}

/** Builds the index. One number may belong to several lines one after another, never on the same day. */
export function buildLineIndex(lines: readonly Line[], settings: LineSettings): LineIndex {
  const byNumber = new Map<string, Line[]>();
  for (const line of lines) {
    for (const written of line.numbers) {
      const number = normaliseNumber(written, settings.areaCode) ?? written;
      const sharing = byNumber.get(number);
      if (!sharing) byNumber.set(number, [line]);
      else if (!sharing.includes(line)) sharing.push(line);
    }
  }
  for (const sharing of byNumber.values()) sharing.sort(byFirstDay);
  return { ...settings, byNumber, builtIn: builtInLine(settings.hotlineNumber) };
}

const MINUTE_MS = 60_000;
let lastRead = { minute: NaN, zone: '', day: '' };

/** The calendar day of an instant in a zone, `yyyy-mm-dd`. Every call asks; in one minute the answer is the same. */
export function dayOf(at: Date, zone: string): string {
  const minute = Math.floor(at.getTime() / MINUTE_MS);
  if (minute !== lastRead.minute || zone !== lastRead.zone)
    lastRead = { minute, zone, day: DateTime.fromJSDate(at, { zone }).toISODate() ?? '0000-00-00' };
  return lastRead.day;
}

/** Whether a line serves on a day; both ends belong to it. */
export function servesOn(line: Pick<Line, 'firstDay' | 'lastDay'>, day: string): boolean {
  return line.firstDay <= day && (line.lastDay === null || day <= line.lastDay);
}

function byFirstDay(one: Line, other: Line): number {
  if (one.firstDay !== other.firstDay) return one.firstDay < other.firstDay ? -1 : 1;
  return one.lineId < other.lineId ? -1 : 1;
}

function builtInLine(hotlineNumber: string): Line {
  return {
    lineId: 'line-built-in',
    version: 0,
    name: `${hotlineNumber}政务服务热线`,
    mode: 'own',
    numbers: [hotlineNumber],
    unitId: null,
    owner: 'city',
    firstDay: '0001-01-01',
    lastDay: null,
    greetingSound: 'greeting-12345',
    greetingText: '您好，这里是12345政务服务热线，请问有什么可以帮您？',
    queue: 'general',
    priority: 0,
    defaultCategory: null,
    script: '',
    parallelDestination: null,
  };
}
