import type { Action } from '../../permissions';

/** The pages and sections people work on, each with what one must be allowed to find something there. */
export const PLACES = [
  { address: '/desk', label: '坐席工作台', action: 'seat.use' },
  { address: '/desk#/monitor', label: '坐席监控', action: 'call.monitor' },
  { address: '/wallboard', label: '实时大屏', action: 'wallboard.view' },
  { address: '/admin#/callbacks', label: '漏接回拨', action: 'callback.manage' },
  { address: '/admin#/nuisance', label: '骚扰名单', action: 'nuisance.view' },
  { address: '/admin#/lines', label: '热线整合', action: 'line.edit' },
  { address: '/admin#/prompts', label: '录音', action: 'prompt.view' },
  { address: '/admin#/dial-rules', label: '外呼规则', action: 'dial-rule.view' },
  { address: '/admin#/contacts', label: '转接目标', action: 'contact.edit' },
  { address: '/admin#/leader-shifts', label: '领导接听', action: 'leader-shift.edit' },
  { address: '/oversight', label: '监督', action: 'audit.view' },
  { address: '/portal', label: '承办单位', action: 'ticket.inbox' },
] as const satisfies { address: string; label: string; action: Action }[];

/** The window a place opens in: one for each page, so that a call at the desk goes on. */
export function windowOf(address: string): string {
  return address.split('#')[0]?.slice(1) ?? '';
}
