import { z } from 'zod';
import { emailOf, mobileOf } from '../notifications/outgoing';
import { ROLES, may, type Role } from '../permissions';

/** Skills a queue may ask for. */
export const SKILLS = { general: '综合', enterprise: '企业服务', dialect: '方言', english: '英语' } as const;
export type Skill = keyof typeof SKILLS;

const skill = z.enum(Object.keys(SKILLS) as [Skill, ...Skill[]]);

/** The name a person signs in with, in one writing only: NFKC, lower case. */
export const signInName = z
  .string()
  .max(64)
  .transform((text) => text.normalize('NFKC').trim().toLowerCase())
  .pipe(z.string().regex(/^[\p{Script=Han}a-z0-9._-]{2,40}$/u, '登录名为 2–40 个汉字、字母、数字或 . _ -'));

// Shown in many places: no control characters and no direction overrides that disguise what is read.
const displayName = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, '姓名含不可用的字符');

const facts = {
  name: displayName,
  role: z.enum(ROLES),
  /** Compulsory for a clerk (role `unit`), absent for the hotline's own people. */
  unitId: z.string().max(40).nullable(),
  skills: z.array(skill).max(10),
  /** The phone account on the switch; compulsory for whoever may use a seat. */
  account: z
    .string()
    .regex(/^\d{3,6}$/, '分机号为 3–6 位数字')
    .nullable(),
};

/** Where messages reach a person; each may be absent. */
const reach = {
  mobile: z
    .string()
    .max(40)
    .transform((text) => mobileOf(text, '') ?? '')
    .pipe(z.string().min(1, '手机号码无法识别'))
    .nullable(),
  email: z
    .string()
    .max(200)
    .transform((text) => emailOf(text) ?? '')
    .pipe(z.string().min(1, '邮箱地址无法识别'))
    .nullable(),
};

export const personInput = z.strictObject({
  signInName,
  ...facts,
  mobile: reach.mobile.default(null),
  email: reach.email.default(null),
  password: z.string().max(200),
});
export type PersonInput = z.infer<typeof personInput>;

/** Changes to a person; what is left out stays. `version` is the one the change was made on. */
export const personChange = z.strictObject({
  ...z.strictObject({ ...facts, ...reach }).partial().shape,
  password: z.string().max(200).optional(),
  version: z.int().min(1),
});
export type PersonChange = z.infer<typeof personChange>;

/** A person as others see them; never with a password. */
export interface Person {
  personId: string;
  signInName: string;
  name: string;
  role: Role;
  unitId: string | null;
  skills: string[];
  account: string | null;
  mobile: string | null;
  email: string | null;
  active: boolean;
  version: number;
}

export const personView = z.object({
  personId: z.string(),
  signInName: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  unitId: z.string().nullable(),
  skills: z.array(z.string()),
  account: z.string().nullable(),
  mobile: z.string().nullable(),
  email: z.string().nullable(),
  active: z.boolean(),
  version: z.int(),
});

/** What does not fit together in a person's facts, in Chinese, or null. */
export function personFault(person: Pick<Person, 'role' | 'unitId' | 'account'>): string | null {
  if (person.role === 'unit' && !person.unitId) return '承办单位人员须指定单位';
  if (person.role !== 'unit' && person.unitId) return '只有承办单位人员可以指定单位';
  if (person.role === 'agent' && !person.account) return '话务员须有分机号';
  if (!may(person.role, 'seat.use') && person.account) return '该角色没有座席，不应有分机号';
  return null;
}
