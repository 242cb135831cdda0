import { z } from 'zod';
import { readNumber, type ReadNumber } from '../lines/phone-number';
import { may, type Role } from '../permissions';

/**
 * What a role may dial, as ordered data. A number is read first, whatever its notation; emergency numbers are always
 * allowed to whoever controls calls and the hotline's own numbers never; then the first rule that speaks of the role
 * and the number decides; a number of which no rule speaks is refused.
 */
export const DIAL_KINDS = {
  emergency: '紧急求助电话',
  own: '本热线号码',
  hotline: '政务服务热线',
  local: '本地固定电话',
  mobile: '手机',
  national: '外地固定电话',
  service: '95、96短号',
  toll: '400、800号码',
  carrier: '电信业务短号',
  premium: '声讯及信息费号码',
  international: '国际及港澳台号码',
  internal: '内部分机',
  other: '其他号码',
} as const;
export type DialKind = keyof typeof DIAL_KINDS;

/** The kinds a rule may speak of; the other two are decided before any rule. */
export const RULED_KINDS = (Object.keys(DIAL_KINDS) as DialKind[]).filter(
  (kind) => kind !== 'emergency' && kind !== 'own',
);

/** Roles a rule may name: those who control calls. */
export const DIALLING_ROLES = ['agent', 'supervisor'] as const satisfies readonly Role[];

/** 公安、消防、急救、交通事故: never refused, in no city. */
export const EMERGENCY_NUMBERS: readonly string[] = ['110', '119', '120', '122'];

/** Digits, X for any one digit, and * at the end for any more: `168*`, `123XX`, `0355201*`, `+852*`. */
const pattern = z
  .string()
  .trim()
  .regex(/^\+?[0-9X]{1,20}\*?$/, '号码样式由数字、X（任意一位）和末尾的*（任意多位）组成');

/** One rule as an administrator writes it. Without patterns it speaks of all numbers of its kinds. */
export const dialRule = z
  .strictObject({
    name: z.string().trim().min(1).max(40),
    allow: z.boolean(),
    roles: z.array(z.enum(DIALLING_ROLES)).min(1).max(2),
    kinds: z.array(z.enum(RULED_KINDS as [DialKind, ...DialKind[]])).max(RULED_KINDS.length),
    patterns: z.array(pattern).max(100),
    /** Said to whoever is refused; may be empty where the rule allows. */
    reason: z.string().trim().max(120),
    /** Whether a local number is sent with its area code: some exchanges want it, others refuse it. */
    send: z.enum(['whole', 'without-area-code']),
  })
  .refine((rule) => rule.kinds.length + rule.patterns.length > 0, {
    message: '须指定号码类别或号码样式',
    path: ['kinds'],
  })
  .refine((rule) => !rule.allow || !rule.kinds.includes('other') || rule.patterns.length > 0, {
    message: '允许“其他号码”须列出号码样式',
    path: ['patterns'],
  })
  .refine((rule) => rule.allow || rule.reason !== '', { message: '禁止须说明原因', path: ['reason'] });
export type DialRule = z.infer<typeof dialRule>;

export const dialRules = z.array(dialRule).max(200);

export interface DialQuestion {
  role: Role;
  /** As typed, in any notation. */
  number: string;
}

export interface DialPlan {
  rules: readonly DialRule[];
  /** The city's area code with its 0. */
  areaCode: string;
  /** Whether this number (canonical) comes back to the hotline itself. */
  leadsHere(number: string): boolean;
}

export interface DialVerdict {
  allowed: boolean;
  /** What is sent to the trunk; null when refused. */
  dial: string | null;
  /** The number as read; null when it cannot be. */
  number: string | null;
  kind: DialKind;
  /** Name of what decided: a rule, or one of the fixed ones. */
  rule: string;
  /** Chinese sentence for people. */
  words: string;
}

const all: DialRule['roles'] = [...DIALLING_ROLES];
const rule = (
  name: string,
  allow: boolean,
  about: { kinds?: DialKind[]; patterns?: string[] },
  reason = '',
): DialRule => ({ name, allow, roles: all, kinds: [], patterns: [], reason, send: 'whole', ...about });

/** In force until an administrator writes others: premium, international and unlisted 96 numbers are refused. */
export const DEFAULT_DIAL_RULES: DialRule[] = [
  rule('声讯及信息费号码', false, { kinds: ['premium'] }, '该号码收取信息费，不允许外呼'),
  rule('国际及港澳台号码', false, { kinds: ['international'] }, '不允许拨打国际及港澳台号码'),
  rule('允许的96短号', true, { patterns: ['96110', '96119'] }),
  rule('其他96短号', false, { patterns: ['96*'] }, '96短号中有收取信息费的，须由管理员逐个列入允许'),
  rule('政务服务热线', true, { kinds: ['hotline'] }),
  rule('本地固定电话', true, { kinds: ['local'] }),
  rule('手机', true, { kinds: ['mobile'] }),
  rule('外地固定电话', true, { kinds: ['national'] }),
  rule('客服号码', true, { kinds: ['service', 'toll'] }),
  rule('运营商客服', true, { patterns: ['100XX'] }),
  rule('内部分机', false, { kinds: ['internal'] }, '内部坐席请从坐席列表中选择'),
];

