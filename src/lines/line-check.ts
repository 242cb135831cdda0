import { HotlineError } from '../errors';
import type { Line, LineInput } from './line';
import type { LineSettings } from './line-index';
import { refuseNotMergeable } from './not-mergeable';
import { readNumber } from './phone-number';

/** What a line is checked against. */
export interface LineContext extends Pick<LineSettings, 'hotlineNumber' | 'areaCode'> {
  /** The unit named by `unitId`; null when it names none that exists. */
  unit: { name: string; kind: string } | null;
  /** The line being changed; null for a new one. */
  lineId: string | null;
  /** All lines there are. */
  others: readonly Line[];
}

/**
 * Checks what an administrator wrote and returns it as it is stored, numbers canonical and without repeats. Throws
 * `line-not-mergeable` (M0), `line-overlaps` naming the other line, or `invalid-input` naming the field.
 */
export function checkLine(input: LineInput, context: LineContext): LineInput {
  refuseNotMergeable(
    { numbers: input.numbers, name: input.name, unitName: context.unit?.name, unitKind: context.unit?.kind },
    context.areaCode,
  );
  if (input.unitId !== null && !context.unit) throw wrong('unitId', `责任单位“${input.unitId}”不存在`);
  if (input.lastDay !== null && input.lastDay < input.firstDay)
    throw wrong('lastDay', `停用日期${input.lastDay}早于启用日期${input.firstDay}`);
  if (!/^(city|\d{6})$/.test(input.owner)) throw wrong('owner', '归属须是市级（city）或六位县区编号');
  const checked: LineInput = {
    ...input,
    numbers: [...new Set(input.numbers.map((number) => canonical('numbers', number, context.areaCode)))],
    parallelDestination: destination(input, context.areaCode),
  };
  checkOwn(checked, context);
  const overlap = overlapOf(checked, context.lineId, context.others);
  if (overlap) throw overlapRefusal(overlap.number, overlap.line);
  return checked;
}

/** The first number that another line has on one of the same days, and that line. */
export function overlapOf(
  input: Pick<LineInput, 'numbers' | 'firstDay' | 'lastDay'>,
  lineId: string | null,
  others: readonly Line[],
): { number: string; line: Line } | null {
  for (const line of others) {
    if (line.lineId === lineId) continue;
    const apart =
      (line.lastDay !== null && line.lastDay < input.firstDay) ||
      (input.lastDay !== null && input.lastDay < line.firstDay);
    const number = apart ? undefined : input.numbers.find((one) => line.numbers.includes(one));
    if (number) return { number, line };
  }
  return null;
}

/** The refusal that names the other line and its days. */
export function overlapRefusal(number: string, other: Line): HotlineError {
  const days = `${other.firstDay}至${other.lastDay ?? '长期'}`;
  return new HotlineError('line-overlaps', `号码${number}在同一时期已属于热线“${other.name}”（${days}）`, {
    number,
    otherLineId: other.lineId,
    otherLineName: other.name,
    otherFirstDay: other.firstDay,
    otherLastDay: other.lastDay,
  });
}

/** 12345 itself is the one line that owns the hotline number, and it does not end. */
function checkOwn(input: LineInput, context: LineContext): void {
  const hasHotlineNumber = input.numbers.includes(context.hotlineNumber);
  if (input.mode === 'own' && !hasHotlineNumber)
    throw wrong('mode', `只有${context.hotlineNumber}本身可以是“12345本线”`);
  if (input.mode !== 'own' && hasHotlineNumber)
    throw wrong('numbers', `${context.hotlineNumber}是热线本身的号码，不能整合到其他热线`);
  if (input.mode === 'own' && input.lastDay !== null) throw wrong('lastDay', '12345本线不能停用');
}

function destination(input: LineInput, areaCode: string): string | null {
  const written = input.parallelDestination?.trim() || null;
  if (written === null) {
    if (input.mode === 'parallel') throw wrong('parallelDestination', '并行接听的热线须填写其坐席的转接号码');
    return null;
  }
  return canonical('parallelDestination', written, areaCode);
}

function canonical(field: string, written: string, areaCode: string): string {
  const read = readNumber(written, areaCode);
  if (read.canonical === null) throw wrong(field, `号码“${written.slice(0, 40)}”无法识别`);
  if (read.kind === 'foreign') throw wrong(field, `号码“${written.slice(0, 40)}”不是境内号码`);
  return read.canonical;
}

function wrong(field: string, detail: string): HotlineError {
  return new HotlineError('invalid-input', detail, { field });
}
