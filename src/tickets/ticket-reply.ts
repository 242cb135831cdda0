import { z } from 'zod';
import { offerOutcome } from '../calls/call-view';
import { INBOX_KINDS, type InboxKind } from '../notifications/notice';
import {
  TICKET_STATES,
  TICKET_TYPES,
  URGENCIES,
  type TicketState,
  type TicketType,
  type Urgency,
} from './ticket';
import { TICKET_ACTIONS, type TicketAction } from './ticket-lifecycle';

/** The work order's replies in the API's documents. Instants are ISO 8601 in UTC; they are typed against `ticket.ts`. */
const instant = z.iso.datetime();
const keysOf = <K extends string>(table: Record<K, unknown>) => z.enum(Object.keys(table) as [K, ...K[]]);

const ticketSummary = z.object({
  ticketId: z.string(),
  number: z.string(),
  version: z.int(),
  state: keysOf<TicketState>(TICKET_STATES),
  type: keysOf<TicketType>(TICKET_TYPES),
  urgency: keysOf<Urgency>(URGENCIES),
  categoryCode: z.string(),
  categoryName: z.string(),
  areaCode: z.string().nullable(),
  address: z.string(),
  title: z.string(),
  citizenName: z.string().nullable(),
  citizenMasked: z.string().nullable(),
  confidential: z.boolean(),
  callId: z.string().nullable(),
  lineName: z.string().nullable(),
  unitId: z.string().nullable(),
  unitName: z.string().nullable(),
  openedAt: instant,
  openedByName: z.string(),
  dispatchBy: instant,
  dispatchedAt: instant.nullable(),
  dueAt: instant.nullable(),
  returnBy: instant.nullable(),
  firstOpinionBy: instant.nullable(),
  actions: z.array(keysOf<TicketAction>(TICKET_ACTIONS)),
});

export const ticketReply = ticketSummary.extend({
  content: z.string(),
  calledIn: z
    .array(
      z.object({
        at: instant,
        purpose: z.enum(['consult', 'threeWay', 'transfer', 'overflow']),
        name: z.string(),
        emergency: z.boolean(),
        outcome: offerOutcome.nullable(),
        seconds: z.int().nullable(),
      }),
    )
    .describe('通话中接入的各方（三方通话、咨询、转接、紧急电话），取自通话记录；诉求人保密时对承办单位为空'),
  dueWhy: z.string().nullable(),
  skipped: z.array(z.object({ day: z.iso.date(), name: z.string() })),
  answer: z.string().nullable(),
  timeline: z.array(
    z.object({ at: instant, kind: z.string(), words: z.string(), byName: z.string().nullable() }),
  ),
});

export const ticketListReply = z.object({
  items: z.array(ticketSummary),
  nextCursor: z.string().nullable(),
});

export const numbersReply = z.object({
  number: z.string().nullable(),
  contactNumber: z.string().nullable(),
});

export const categoriesReply = z.object({
  items: z.array(
    z.object({
      code: z.string(),
      parentCode: z.string().nullable(),
      name: z.string(),
      utility: z.boolean(),
      regulation: z.object({ workingDays: z.number(), name: z.string() }).nullable(),
      leaf: z.boolean(),
      units: z.array(z.object({ areaCode: z.string().nullable(), unitId: z.string() })),
    }),
  ),
});

export const proposalReply = z.object({ unitId: z.string().nullable(), why: z.string() });

export const inboxReply = z.object({
  items: z.array(
    z.object({
      noticeId: z.string(),
      kind: keysOf<InboxKind>(INBOX_KINDS),
      kindName: z.string(),
      ticketId: z.string(),
      words: z.string(),
      at: instant,
      readAt: instant.nullable(),
    }),
  ),
  unread: z.int(),
  nextCursor: z.string().nullable(),
});

export const unreadReply = z.object({ unread: z.int() });
