import type { Attempt, FollowUpState } from './follow-up';
import type { Consequence, Outcome, SatisfactionLevel, SurveyChannel } from './survey';

/** Tables of evaluation/ (E1). Instants are UTC. */
export interface FollowUpRow {
  follow_up_id: string;
  ticket_id: string;
  /** Which conclusion of the matter. */
  round: number;
  cause: 'checked' | 'answered';
  state: FollowUpState;
  version: number;
  made_at: Date;
  /** Null where the working calendar does not reach. */
  due_at: Date | null;
  /** Not before then: agreed with the citizen. */
  next_at: Date | null;
  attempts: number;
  taken_by: string | null;
  taken_by_name: string | null;
  evaluation_id: string | null;
  ended_at: Date | null;
}

export interface AttemptRow {
  follow_up_id: string;
  number: number;
  at: Date;
  outcome: Attempt;
  words: string;
  next_at: Date | null;
  call_id: string | null;
  by_id: string;
  by_name: string;
}

export interface EvaluationRow {
  evaluation_id: string;
  ticket_id: string;
  round: number;
  channel: SurveyChannel;
  outcome: Outcome;
  /** The one that counts for its matter; the others are history. */
  final: boolean;
  unit_id: string | null;
  unit_name: string | null;
  truthful: boolean | null;
  unit_contacted: boolean | null;
  solved: boolean | null;
  first_level: SatisfactionLevel | null;
  level: SatisfactionLevel | null;
  /** False once an appeal has excluded it. */
  counts: boolean;
  /** What counts: as the citizen said, unless an appeal has corrected it. */
  counted_solved: boolean | null;
  counted_level: SatisfactionLevel | null;
  words: string;
  advice: string;
  call_id: string | null;
  consequence: Consequence;
  /** A supervisor's look at what may not be done again once more. */
  review: 'waiting' | 'done' | null;
  review_words: string | null;
  reviewed_at: Date | null;
  reviewed_by: string | null;
  reviewed_by_name: string | null;
  /** The unit may appeal until then; null where the calendar does not reach. */
  appeal_until: Date | null;
  at: Date;
  /** Null: the citizen himself. */
  by_id: string | null;
  by_name: string | null;
  version: number;
}

export const APPEAL_STATES = { pending: '待审核', upheld: '申诉成立', refused: '申诉不成立' } as const;
export type AppealState = keyof typeof APPEAL_STATES;

export interface AppealRow {
  appeal_id: string;
  evaluation_id: string;
  ticket_id: string;
  unit_id: string;
  reason: string;
  evidence: string;
  state: AppealState;
  version: number;
  asked_at: Date;
  asked_by: string;
  asked_by_name: string;
  decided_at: Date | null;
  decided_by: string | null;
  decided_by_name: string | null;
  decision: string | null;
}

export const EXCLUSION_STATES = {
  proposed: '待审批',
  approved: '已剔除',
  refused: '未批准',
  revoked: '已撤销',
} as const;
export type ExclusionState = keyof typeof EXCLUSION_STATES;

/** 剔除: a work order left out of the assessment, by two people. */
export interface ExclusionRow {
  exclusion_id: string;
  ticket_id: string;
  reason: string;
  state: ExclusionState;
  version: number;
  proposed_at: Date;
  proposed_by: string;
  proposed_by_name: string;
  decided_at: Date | null;
  decided_by: string | null;
  decided_by_name: string | null;
  decision: string | null;
  revoked_at: Date | null;
  revoked_by: string | null;
  revoked_by_name: string | null;
  revocation: string | null;
}

export const DEMAND_KINDS = { unreasonable: '不合理诉求', spam: '恶意或无效诉求' } as const;
export type DemandKind = keyof typeof DEMAND_KINDS;

/** A matter that a supervisor holds to be no reasonable demand: its ratings do not count against a unit. */
export interface DemandRow {
  demand_id: string;
  ticket_id: string;
  kind: DemandKind;
  reason: string;
  marked_at: Date;
  marked_by: string;
  marked_by_name: string;
  lifted_at: Date | null;
  lifted_by: string | null;
  lifted_by_name: string | null;
  lift_reason: string | null;
}
