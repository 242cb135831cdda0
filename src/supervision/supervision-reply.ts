import { z } from 'zod';
import { rung } from './escalation-ladder';
import type { RungRow } from '../deadlines/timer.store';
import { LETTER_ACTIONS, LETTER_STATES, type LetterAction, type LetterRow, type LetterState } from './letter';
import {
  MATTER_ACTS,
  MATTER_KINDS,
  stateWords,
  type MatterAct,
  type MatterKind,
  type MatterRow,
  type MatterStep,
} from './matter';
import type { MatterUnit } from './matter.store';
import { may, type Role } from '../permissions';

/** What the API shows of supervision, and the schemas of it. Instants are ISO 8601 in UTC. */

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const at = z.iso.datetime().nullable();
const name = z.string().nullable();

export const letterReply = z.object({
  letterId: z.string(),
  version: z.int(),
  state: z.enum(Object.keys(LETTER_STATES) as [LetterState, ...LetterState[]]),
  stateWords: z.string(),
  number: z.string().nullable(),
  ticketId: z.string(),
  partId: z.string(),
  unitId: z.string(),
  unitName: z.string(),
  facts: z.string(),
  demand: z.string(),
  replyDays: z.int(),
  replyBy: z.iso.datetime(),
  byLadder: z.boolean(),
  draftedAt: z.iso.datetime(),
  draftedByName: name,
  ...{ issuedAt: at, issuedByName: name, receivedAt: at, receivedByName: name },
  ...{ answeredAt: at, answeredByName: name, answer: name },
  ...{ withdrawnAt: at, withdrawnReason: name },
  actions: z.array(z.enum(Object.keys(LETTER_ACTIONS) as [LetterAction, ...LetterAction[]])),
});

export function letterView(row: LetterRow, role: Role): z.input<typeof letterReply> {
  const mayDo = { hotline: may(role, 'supervision.act'), unit: may(role, 'supervision.answer') };
  return {
    letterId: row.letter_id,
    version: row.version,
    state: row.state,
    stateWords: LETTER_STATES[row.state],
    number: row.number,
    ticketId: row.ticket_id,
    partId: row.part_id,
    unitId: row.unit_id,
    unitName: row.unit_name,
    facts: row.facts,
    demand: row.demand,
    replyDays: row.reply_days,
    replyBy: row.reply_by.toISOString(),
    byLadder: row.timer_id !== null,
    draftedAt: row.drafted_at.toISOString(),
    draftedByName: row.drafted_by_name,
    ...{ issuedAt: iso(row.issued_at), issuedByName: row.issued_by_name },
    ...{ receivedAt: iso(row.received_at), receivedByName: row.received_by_name },
    ...{ answeredAt: iso(row.answered_at), answeredByName: row.answered_by_name, answer: row.answer },
    ...{ withdrawnAt: iso(row.withdrawn_at), withdrawnReason: row.withdrawn_reason },
    actions: (Object.keys(LETTER_ACTIONS) as LetterAction[]).filter(
      (action) =>
        mayDo[LETTER_ACTIONS[action].by] &&
        (LETTER_ACTIONS[action].from as readonly string[]).includes(row.state),
    ),
  };
}

export const matterSummary = z.object({
  matterId: z.string(),
  version: z.int(),
  kind: z.enum(Object.keys(MATTER_KINDS) as [MatterKind, ...MatterKind[]]),
  kindWords: z.string(),
  clause: z.string(),
  state: z.string(),
  stateWords: z.string(),
  title: z.string(),
  facts: z.record(z.string(), z.unknown()),
  at: z.iso.datetime(),
  byName: name,
  actions: z.array(z.string()),
});

export const matterReply = matterSummary.extend({
  ticketIds: z.array(z.string()),
  units: z.array(z.object({ unitId: z.string(), name: z.string() })),
  steps: z.array(
    z.object({
      at: z.iso.datetime(),
      action: z.string(),
      words: z.string(),
      facts: z.record(z.string(), z.unknown()),
      byName: name,
    }),
  ),
});

export function matterSummaryView(row: MatterRow, role: Role): z.input<typeof matterSummary> {
  const acts = MATTER_ACTS[row.kind] as Record<string, MatterAct>;
  return {
    matterId: row.matter_id,
    version: row.version,
    kind: row.kind,
    kindWords: MATTER_KINDS[row.kind].words,
    clause: MATTER_KINDS[row.kind].clause,
    state: row.state,
    stateWords: stateWords(row.kind, row.state),
    title: row.title,
    facts: row.facts,
    at: row.at.toISOString(),
    byName: row.by_name,
    actions: may(role, 'supervision.act')
      ? Object.keys(acts).filter((action) => acts[action]?.from.includes(row.state))
      : [],
  };
}

export function matterView(
  {
    matter,
    units,
    steps,
    ticketIds,
  }: { matter: MatterRow; units: MatterUnit[]; steps: MatterStep[]; ticketIds: string[] },
  role: Role,
): z.input<typeof matterReply> {
  return {
    ...matterSummaryView(matter, role),
    ticketIds,
    units: units.map(({ unit_id: unitId, unit_name }) => ({ unitId, name: unit_name })),
    steps: steps.map(({ at: when, action, words, facts, by_name: byName }) => ({
      ...{ at: when.toISOString(), action, words, facts, byName },
    })),
  };
}

export const rungReply = z.object({
  partId: z.string(),
  unitId: z.string(),
  rung: z.string(),
  clause: z.string(),
  name: z.string(),
  automatic: z.boolean(),
  /** `ahead`, `held` (waits for something else than time), `raised`, `undone` (drafted, never sent). */
  state: z.enum(['ahead', 'held', 'raised', 'undone']),
  at: z.iso.datetime(),
  raisedAt: at,
  dueAt: z.iso.datetime(),
  why: z.string(),
});

const SHOWN = { waiting: 'ahead', held: 'held', fired: 'raised', undone: 'undone' } as const;

/** The rungs ahead and raised, in order; those called off are left out. */
export function rungViews(rows: readonly RungRow[]): z.input<typeof rungReply>[] {
  return rows.flatMap((row) =>
    row.state === 'cancelled'
      ? []
      : [
          {
            ...{ partId: row.part_id, unitId: row.unit_id, rung: row.rung, why: row.why },
            ...{ clause: row.rule.clause, name: row.rule.name, automatic: row.rule.automatic },
            state: SHOWN[row.state],
            at: row.at.toISOString(),
            raisedAt: iso(row.fired_at),
            dueAt: row.due_at.toISOString(),
          },
        ],
  );
}

export const ladderReply = z.object({ version: z.int(), rungs: z.array(rung).readonly() });
