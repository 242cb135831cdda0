import { z } from 'zod';
import { cityDay, cityWords } from '../deadlines/city-time';
import { workingDaysBetween, type WorkingCalendar } from '../deadlines/working-calendar';
import { identityHidden, TICKET_TYPES, ticketText } from '../tickets/ticket';
import type { PartRow, TicketRow } from '../tickets/ticket-row';
import { withoutIdentity, type Paper } from './paper';

/** 督办函 (S2) on its way. */
export const LETTER_STATES = {
  drafted: '待签发',
  issued: '已签发',
  received: '已签收',
  answered: '已回复',
  withdrawn: '已撤回',
} as const;
export type LetterState = keyof typeof LETTER_STATES;

/** A letter as its table keeps it. */
export interface LetterRow {
  letter_id: string;
  letter_seq: string;
  version: number;
  state: LetterState;
  year: number | null;
  serial: number | null;
  number: string | null;
  ticket_id: string;
  part_id: string;
  unit_id: string;
  unit_name: string;
  timer_id: string | null;
  facts: string;
  demand: string;
  /** While it is a draft: if it were issued when it was drafted. */
  reply_by: Date;
  reply_days: number;
  drafted_at: Date;
  drafted_by: string | null;
  drafted_by_name: string | null;
  issued_at: Date | null;
  issued_by: string | null;
  issued_by_name: string | null;
  received_at: Date | null;
  received_by: string | null;
  received_by_name: string | null;
  answered_at: Date | null;
  answered_by: string | null;
  answered_by_name: string | null;
  withdrawn_at: Date | null;
  withdrawn_by: string | null;
  withdrawn_by_name: string | null;
  answer: string | null;
  withdrawn_reason: string | null;
}

/** From which states each act goes, and who does it. */
export const LETTER_ACTIONS = {
  edit: { from: ['drafted'], to: 'drafted', by: 'hotline', words: '修改' },
  issue: { from: ['drafted'], to: 'issued', by: 'hotline', words: '签发' },
  withdraw: { from: ['drafted', 'issued', 'received'], to: 'withdrawn', by: 'hotline', words: '撤回' },
  receive: { from: ['issued'], to: 'received', by: 'unit', words: '签收' },
  answer: { from: ['issued', 'received'], to: 'answered', by: 'unit', words: '回复' },
} as const satisfies Record<
  string,
  { from: readonly LetterState[]; to: LetterState; by: 'hotline' | 'unit'; words: string }
>;
export type LetterAction = keyof typeof LETTER_ACTIONS;

const words = (longest: number) => ticketText(longest).min(1);
const version = z.int().min(1);
const replyDays = z.int().min(1).max(60);

export const LETTER_INPUT = {
  draft: z.strictObject({ partId: words(80), demand: words(2000), replyDays }),
  edit: z.strictObject({ version, facts: words(4000), demand: words(2000), replyDays }),
  issue: z.strictObject({ version }),
  withdraw: z.strictObject({ version, reason: words(400) }),
  receive: z.strictObject({ version }),
  answer: z.strictObject({ version, answer: words(4000) }),
};

/** 督〔2026〕12号. */
export const letterNumber = (year: number, serial: number): string => `督〔${year}〕${serial}号`;

/** The facts of a letter, from the work order as it stands; never who the citizen is. */
export function letterFacts(ticket: TicketRow, part: PartRow, now: Date, calendar: WorkingCalendar): string {
  const hidden = identityHidden(ticket);
  const clean = (text: string) => (hidden ? withoutIdentity(text, ticket.citizen_name) : text);
  const late = now > part.due_at ? overdueDays(part.due_at, now, calendar) : null;
  return [
    `${cityWords(ticket.opened_at)}，12345热线受理${TICKET_TYPES[ticket.type]}工单 ${ticket.number}：${clean(ticket.title)}。`,
    `${cityWords(part.dispatched_at)} 派你单位${part.role === 'lead' ? '主办' : '协办'}，办理期限 ${cityWords(part.due_at)}。`,
    part.acknowledged_at ? `你单位于 ${cityWords(part.acknowledged_at)} 签收。` : '你单位至今未签收。',
    late === null ? '' : late === 0 ? '至今未办结，已逾期。' : `至今未办结，已逾期 ${late} 个工作日。`,
    `诉求内容：${clean(ticket.content)}`,
  ].join('');
}

function overdueDays(dueAt: Date, now: Date, calendar: WorkingCalendar): number {
  return workingDaysBetween(calendar, dueAt, now);
}

/** The letter as a document. */
export function letterPaper(letter: LetterRow, issuer: string): Paper {
  const at = letter.issued_at ?? letter.drafted_at;
  const [year, month, day] = cityDay(at).split('-').map(Number);
  return {
    issuer,
    title: '督办函',
    number: letter.number ?? '（草稿，未签发）',
    addressee: letter.unit_name,
    blocks: [
      { kind: 'text', text: letter.facts },
      { kind: 'text', text: letter.demand },
      { kind: 'text', text: `请于 ${cityWords(letter.reply_by)} 前书面回复办理情况。` },
    ],
    date: `${year}年${month}月${day}日`,
  };
}
