import type { CalledIn } from './called-in';
import { z } from 'zod';
import type { TicketAction } from './ticket-lifecycle';

/** 诉求类型 (R1). */
export const TICKET_TYPES = {
  consultation: '咨询',
  complaint: '投诉',
  help: '求助',
  suggestion: '建议',
  report: '举报',
} as const;
export type TicketType = keyof typeof TICKET_TYPES;

export const URGENCIES = { ordinary: '一般', urgent: '紧急' } as const;
export type Urgency = keyof typeof URGENCIES;

/** First cut of the lifecycle; the table grows with the whole loop (B1). */
export const TICKET_STATES = { accepted: '已受理', dispatched: '已派单', concluded: '已办结' } as const;
export type TicketState = keyof typeof TICKET_STATES;

/** Text as PostgreSQL can keep it: it has no NUL. */
const text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .regex(/^[^\u0000]*$/, '不能含有空字符');
const someText = (longest: number) => text(longest).min(1);

/** What an agent writes when opening a work order from a call. */
export const ticketInput = z.strictObject({
  callId: text(80).nullable().default(null),
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']),
  urgency: z.enum(['ordinary', 'urgent']).default('ordinary'),
  categoryCode: someText(40),
  /** County or district code of the place, and the address in words. */
  areaCode: text(20).nullable().default(null),
  address: text(200).default(''),
  title: someText(100),
  content: someText(8000),
  citizenName: text(60).default(''),
  /** Another number to reach the citizen; the call's own number is taken from the call. */
  contactNumber: text(40).nullable().default(null),
  confidential: z.boolean().default(false),
  /** The responsible unit; null keeps the ticket accepted, not yet dispatched. */
  unitId: text(40).nullable().default(null),
});
export type TicketInput = z.infer<typeof ticketInput>;

/** A work order as the API shows it. Instants are ISO 8601 in UTC. */
export interface TicketView {
  ticketId: string;
  number: string;
  version: number;
  state: TicketState;
  type: TicketType;
  urgency: Urgency;
  categoryCode: string;
  categoryName: string;
  areaCode: string | null;
  address: string;
  title: string;
  content: string;
  /** Hidden from units when confidential. */
  citizenName: string | null;
  citizenMasked: string | null;
  confidential: boolean;
  callId: string | null;
  /** Who was called into its call; empty where the citizen is hidden. */
  calledIn: CalledIn[];
  unitId: string | null;
  unitName: string | null;
  openedAt: string;
  openedByName: string;
  dispatchedAt: string | null;
  dueAt: string | null;
  /** Why the due date is what it is: Chinese sentence with the clause. */
  dueWhy: string | null;
  /** The unit may hand it back until then (T3). */
  returnBy: string | null;
  /** First opinion on a complaint or report (T4). */
  firstOpinionBy: string | null;
  /** Days the count passed over, with their names. */
  skipped: { day: string; name: string }[];
  /** 12345 should have dispatched it by then. */
  dispatchBy: string;
  lineName: string | null;
  /** The answer of a ticket answered directly (D1). */
  answer: string | null;
  /** What the caller may do with it now: decides which buttons show. */
  actions: TicketAction[];
  timeline: { at: string; kind: string; words: string; byName: string | null }[];
}

/** A work order in a list: the view without the parts only one page needs. */
export type TicketSummary = Omit<
  TicketView,
  'content' | 'calledIn' | 'timeline' | 'skipped' | 'dueWhy' | 'answer'
>;

/** Whether who spoke must stay hidden from units: asked for, or a report (举报). */
export function identityHidden(ticket: { type: TicketType; confidential: boolean }): boolean {
  return ticket.confidential || ticket.type === 'report';
}