/** What somebody types who means a telephone number; anything else never reaches a rule, let alone the switch. */
const TYPED = /^[+(]?[0-9][0-9 ().-]{0,39}$/;
const SENT = /^[0-9*#+]{1,20}$/;
/** Of the numbering plan: voice services 160, 168, value-added 125xx, 10159, time 117, enquiry 116/118, weather 121, satellite 1349, 1740. */
const PREMIUM = /^(?:16[08]|125|10159|11[678]|121(?:$|21)|1349|1740)/;
/** Kinds that are allowed only by a rule that names them: a wide pattern shall not let them through. */
const NAMED_ONLY: readonly DialKind[] = ['premium', 'international', 'internal', 'other'];

/** Whether this role may dial this number, what is sent, and why. Never throws. */
export function decideDial(question: DialQuestion, plan: DialPlan): DialVerdict {
  const typed = question.number.slice(0, 200).replace(/^ +| +$/g, '');
  const nothing = { allowed: false, dial: null, number: null, kind: 'other' } as const;
  if (!may(question.role, 'call.control')) return { ...nothing, rule: '角色', words: '该角色不能外呼' };
  if (question.number.length > 100 || !TYPED.test(typed))
    return {
      ...nothing,
      rule: '号码格式',
      words: '不是电话号码：只能含半角数字、开头的+、空格、括号、点和横线',
    };
  const read = readDialled(typed, plan);
  const fixed = decideFixed(read);
  if (fixed) return fixed;
  const deciding = plan.rules.find((each) => speaksOf(each, question.role, read));
  const about = { number: read.number, kind: read.kind };
  if (!deciding)
    return { ...about, allowed: false, dial: null, rule: '默认', words: '没有规则允许拨打该号码' };
  if (!deciding.allow)
    return { ...about, allowed: false, dial: null, rule: deciding.name, words: deciding.reason };
  return allowed(read, deciding.name, sentFor(read, deciding, plan.areaCode));
}

interface Dialled {
  number: string;
  kind: DialKind;
  /** What a refusing pattern is held against; an allowing one sees the first two only. */
  faces: string[];
}

function decideFixed(read: Dialled): DialVerdict | null {
  if (read.kind === 'emergency') return allowed(read, '紧急求助电话', read.number);
  if (read.kind !== 'own') return null;
  return {
    allowed: false,
    dial: null,
    number: read.number,
    kind: 'own',
    rule: '本热线号码',
    words: '该号码由本热线接听，拨打会回到本热线；请转到队列，或并行热线的自有坐席',
  };
}

function allowed(read: Dialled, name: string, dial: string): DialVerdict {
  const { number, kind } = read;
  if (!SENT.test(dial))
    return { allowed: false, dial: null, number, kind, rule: '号码格式', words: '号码过长，不能拨打' };
  return { allowed: true, dial, number, kind, rule: name, words: `按“${name}”允许拨打` };
}

function readDialled(typed: string, plan: DialPlan): Dialled {
  const read = readNumber(typed, plan.areaCode);
  if (read.canonical === null) return readUnknown(read.digits);
  const number = read.canonical;
  const faces = read.shortCode === null || read.shortCode === number ? [number] : [number, read.shortCode];
  return { number, faces, kind: kindOf(read, number, plan) };
}

function kindOf(read: ReadNumber, number: string, plan: DialPlan): DialKind {
  const { shortCode } = read;
  if (shortCode !== null && EMERGENCY_NUMBERS.includes(shortCode)) return 'emergency';
  if (plan.leadsHere(number)) return 'own';
  if (read.kind === 'foreign') return 'international';
  if (PREMIUM.test(shortCode ?? number)) return 'premium';
  if (read.kind === 'fixed') return number.startsWith(plan.areaCode) ? 'local' : 'national';
  if (read.kind === 'mobile') return 'mobile';
  if (read.kind === 'service') return 'toll';
  if (shortCode?.startsWith('123')) return 'hotline';
  return shortCode?.startsWith('9') ? 'service' : 'carrier';
}

/** Digits that are no number of the plan: looked at without country and area code too, so that nothing hides behind them. */
function readUnknown(digits: string): Dialled {
  const bare = digits.replace(/^(?:\+86|0086|86(?=\d{7}))/, '');
  const faces = [digits, bare, bare.replace(/^0/, '')];
  if (bare.startsWith('0')) faces.push(bare.slice(3), bare.slice(4));
  faces.push(bare.slice(2), bare.slice(3));
  const seen = [...new Set(faces)].filter((face) => face !== '');
  return { number: digits, faces: seen, kind: kindOfUnknown(bare, seen) };
}

function kindOfUnknown(bare: string, faces: readonly string[]): DialKind {
  if (/^(?:\+|00)/.test(bare)) return 'international';
  if (/^(?:\+86)?[1-9]\d{2,5}$/.test(bare) && !PREMIUM.test(bare)) return 'internal';
  return faces.some((face) => PREMIUM.test(face)) ? 'premium' : 'other';
}

function speaksOf(each: DialRule, role: Role, read: Dialled): boolean {
  if (!(each.roles as readonly Role[]).includes(role)) return false;
  const named = each.kinds.includes(read.kind);
  if (each.kinds.length > 0 ? !named : each.allow && NAMED_ONLY.includes(read.kind)) return false;
  if (each.patterns.length === 0) return named;
  const faces = each.allow ? read.faces.slice(0, 2) : read.faces;
  return each.patterns.some((one) => faces.some((face) => matches(one, face)));
}

/** Whether a number fits a pattern of digits, X and a last *. */
function matches(one: string, number: string): boolean {
  const open = one.endsWith('*');
  const places = open ? one.slice(0, -1) : one;
  if (open ? number.length < places.length : number.length !== places.length) return false;
  return [...places].every((place, at) =>
    place === 'X' ? /\d/.test(number[at] ?? '') : place === number[at],
  );
}

function sentFor(read: Dialled, by: DialRule, areaCode: string): string {
  if (read.kind === 'local' && by.send === 'without-area-code') return read.number.slice(areaCode.length);
  return read.kind === 'international' ? read.number.replace(/^\+/, '00') : read.number;
}
