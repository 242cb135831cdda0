import { z } from 'zod';
import { LINE_MODES, type LineMode } from '../lines/line';
import { HANGUP_CAUSES, type HangupCause } from '../telephony/hangup-cause';

const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');
const span = z.number().describe('毫秒');
const endedBy = z.enum(['citizen', 'seat', 'system']).nullable();

const line = z.object({
  lineId: z.string(),
  lineName: z.string(),
  mode: z.enum(Object.keys(LINE_MODES) as [LineMode, ...LineMode[]]),
  matchedNumber: z.string(),
  matchedBy: z.enum(['diversion', 'history-info', 'called-number', 'default']),
  queue: z.string(),
});

const ring = z.object({
  seatId: z.string(),
  attempt: z.int(),
  at: instant,
  endedAt: instant.nullable(),
  outcome: z
    .enum(['answered', 'no-answer', 'rejected', 'caller-gone', 'unreachable', 'lost', 'withdrawn'])
    .nullable(),
  reason: z.object({
    rule: z.enum(['longest-idle', 'last-agent', 'only-one']),
    words: z.string(),
    idleSeconds: z.number(),
    waitingRank: z.number(),
    passedOver: z.array(z.object({ seatId: z.string(), why: z.string() })),
  }),
});

/** A call record (话单) in the API's documents; every number in it is masked. */
export const callRecordView = z.object({
  callId: z.string(),
  line,
  callerNumber: z.string().nullable(),
  callerName: z.string(),
  dialled: z.string(),
  diversions: z.array(z.string()),
  arrivedAt: instant,
  waitingSince: instant.nullable(),
  noticeHeardAt: instant.nullable(),
  answeredAt: instant.nullable(),
  talkEndedAt: instant.nullable(),
  endedAt: instant.nullable(),
  wrapUpEndedAt: instant.nullable(),
  seatId: z.string().nullable(),
  waitMs: span,
  ringMs: span,
  talkMs: span,
  holdMs: span,
  wrapUpMs: span,
  rings: z.array(ring),
  endedBy,
  cause: z.enum(Object.keys(HANGUP_CAUSES) as [HangupCause, ...HangupCause[]]).nullable(),
  outcome: z.enum(['open', 'answered', 'abandoned', 'failed', 'handed-back']),
});

/** One event of a call's timeline; what else it says depends on its kind. */
export const callEventView = z.looseObject({ kind: z.string(), at: z.date() });

/** A line of the agent's own last calls. */
export const ownCallView = z.object({
  callId: z.string(),
  at: instant,
  lineName: z.string(),
  masked: z.string(),
  answered: z.boolean(),
  waitSeconds: z.int(),
  talkSeconds: z.int(),
  endedBy,
  ticketNumbers: z.array(z.string()),
});
