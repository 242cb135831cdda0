import { z } from 'zod';

/** 诉求类型 (R1). */
export const TICKET_TYPES = { consultation: '咨询', complaint: '投诉', help: '求助', suggestion: '建议', report: '举报' } as const;
export type TicketType = keyof typeof TICKET_TYPES;

export const URGENCIES = { ordinary: '一般', urgent: '紧急' } as const;
export type Urgency = keyof typeof URGENCIES;

/** First cut of the lifecycle; the table grows with the whole loop (B1). */
export const TICKET_STATES = { accepted: '已受理', dispatched: '已派单', concluded: '已办结' } as const;
export type TicketState = keyof typeof TICKET_STATES;

/** What an agent writes when opening a work order from a call. */
export const ticketInput = z.strictObject({
  callId: z.string().max(80).nullable().default(null),
  type: z.enum(['consultation', 'complaint', 'help', 'suggestion', 'report']),
  urgency: z.enum(['ordinary', 'urgent']).default('ordinary'),
  categoryCode: z.string().trim().min(1).max(40),
  /** County or district code of the place, and the address in words. */
  areaCode: z.string().trim().max(20).nullable().default(null),
  address: z.string().trim().max(200).default(''),
  title: z.string().trim().min(1).max(100),
  content: z.string().trim().min(1).max(8000),
  citizenName: z.string().trim().max(60).default(''),
  /** Another number to reach the citizen; the call's own number is taken from the call. */
  contactNumber: z.string().trim().max(40).nullable().default(null),
  confidential: z.boolean().default(false),
  /** The responsible unit; null keeps the ticket accepted, not yet dispatched. */
  unitId: z.string().max(40).nullable().default(null),
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
  unitId: string | null;
  unitName: string | null;
  openedAt: string;
  openedByName: string;
  dispatchedAt: string | null;
  dueAt: string | null;
  /** Why the due date is what it is: Chinese sentence with the clause. */
  dueWhy: string | null;
  timeline: { at: string; kind: string; words: string; byName: string | null }[];
}
