import type { OutwardTarget } from '../../calls/outward.service';
import type { Destination } from '../../desk/destination';

export type Purpose = 'consult' | 'threeWay' | 'transfer';

export const PURPOSES: Record<Purpose, { name: string; means: string; go: string }> = {
  consult: { name: '咨询', means: '诉求人等待，您先与对方说明；之后可转接、合并三方或恢复。', go: '呼叫' },
  threeWay: { name: '三方通话', means: '对方接起后直接加入通话；您可随时退出，留下双方。', go: '邀请' },
  transfer: { name: '转接', means: '立即转走，您进入话后整理；对方未接时诉求人回到队列最前。', go: '转接' },
};

/** One line of the list: a destination, or the number being typed. `why` says why it cannot be chosen. */
export interface Choice {
  key: string;
  name: string;
  detail: string;
  words: string;
  why: string | null;
  emergency: boolean;
  target: OutwardTarget;
  used: boolean;
}

/** Two digits and more are a number to dial; whether it may be, the service decides. */
const NUMBER = /^\+?[\d\s()（）-]{2,24}$/;

function targetOf({ kind, id }: Destination): OutwardTarget {
  switch (kind) {
    case 'seat':
      return { kind, seatId: id };
    case 'queue':
      return { kind, queue: id };
    case 'line':
      return { kind, lineId: id };
    case 'contact':
      return { kind, contactId: id };
    case 'emergency':
      return { kind, number: id };
  }
}

/**
 * What the dialog lists for what is typed: last used first, then as the service orders them, a typed number at the end.
 * The emergency desks have a key of their own: they are not what an Enter too many rings.
 */
export function choices(
  found: readonly Destination[],
  purpose: Purpose,
  typed: string,
  lastUsed: readonly string[],
): Choice[] {
  const place = ({ key, emergency }: Choice) => {
    if (emergency && !typed.trim()) return lastUsed.length + 1;
    const at = lastUsed.indexOf(key);
    return at < 0 ? lastUsed.length : at;
  };
  const listed = found.map((one): Choice => {
    const key = `${one.kind}:${one.id}`;
    const queueOnly = one.kind === 'queue' && purpose !== 'transfer';
    return {
      key,
      name: one.name,
      detail: [one.detail, one.number].filter((part) => part && part !== one.name).join('，'),
      words: one.words,
      why: queueOnly ? '队列只能转接' : one.available ? null : one.words,
      emergency: one.kind === 'emergency',
      target: targetOf(one),
      used: lastUsed.includes(key),
    };
  });
  const ordered = [...listed].sort((one, other) => place(one) - place(other));
  const number = typed.trim();
  if (!NUMBER.test(number)) return ordered;
  const dial: Choice = {
    key: 'number',
    name: `拨打 ${number}`,
    detail: '外线号码，按外呼规则检查',
    words: '',
    why: null,
    emergency: false,
    target: { kind: 'number', number, name: '' },
    used: false,
  };
  return [...ordered, dial];
}

/** The highlighted line after a step; stays within the list. */
export function step(index: number, by: number, length: number): number {
  return length === 0 ? 0 : (index + by + length) % length;
}

const KEPT = 5;

/** The last used with the newest first. Typed numbers are not kept: they are somebody's. */
export function remember(lastUsed: readonly string[], key: string): string[] {
  return key === 'number' ? [...lastUsed] : [key, ...lastUsed.filter((one) => one !== key)].slice(0, KEPT);
}
