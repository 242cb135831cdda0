import { z } from 'zod';
import { offerOutcome } from '../calls/call-view';
import { INBOX_KINDS, type InboxKind } from '../notifications/notice';
import {
  CHANNELS,
  LEVELS,
  PART_STATES,
  REFUSAL_KINDS,
  TICKET_STATES,
  TICKET_TYPES,
  URGENCIES,
  type Channel,
  type Level,
  type PartState,
  type RefusalKind,
  type TicketState,
  type TicketType,
  type Urgency,
} from './ticket';
import { TICKET_ACTIONS, type TicketAction } from './ticket-lifecycle';
import { REQUEST_KINDS, REQUEST_STATES, type RequestKind, type RequestState } from './ticket-row';

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
  acknowledgeBy: instant.nullable(),
  channel: keysOf<Channel>(CHANNELS),
  level: keysOf<Level>(LEVELS),
  township: z.string(),
  urges: z.int(),
  reopened: z.int(),
  hardCase: z.boolean(),
  part: z
    .object({
      state: keysOf<PartState>(PART_STATES),
      role: z.enum(['lead', 'assisting']),
      final: z.boolean(),
      paused: z.boolean(),
    })
    .nullable()
    .describe('承办单位看到本单位的，其他人看到主办单位的'),
  pending: z.array(keysOf<RequestKind>(REQUEST_KINDS)),
  actions: z.array(keysOf<TicketAction>(TICKET_ACTIONS)),
});

const partReply = z.object({
  partId: z.string(),
  unitId: z.string(),
  unitName: z.string(),
  role: z.enum(['lead', 'assisting']),
  state: keysOf<PartState>(PART_STATES),
  round: z.int(),
  current: z.boolean(),
  dispatchedAt: instant,
  acknowledgeBy: instant.nullable(),
  acknowledgedAt: instant.nullable(),
  dueAt: instant,
  dueWhy: z.string(),
  returnBy: instant,
  firstOpinionBy: instant.nullable(),
  firstOpinionAt: instant.nullable(),
  firstOpinion: z.string().nullable(),
  extensionDays: z.int(),
  final: z.boolean(),
  pauses: z.array(z.object({ rule: z.string(), words: z.string(), from: instant, to: instant.nullable() })),
  repliedAt: instant.nullable(),
  handling: z.string().nullable(),
  publicAnswer: z.string().nullable(),
  truthful: z.boolean().nullable(),
  solved: z.boolean().nullable(),
  unsolvedWhy: z.string().nullable(),
  contactedAt: instant.nullable(),
});

const requestReply = z.object({
  requestId: z.string(),
  partId: z.string(),
  unitId: z.string(),
  kind: keysOf<RequestKind>(REQUEST_KINDS),
  reason: z.string(),
  workingDays: z.int().nullable(),
  suggestedUnitId: z.string().nullable(),
  askedAt: instant,
  askedByName: z.string(),
  state: keysOf<RequestState>(REQUEST_STATES),
  decidedAt: instant.nullable(),
  decidedByName: z.string().nullable(),
  decision: z.string().nullable(),
  grantedDays: z.int().nullable(),
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
  externalNumber: z.string().nullable(),
  point: z.object({ longitude: z.number(), latitude: z.number() }).nullable(),
  parties: z.string(),
  company: z.string(),
  article: z.object({ articleId: z.string(), version: z.int(), title: z.string() }).nullable(),
  refusal: z
    .object({
      kind: keysOf<RefusalKind>(REFUSAL_KINDS),
      kindWords: z.string(),
      explanation: z.string(),
      guidedTo: z.string(),
    })
    .nullable(),
  parts: z.array(partReply),
  requests: z.array(requestReply),
  urgings: z.array(
    z.object({
      number: z.int(),
      at: instant,
      channel: keysOf<Channel>(CHANNELS),
      words: z.string(),
      byName: z.string().nullable(),
    }),
  ),
  meetings: z.array(
    z.object({
      meetingId: z.string(),
      heldAt: instant,
      place: z.string(),
      unitIds: z.array(z.string()),
      members: z.string(),
      decision: z.string(),
      byName: z.string(),
    }),
  ),
  mergedInto: z.string().nullable(),
  merged: z.array(z.object({ ticketId: z.string(), number: z.string() })),
});

export const ticketListReply = z.object({
  items: z.array(ticketSummary),
  nextCursor: z.string().nullable(),
});

export const stateCountsReply = z.object({
  items: z.array(z.object({ state: keysOf<TicketState>(TICKET_STATES), count: z.int(), more: z.boolean() })),
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

export const inboxReply = z.object({
  items: z.array(
    z.object({
      noticeId: z.string(),
      kind: keysOf<InboxKind>(INBOX_KINDS),
      kindName: z.string(),
      ticketId: z.string().nullable(),
      words: z.string(),
      at: instant,
      readAt: instant.nullable(),
    }),
  ),
  unread: z.int(),
  nextCursor: z.string().nullable(),
});

export const unreadReply = z.object({ unread: z.int() });
