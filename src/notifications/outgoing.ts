import { afterQuiet, type QuietHours } from '../calls/callback';
import { maskNumber, readNumber } from '../lines/phone-number';
import { templateOf, type TemplateCode } from './message-template';

export const CHANNELS = { sms: '短信', email: '电子邮件', inApp: '站内通知' } as const;
export type MessageChannel = keyof typeof CHANNELS;

export const OUTGOING_STATES = {
  waiting: '待发送',
  sending: '发送中',
  sent: '已提交',
  delivered: '已送达',
  failed: '失败',
  cancelled: '已取消',
  skipped: '未发送',
} as const;
export type OutgoingState = keyof typeof OUTGOING_STATES;

/** Whom a message goes to. `number` in any notation; null when the citizen hides it. */
export type Addressee =
  | { channel: 'sms'; number: string | null }
  | { channel: 'email'; address: string }
  | { channel: 'inApp'; unitId: string };

export interface OutgoingPolicy {
  /** An attempt's claim lapses after this time: its service has died. */
  claimMs: number;
  /** Before the second attempt; four times as long before each further one, at most an hour. */
  retryMs: number;
  /** After so many attempts a message has failed. */
  attempts: number;
  /** City times between which citizens get no SMS that is not urgent. */
  quiet: QuietHours | null;
  areaCode: string;
  /** Channels that are set up. */
  open: Record<'sms' | 'email', boolean>;
}

const EMAIL = /^[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/;

/** The canonical mobile number in any notation, or null. */
export function mobileOf(written: string, areaCode: string): string | null {
  const { kind, canonical } = readNumber(written, areaCode);
  return kind === 'mobile' ? canonical : null;
}

/** An e-mail address in one writing only, or null. */
export function emailOf(written: string): string | null {
  const address = written.trim().toLowerCase();
  return address.length <= 120 && EMAIL.test(address) ? address : null;
}

/** The address as it is kept and, in Chinese, why nothing can be sent to it (null: it can). */
export function addressOf(
  to: Addressee,
  { areaCode, open }: Pick<OutgoingPolicy, 'areaCode' | 'open'>,
): { address: string; why: string | null } {
  if (to.channel === 'inApp') return { address: to.unitId, why: null };
  if (to.channel === 'email') {
    const address = emailOf(to.address);
    if (!address) return { address: '', why: '邮箱地址无法识别' };
    return { address, why: open.email ? null : '电子邮件未启用' };
  }
  if (to.number === null) return { address: '', why: '诉求人隐藏号码' };
  const { kind, canonical } = readNumber(to.number, areaCode);
  if (canonical === null) return { address: '', why: '号码无法识别' };
  if (kind !== 'mobile') return { address: canonical, why: '不是手机号码，不能接收短信' };
  return { address: canonical, why: open.sms ? null : '短信未启用' };
}

/** The first instant from `at` on at which a message may leave: citizens' SMS wait for the end of the quiet hours. */
export function mayLeaveAt(
  at: Date,
  message: { channel: MessageChannel; template: TemplateCode },
  quiet: QuietHours | null,
): Date {
  const { audience, urgent } = templateOf(message.template);
  const waits = message.channel === 'sms' && audience === 'citizen' && !urgent;
  return waits ? new Date(afterQuiet(at.getTime(), quiet)) : at;
}

const LONGEST_WAIT_MS = 3_600_000;

/** When a message is tried again after its n-th attempt; null: no more. */
export function nextAttempt(
  now: Date,
  tried: number,
  { retryMs, attempts }: Pick<OutgoingPolicy, 'retryMs' | 'attempts'>,
): Date | null {
  if (tried >= attempts) return null;
  return new Date(now.getTime() + Math.min(LONGEST_WAIT_MS, retryMs * 4 ** (tried - 1)));
}

/** What may be done by hand with a message in a state; the browser asks the same table. */
export const OUTGOING_ACTIONS = {
  retry: { from: ['failed'], words: '重发' },
  cancel: { from: ['waiting'], words: '取消' },
} as const satisfies Record<string, { from: readonly OutgoingState[]; words: string }>;
export type OutgoingAction = keyof typeof OUTGOING_ACTIONS;

/** An address as people see it who look after messages. */
export function maskAddress(channel: MessageChannel, address: string): string {
  if (channel === 'inApp') return address;
  if (channel === 'sms') return maskNumber(address);
  const [user = '', host = ''] = address.split('@');
  return address ? `${user.slice(0, 1)}***@${host}` : '';
}
