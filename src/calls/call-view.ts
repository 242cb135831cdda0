import { z } from 'zod';
import type { CallOutcome } from './call-record';
import { LINE_MODES, type LineMode } from '../lines/line';
import { HANGUP_CAUSES, type HangupCause } from '../telephony/hangup-cause';

const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');
const span = z.number().describe('毫秒');
const endedBy = z.enum(['citizen', 'seat', 'system']).nullable();

export const offerOutcome = z.enum([
  'answered',
  'no-answer',
  'rejected',
  'caller-gone',
  'unreachable',
  'lost',
  'withdrawn',
]);

const line = z.object({
  lineId: z.string(),
  lineName: z.string(),
  mode: z.enum(Object.keys(LINE_MODES) as [LineMode, ...LineMode[]]),
  matchedNumber: z.string(),
  matchedBy: z.enum(['diversion', 'history-info', 'called-number', 'exchange', 'default']),
  queue: z.string(),
});

const ring = z.object({
  seatId: z.string(),
  attempt: z.int(),
  at: instant,
  endedAt: instant.nullable(),
  outcome: offerOutcome.nullable(),
  reason: z.object({
    rule: z.enum(['longest-idle', 'last-agent', 'only-one', 'leader', 'relaxed', 'transfer', 'own-call']),
    words: z.string(),
    idleSeconds: z.number(),
    waitingRank: z.number(),
    passedOver: z.array(z.object({ seatId: z.string(), why: z.string() })),
  }),
});

const talk = z.object({
  seatId: z.string(),
  at: instant,
  endedAt: instant.nullable(),
  wrapUpEndedAt: instant.nullable(),
});

const party = z.object({
  legId: z.string(),
  name: z.string(),
  purpose: z.enum(['consult', 'threeWay', 'transfer', 'overflow', 'barge']),
  seatId: z.string().nullable(),
  number: z.string().nullable(),
  lineId: z.string().nullable(),
  emergency: z.boolean(),
  by: z.string().nullable(),
  at: instant,
  joinedAt: instant.nullable(),
  endedAt: instant.nullable(),
  outcome: offerOutcome.nullable(),
});

const transfer = z.object({
  at: instant,
  by: z.string().nullable(),
  to: z.string(),
  seatId: z.string().nullable(),
  queue: z.string().nullable(),
});

/** What a call came to. */
export const CALL_OUTCOMES = [
  'open',
  'answered',
  'abandoned',
  'failed',
  'handed-back',
  'blocked',
  'message',
  'callback',
  'not-reached',
] as const satisfies CallOutcome[];

/** A call record (话单) in the API's documents; every number in it is masked. */
export const callRecordView = z.object({
  callId: z.string(),
  direction: z.enum(['inbound', 'outbound', 'callback']),
  about: z.object({ ticketId: z.string().nullable(), callbackId: z.string().nullable() }),
  line,
  callerNumber: z.string().nullable(),
  callerName: z.string(),
  dialled: z.string(),
  diversions: z.array(z.string()),
  arrivedAt: instant,
  waitingSince: instant.nullable(),
  priority: z.number(),
  priorityWhy: z.string(),
  noticeHeardAt: instant.nullable(),
  dialledAt: instant.nullable(),
  answeredAt: instant.nullable(),
  talkEndedAt: instant.nullable(),
  endedAt: instant.nullable(),
  wrapUpEndedAt: instant.nullable(),
  seatId: z.string().nullable(),
  seats: z.array(z.string()),
  waitMs: span,
  ringMs: span,
  talkMs: span,
  holdMs: span,
  wrapUpMs: span,
  rings: z.array(ring),
  talks: z.array(talk),
  parties: z.array(party),
  transfers: z.array(transfer),
  nuisance: z
    .object({ entryId: z.string(), treatment: z.enum(['announce', 'last', 'through']), words: z.string() })
    .nullable(),
  emergency: z.boolean(),
  rating: z.object({ asked: z.boolean(), level: z.int().nullable(), seatId: z.string() }).nullable(),
  message: z.object({ recordingId: z.string(), durationMs: span }).nullable(),
  endedBy,
  cause: z.enum(Object.keys(HANGUP_CAUSES) as [HangupCause, ...HangupCause[]]).nullable(),
  outcome: z.enum(CALL_OUTCOMES),
});

/** One event of a call's timeline; what else it says depends on its kind. */
export const callEventView = z.looseObject({ kind: z.string(), at: z.date() });

/** A line of the agent's own last calls. */
export const ownCallView = z.object({
  callId: z.string(),
  direction: z.enum(['inbound', 'outbound', 'callback']),
  at: instant,
  lineName: z.string(),
  masked: z.string(),
  answered: z.boolean(),
  waitSeconds: z.int(),
  talkSeconds: z.int(),
  endedBy,
  rating: z.int().nullable().describe('好差评按键评价：5 非常满意 … 1 非常不满意'),
  emergency: z.boolean(),
  ticketNumbers: z.array(z.string()),
});
