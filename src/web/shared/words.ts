import { CONSOLIDATION_MODES, type ConsolidationMode } from '../../lines/line';
import type { LineFacts } from '../../events';
import type { Role } from '../../permissions';

export const ROLE_WORDS: Record<Role, string> = {
  agent: '坐席',
  supervisor: '班长',
  administrator: '系统管理员',
  unit: '承办单位',
  overseer: '监督员',
};

export type LineMode = ConsolidationMode | 'own';

/** 整合方式 in words; `own` is 12345 itself. */
export const LINE_MODE_WORDS: Record<LineMode, string> = { own: '12345 本线', ...CONSOLIDATION_MODES };

export const LINE_MODE_COLORS: Record<LineMode, string> = {
  own: 'blue',
  direct: 'green',
  forwarded: 'gold',
  parallel: 'purple',
};

/** How the call was matched to its line, as the agent reads it. */
export const MATCHED_BY_WORDS: Record<LineFacts['matchedBy'], string> = {
  diversion: '按转移信息（Diversion）匹配',
  'history-info': '按转移信息（History-Info）匹配',
  'called-number': '按被叫号码匹配',
  exchange: '由该热线的交换机转来',
  default: '未匹配到其他热线，按 12345 本线接听',
};
