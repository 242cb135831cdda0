import { z } from 'zod';
import { maskNumber } from '../lines/phone-number';
import type { Role } from '../permissions';
import { maySeeCitizen } from '../tickets/ticket-view';
import {
  APPEAL_STATES,
  EXCLUSION_STATES,
  type AppealState,
  type AttemptRow,
  type ExclusionState,
  type FollowUpRow,
} from './evaluation-row';
import type { ListedExclusion } from './assessment.store';
import type { ListedAppeal, ListedEvaluation } from './evaluation.store';
import { ATTEMPTS, FOLLOW_UP_STATES, type Attempt, type FollowUpState } from './follow-up';
import type { ListedFollowUp } from './follow-up.store';
import { LEVELS, OUTCOMES, SURVEY_CHANNELS, type Outcome, type SurveyChannel } from './survey';

/** The replies of evaluation/ in the API's documents, and the rows as each role may see them. */
const instant = z.iso.datetime();
const keysOf = <K extends string>(table: Record<K, unknown>) => z.enum(Object.keys(table) as [K, ...K[]]);
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const attempt = z.object({
  number: z.int(),
  at: instant,
  outcome: keysOf<Attempt>(ATTEMPTS),
  words: z.string(),
  nextAt: instant.nullable(),
  byName: z.string(),
});

export const followUpReply = z.object({
  followUpId: z.string(),
  ticketId: z.string(),
  round: z.int().describe('第几次办结后的回访'),
  cause: z.enum(['checked', 'answered']),
  state: keysOf<FollowUpState>(FOLLOW_UP_STATES),
  version: z.int(),
  madeAt: instant,
  dueAt: instant.nullable().describe('工作日历未覆盖时为空'),
  nextAt: instant.nullable().describe('与诉求人约定的时间'),
  attempts: z.int(),
  takenBy: z.string().nullable(),
  takenByName: z.string().nullable(),
  endedAt: instant.nullable(),
});
type FollowUpView = z.output<typeof followUpReply>;

export const listedFollowUp = followUpReply.extend({
  ticketNumber: z.string(),
  ticketVersion: z.int(),
  title: z.string(),
  unitName: z.string().nullable(),
  citizenName: z.string().nullable(),
  citizenMasked: z.string().nullable(),
});

export const evaluationReply = z.object({
  evaluationId: z.string(),
  ticketId: z.string(),
  ticketNumber: z.string(),
  title: z.string(),
  round: z.int(),
  channel: keysOf<SurveyChannel>(SURVEY_CHANNELS),
  outcome: keysOf<Outcome>(OUTCOMES),
  final: z.boolean().describe('一事一评：计入考核的是最后一次'),
  unitId: z.string().nullable(),
  unitName: z.string().nullable(),
  truthful: z.boolean().nullable(),
  unitContacted: z.boolean().nullable(),
  solved: z.boolean().nullable(),
  firstLevel: z.int().nullable(),
  level: z.int().nullable().describe('5 非常满意 … 1 非常不满意'),
  levelName: z.string().nullable(),
  counts: z.boolean(),
  countedSolved: z.boolean().nullable(),
  countedLevel: z.int().nullable(),
  words: z.string().nullable().describe('诉求人原话；诉求人保密时对承办单位为空'),
  advice: z.string(),
  callId: z.string().nullable(),
  consequence: z.enum(['followUp', 'reopen', 'supervise']),
  review: z.enum(['waiting', 'done']).nullable(),
  reviewWords: z.string().nullable(),
  appealUntil: instant.nullable(),
  appeal: keysOf<AppealState>(APPEAL_STATES).nullable(),
  at: instant,
  byName: z.string().nullable().describe('空：诉求人本人'),
  version: z.int(),
});

export const ticketEvaluations = z.object({
  callRating: z.int().nullable().describe('来电时的按键评价（好差评），属于通话，不计入工单评价'),
  followUps: z.array(followUpReply.extend({ tried: z.array(attempt) })),
  results: z.array(evaluationReply),
});

export const appealReply = z.object({
  appealId: z.string(),
  evaluationId: z.string(),
  ticketId: z.string(),
  ticketNumber: z.string(),
  title: z.string(),
  unitId: z.string(),
  unitName: z.string().nullable(),
  reason: z.string(),
  evidence: z.string(),
  state: keysOf<AppealState>(APPEAL_STATES),
  version: z.int(),
  askedAt: instant,
  askedByName: z.string(),
  decidedAt: instant.nullable(),
  decidedByName: z.string().nullable(),
  decision: z.string().nullable(),
});

export const exclusionReply = z.object({
  exclusionId: z.string(),
  ticketId: z.string(),
  ticketNumber: z.string(),
  title: z.string(),
  unitName: z.string().nullable(),
  reason: z.string(),
  state: keysOf<ExclusionState>(EXCLUSION_STATES),
  version: z.int(),
  proposedAt: instant,
  proposedByName: z.string(),
  decidedAt: instant.nullable(),
  decidedByName: z.string().nullable(),
  decision: z.string().nullable(),
  revokedAt: instant.nullable(),
  revokedByName: z.string().nullable(),
  revocation: z.string().nullable(),
});

