/**
 * Where a callback stands.
 *
 *   owed ─→ queued ─→ dialling ─→ done
 *    ↑         │          └ not reached: owed again, later; after the last time givenUp
 *    └─────────┘          cancelled (served otherwise, or by a person), expired
 */
export const CALLBACK_STATES = {
  owed: '待回拨',
  queued: '排队中',
  dialling: '回拨中',
  done: '已回拨',
  givenUp: '未接通，已停止',
  cancelled: '已取消',
  expired: '已过期',
} as const;
export type CallbackState = keyof typeof CALLBACK_STATES;

export const OPEN_STATES = ['owed', 'queued', 'dialling'] as const satisfies CallbackState[];
