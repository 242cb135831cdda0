import { cityWords } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { ActionInput } from './ticket-action-input';
import {
  closed,
  isProvincial,
  leadOf,
  newPart,
  unitOf,
  type Decider,
  type Decision,
} from './ticket-decision';
import type { PartRow, TicketRow } from './ticket-row';

/** Commands that give work to units, or take it back (D2, R2, R3). */

/** The ticket's own copy of its lead's clock. */
export const ofLead = (lead: PartRow): Partial<TicketRow> => ({
  lead_unit_id: lead.unit_id,
  lead_unit_name: lead.unit_name,
  due_at: lead.due_at,
  due_why: lead.due_why,
});

/** D2, R3: one lead unit, any number of assistants, each with its own clock from now on. */
export const dispatch: Decider<ActionInput<'dispatch'>> = (input, file, _actor, known) => {
  const { ticket } = file;
  if (isProvincial(ticket.level) && !input.reason)
    throw new HotlineError(
      'invalid-input',
      '省级、跨市事项应转省平台办理（R2）；确需派本市单位的，请写明理由。',
      { field: 'reason', level: ticket.level },
    );
  const helpers = [...new Set(input.assistingUnitIds)].filter((unitId) => unitId !== input.unitId);
  const round = file.rounds + 1;
  const part = (unitId: string, role: PartRow['role'], field: string) =>
    newPart(file, unitOf(known, unitId, field), role, known, { round, final: input.final });
  const lead = part(input.unitId, 'lead', 'unitId');
  const made = [lead, ...helpers.map((unitId) => part(unitId, 'assisting', 'assistingUnitIds'))];
  const replaced = file.parts.filter(({ unit_id }) => made.some((one) => one.unit_id === unit_id));
  return {
    kind: 'dispatched',
    words: dispatchWords(file.rounds > 0, made, input),
    facts: {
      unitId: lead.unit_id,
      assisting: helpers,
      dueAt: lead.due_at,
      clause: lead.clause,
      calendarVersion: lead.calendar_version,
      final: input.final,
    },
    ticket: {
      state: 'dispatched',
      dispatched_at: ticket.dispatched_at ?? known.at,
      acknowledged_at: null,
      replied_at: null,
      ...ofLead(lead),
    },
    ...closed(file, replaced, 'withdrawn', known, '重新派单'),
    made,
    planned: made.map(({ part_id }) => part_id),
  };
};

function dispatchWords(again: boolean, made: readonly PartRow[], input: ActionInput<'dispatch'>): string {
  const [lead, ...helpers] = made;
  if (!lead) return '';
  return [
    `${again ? '改派' : '派单'}至${lead.unit_name}，${cityWords(lead.due_at)} 前办结`,
    helpers.length ? `；协办：${helpers.map(({ unit_name }) => unit_name).join('、')}` : '',
    input.final ? '；最终裁定，不得退单' : '',
    input.reason ? `；${input.reason}` : '',
    input.words ? `。交办意见：${input.words}` : '',
  ].join('');
}

/** R3: more assistants for a work order under way. */
export const addAssistant: Decider<ActionInput<'addAssistant'>> = (input, file, _actor, known) => {
  const units = [...new Set(input.unitIds)];
  const present = file.parts.find(({ unit_id }) => units.includes(unit_id));
  if (present)
    throw new HotlineError('already-exists', `${present.unit_name}已在承办。`, { unitId: present.unit_id });
  const made = units.map((unitId) =>
    newPart(file, unitOf(known, unitId, 'unitIds'), 'assisting', known, { round: Math.max(1, file.rounds) }),
  );
  return {
    kind: 'assistantAdded',
    words: `增派协办：${made.map(({ unit_name }) => unit_name).join('、')}${input.words ? `。${input.words}` : ''}`,
    facts: { unitIds: units, clause: 'R3' },
    ticket: {},
    made,
    planned: made.map(({ part_id }) => part_id),
  };
};

/** R2: 12345 takes a wrong dispatch back itself, also after the day on which the unit might have returned it (T3). */
export const recall: Decider<ActionInput<'recall'>> = ({ reason }, file, _actor, known) => {
  const lead = leadOf(file);
  const taken = lead ? [lead] : [];
  return {
    kind: 'recalled',
    words: `撤回派单${lead ? `（${lead.unit_name}）` : ''}：${reason}`,
    facts: { unitId: lead?.unit_id ?? null },
    ...returned(file, taken, known, reason),
    notices: taken.map(({ unit_id: unitId }) => ({
      unitId,
      kind: 'recalled',
      words: `工单 ${file.ticket.number} 已由12345撤回：${reason}`,
    })),
  };
};

/** The work order is back with 12345, without a lead, to be dispatched again. */
export function returned(
  file: Parameters<typeof closed>[0],
  parts: readonly PartRow[],
  known: Parameters<typeof closed>[3],
  words: string,
): Pick<Decision, 'ticket' | 'changed' | 'settled' | 'stopped'> & ReturnType<typeof closed> {
  return {
    ticket: {
      state: 'returned',
      lead_unit_id: null,
      lead_unit_name: null,
      due_at: null,
      due_why: null,
      acknowledged_at: null,
    },
    ...closed(file, parts, 'returned', known, words),
  };
}

/** R3: 联席会议, recorded with what it decided; the units that took part are told. */
export const meet: Decider<ActionInput<'meet'>> = (input, file, actor, known) => {
  if (input.heldAt > known.at)
    throw new HotlineError('invalid-input', '会议时间不能晚于现在。', { field: 'heldAt' });
  const units = [...new Set(input.unitIds)].map((unitId) => unitOf(known, unitId, 'unitIds'));
  const names = units.map(({ name }) => name).join('、');
  return {
    kind: 'meetingHeld',
    words: `联席会议（R3）：${names}；议定：${input.decision}`,
    facts: { clause: 'R3', heldAt: input.heldAt },
    ticket: {},
    meeting: {
      meeting_id: known.newId(),
      ticket_id: file.ticket.ticket_id,
      held_at: input.heldAt,
      place: input.place,
      unit_ids: units.map(({ unitId }) => unitId),
      members: input.members,
      decision: input.decision,
      at: known.at,
      by_id: actor.personId,
      by_name: actor.name,
    },
    notices: units
      .filter(({ unitId }) => file.parts.some(({ unit_id }) => unit_id === unitId))
      .map(({ unitId }) => ({
        unitId,
        kind: 'meetingHeld',
        words: `工单 ${file.ticket.number} 联席会议议定：${input.decision}`,
      })),
  };
};