/** One page of a list; `nextCursor` is null at its end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Where a page begins: the last row of the one before. */
export const pageQuery = {
  cursor: z
    .string()
    .regex(/^\d{1,15}_[\w-]{1,80}$/, '游标无效')
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};

export function placeOf(cursor: string | undefined): { at: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [at = '', ...id] = cursor.split('_');
  return { at: new Date(Number(at)), id: id.join('_') };
}

/** The rows of one page as views; the store was asked for one row more than fits. */
export function paged<Row, View>(
  rows: readonly Row[],
  limit: number,
  placed: (row: Row) => { at: Date; id: string },
  view: (row: Row) => View,
): { items: View[]; nextCursor: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const place = last && placed(last);
  return {
    items: rows.slice(0, limit).map(view),
    nextCursor: place ? `${place.at.getTime()}_${place.id}` : null,
  };
}

export function followUpView(row: FollowUpRow): FollowUpView {
  return {
    followUpId: row.follow_up_id,
    ticketId: row.ticket_id,
    round: row.round,
    cause: row.cause,
    state: row.state,
    version: row.version,
    madeAt: row.made_at.toISOString(),
    dueAt: iso(row.due_at),
    nextAt: iso(row.next_at),
    attempts: row.attempts,
    takenBy: row.taken_by,
    takenByName: row.taken_by_name,
    endedAt: iso(row.ended_at),
  };
}

export function listedFollowUpView(row: ListedFollowUp, role: Role): z.output<typeof listedFollowUp> {
  const number = row.caller_number ?? row.contact_number;
  const shown = maySeeCitizen(row, role);
  return {
    ...followUpView(row),
    ticketNumber: row.number,
    ticketVersion: row.ticket_version,
    title: row.title,
    unitName: row.lead_unit_name,
    citizenName: shown ? row.citizen_name || null : null,
    citizenMasked: shown && number !== null ? maskNumber(number) : null,
  };
}

export const attemptView = (row: AttemptRow): z.output<typeof attempt> => ({
  number: row.number,
  at: row.at.toISOString(),
  outcome: row.outcome,
  words: row.words,
  nextAt: iso(row.next_at),
  byName: row.by_name,
});

/** What the citizen said himself, and the call he said it in, may tell who he is. */
export function evaluationView(row: ListedEvaluation, role: Role): z.output<typeof evaluationReply> {
  const shown = maySeeCitizen(row, role);
  return {
    evaluationId: row.evaluation_id,
    ticketId: row.ticket_id,
    ticketNumber: row.number,
    title: row.title,
    round: row.round,
    channel: row.channel,
    outcome: row.outcome,
    final: row.final,
    unitId: row.unit_id,
    unitName: row.unit_name,
    truthful: row.truthful,
    unitContacted: row.unit_contacted,
    solved: row.solved,
    firstLevel: row.first_level,
    level: row.level,
    levelName: row.level === null ? null : LEVELS[row.level],
    counts: row.counts,
    countedSolved: row.counted_solved,
    countedLevel: row.counted_level,
    words: shown ? row.words : null,
    advice: row.advice,
    callId: shown ? row.call_id : null,
    consequence: row.consequence,
    review: row.review,
    reviewWords: row.review_words,
    appealUntil: iso(row.appeal_until),
    appeal: row.appeal_state,
    at: row.at.toISOString(),
    byName: row.by_name,
    version: row.version,
  };
}

export const appealView = (row: ListedAppeal): z.output<typeof appealReply> => ({
  appealId: row.appeal_id,
  evaluationId: row.evaluation_id,
  ticketId: row.ticket_id,
  ticketNumber: row.number,
  title: row.title,
  unitId: row.unit_id,
  unitName: row.unit_name,
  reason: row.reason,
  evidence: row.evidence,
  state: row.state,
  version: row.version,
  askedAt: row.asked_at.toISOString(),
  askedByName: row.asked_by_name,
  decidedAt: iso(row.decided_at),
  decidedByName: row.decided_by_name,
  decision: row.decision,
});

export const exclusionView = (row: ListedExclusion): z.output<typeof exclusionReply> => ({
  exclusionId: row.exclusion_id,
  ticketId: row.ticket_id,
  ticketNumber: row.number,
  title: row.title,
  unitName: row.lead_unit_name,
  reason: row.reason,
  state: row.state,
  version: row.version,
  proposedAt: row.proposed_at.toISOString(),
  proposedByName: row.proposed_by_name,
  decidedAt: iso(row.decided_at),
  decidedByName: row.decided_by_name,
  decision: row.decision,
  revokedAt: iso(row.revoked_at),
  revokedByName: row.revoked_by_name,
  revocation: row.revocation,
});
