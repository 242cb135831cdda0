import type { Line, LineInput } from '../../lines/line';
import { LINE_MODE_WORDS } from '../shared/words';

export type LineState = 'serving' | 'ended' | 'not-yet';

export const STATE_WORDS: Record<LineState, string> = {
  serving: '服务中',
  ended: '已停用',
  'not-yet': '未启用',
};
export const STATE_COLORS: Record<LineState, string> = {
  serving: 'green',
  ended: 'default',
  'not-yet': 'gold',
};

/** Fields of a line as people call them, in the order of the form. */
export const FIELD_WORDS: Record<keyof LineInput, string> = {
  name: '热线名称',
  mode: '整合方式',
  numbers: '号码',
  unitId: '责任单位',
  owner: '归属',
  firstDay: '启用日期',
  lastDay: '停用日期',
  greetingSound: '问候语录音',
  greetingText: '问候语',
  queue: '队列',
  priority: '优先级',
  defaultCategory: '默认分类',
  script: '坐席脚本',
  parallelDestination: '并行转接号码',
};

export const OUTCOME_WORDS = {
  created: '新建',
  changed: '修改',
  unchanged: '无变化',
  refused: '拒绝',
} as const;
export const OUTCOME_COLORS = {
  created: 'green',
  changed: 'blue',
  unchanged: 'default',
  refused: 'red',
} as const;

/** Whether a line serves on a day (`yyyy-mm-dd`); both ends belong to it. */
export function stateOn(line: Pick<Line, 'firstDay' | 'lastDay'>, day: string): LineState {
  if (line.firstDay > day) return 'not-yet';
  return line.lastDay !== null && line.lastDay < day ? 'ended' : 'serving';
}

/** A field's value as people read it. Names of units and areas come from the directory where it knows them. */
export function fieldText(
  field: keyof LineInput,
  input: LineInput,
  names: ReadonlyMap<string, string>,
): string {
  const value = input[field];
  if (field === 'mode') return LINE_MODE_WORDS[input.mode];
  if (field === 'owner') return input.owner === 'city' ? '市级' : (names.get(input.owner) ?? input.owner);
  if (field === 'unitId') return input.unitId === null ? '—' : (names.get(input.unitId) ?? input.unitId);
  if (field === 'lastDay') return input.lastDay ?? '长期';
  if (Array.isArray(value)) return value.join('、');
  return value === null || value === '' ? '—' : String(value);
}

/** The fields that differ between two versions of a line; all filled ones for a new line. */
export function changedFields(before: LineInput | null, after: LineInput): (keyof LineInput)[] {
  const fields = Object.keys(FIELD_WORDS) as (keyof LineInput)[];
  return fields.filter((field) =>
    before === null
      ? after[field] !== null && after[field] !== ''
      : JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
}
