import { z } from 'zod';
import { unescapeFormula } from '../lines/line-columns';
import { readNumber } from '../lines/phone-number';

/** Kinds of outside contacts (转接目标) that agents bring into a call by transfer or three-way. */
export const CONTACT_KINDS = {
  unit: '承办单位',
  interpreter: '口译',
  emergency: '紧急联动',
  other: '其他',
} as const;
export type ContactKind = keyof typeof CONTACT_KINDS;

/** Languages an interpreter may be there for. */
export const LANGUAGES = {
  english: '英语',
  japanese: '日语',
  korean: '韩语',
  russian: '俄语',
  sign: '手语视频',
  dialect: '方言',
} as const;
export type Language = keyof typeof LANGUAGES;

const shownText = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, '含不可用的字符');

/** What is written about a contact. */
export const contactInput = z
  .strictObject({
    kind: z.enum(Object.keys(CONTACT_KINDS) as [ContactKind, ...ContactKind[]]),
    name: shownText(60).min(1),
    /** In any notation; stored as read. */
    number: z.string().trim().min(3).max(40),
    unitId: z.string().max(40).nullable(),
    language: z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]).nullable(),
    /** When somebody answers there, every day in the city's zone, `08:00-18:00`; null: always. May cross midnight. */
    hours: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, '时段写作08:00-18:00')
      .nullable(),
    note: shownText(200),
  })
  .refine((contact) => contact.kind !== 'interpreter' || contact.language !== null, {
    message: '口译须选择语种',
    path: ['language'],
  });
export type ContactInput = z.infer<typeof contactInput>;

export interface Contact extends ContactInput {
  contactId: string;
  version: number;
}

export const contactView = contactInput.safeExtend({ contactId: z.string(), version: z.int() });

/** A contact's number as it is stored: canonical, or the bare digits of an extension. Null when it is no number. */
export function contactNumber(raw: string, areaCode: string): string | null {
  const { canonical, digits } = readNumber(raw, areaCode);
  if (canonical !== null) return canonical;
  return /^\+?[0-9 ().-]+$/.test(raw) && /^\d{3,20}$/.test(digits) ? digits : null;
}

/** Whether somebody answers there at this time of the city's day, `HH:mm`. */
export function answersAt(hours: string | null, time: string): boolean {
  const [from = '', until = ''] = hours?.split('-') ?? [];
  if (hours === null || from === until) return true;
  return from < until ? from <= time && time < until : from <= time || time < until;
}

export interface ContactFilter {
  search?: string | undefined;
  kind?: ContactKind | undefined;
}

/** Contacts by kind and words in name, number, note or language, those of one kind together. */
export function selectContacts(all: readonly Contact[], { search, kind }: ContactFilter): Contact[] {
  const words = (search ?? '').trim().toLowerCase();
  const kinds = Object.keys(CONTACT_KINDS);
  const order = (contact: Contact) => kinds.indexOf(contact.kind);
  return all
    .filter((contact) => !kind || contact.kind === kind)
    .filter((contact) => words === '' || wordsOf(contact).includes(words))
    .sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name, 'zh-CN'));
}

function wordsOf(contact: Contact): string {
  const { name, number, note, language, kind } = contact;
  return [name, number, note, language ? LANGUAGES[language] : '', CONTACT_KINDS[kind]]
    .join(' ')
    .toLowerCase();
}

/** The columns of a sheet of contacts. */
export const CONTACT_COLUMNS = ['类别', '名称', '号码', '单位编号', '语种', '时段', '备注'] as const;

/** A contact as the cells of a row. */
export function contactCells(contact: ContactInput): string[] {
  const { kind, name, number, unitId, language, hours, note } = contact;
  const language_ = language ? LANGUAGES[language] : '';
  return [CONTACT_KINDS[kind], name, number, unitId ?? '', language_, hours ?? '', note];
}

/** One row as a contact; a Chinese sentence when it cannot be one. `columns` are the sheet's titles in its order. */
export function readContactCells(
  columns: readonly string[],
  cells: readonly string[],
): ContactInput | string {
  const of = (title: (typeof CONTACT_COLUMNS)[number]) =>
    unescapeFormula(cells[columns.indexOf(title)] ?? '').trim();
  const key = (words: Record<string, string>, word: string) =>
    Object.entries(words).find(([name, title]) => name === word || title === word)?.[0] ?? word;
  const read = contactInput.safeParse({
    kind: key(CONTACT_KINDS, of('类别')),
    name: of('名称'),
    number: of('号码'),
    unitId: of('单位编号') || null,
    language: of('语种') === '' ? null : key(LANGUAGES, of('语种')),
    hours: of('时段') || null,
    note: of('备注'),
  });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const title = COLUMN_OF[String(issue?.path[0])] ?? '';
  return `${title}：${issue?.code === 'invalid_value' ? '不是可用的值' : (issue?.message ?? '内容格式不正确')}`;
}

const COLUMN_OF: Record<string, (typeof CONTACT_COLUMNS)[number]> = {
  kind: '类别',
  name: '名称',
  number: '号码',
  unitId: '单位编号',
  language: '语种',
  hours: '时段',
  note: '备注',
};
