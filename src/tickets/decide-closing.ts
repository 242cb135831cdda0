import { cityWords } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { ActionInput } from './ticket-action-input';
import { ofLead } from './decide-dispatch';
import { leadOf, newPart, type Decider } from './ticket-decision';

/** Commands of 12345 on what the units have answered, up to the archive, and the way back (E1). */

/** The answer is not good enough: the unit goes on, on the same clock. */
export const sendBack: Decider<ActionInput<'sendBack'>> = ({ reason, unitIds }, file) => {
  const back = file.parts.filter(
    ({ state, role, unit_id }) =>
      state === 'replied' && (unitIds.length ? unitIds.includes(unit_id) : role === 'lead'),
  );
  if (back.length === 0)
    throw new HotlineError('invalid-input', '没有已答复的单位可退回。', { field: 'unitIds' });
  const lead = back.some(({ role }) => role === 'lead');
  return {
    kind: 'sentBack',
    words: `退回${back.map(({ unit_name }) => unit_name).join('、')}重办：${reason}`,
    facts: { unitIds: back.map(({ unit_id }) => unit_id) },
    ticket: lead ? { state: 'acknowledged', replied_at: null, answer: null } : {},
    changed: back.map(({ part_id: partId }) => ({
      partId,
      changes: { state: 'acknowledged', replied_at: null },
    })),
    planned: back.map(({ part_id }) => part_id),
    notices: back.map(({ unit_id: unitId }) => ({
      unitId,
      kind: 'sentBack',
      words: `工单 ${file.ticket.number} 的答复被退回：${reason}`,
    })),
  };
};

/** 办结: every unit has answered and 12345 finds it sufficient; the result goes to the citizen (T1). */
export const check: Decider<ActionInput<'check'>> = ({ words }, file, _actor, { at }) => {
  const missing = file.parts.filter(({ state }) => state !== 'replied');
  if (missing.length > 0)
    throw new HotlineError(
      'wrong-state',
      `${missing.map(({ unit_name }) => unit_name).join('、')}尚未答复。`,
      {
        unitIds: missing.map(({ unit_id }) => unit_id),
      },
    );
  return {
    kind: 'checked',
    words: `审核办结${words ? `：${words}` : ''}`,
    ticket: { state: 'checked', checked_at: at, concluded_at: at },
    changed: file.parts.map(({ part_id: partId }) => ({
      partId,
      changes: { state: 'concluded', closed_at: at },
    })),
    citizen: { template: 'ticketConcluded', words: file.ticket.answer ?? '' },
  };
};

/** The result of the follow-up is kept by evaluation/; here the work order only moves on. */
export const followUp: Decider<ActionInput<'followUp'>> = ({ words }, { ticket }, _actor, { at }) => ({
  kind: 'followedUp',
  words: `回访登记${words ? `：${words}` : ''}`,
  ticket: { state: 'followedUp', followed_up_at: ticket.followed_up_at ?? at },
});

/** E1: to the same unit again, with the redo's time limit; what no unit had comes back to be accepted. */
export const reopen: Decider<ActionInput<'reopen'>> = ({ reason }, file, _actor, known) => {
  const { ticket } = file;
  if (ticket.reopened >= known.mostReopened)
    throw new HotlineError('wrong-state', `已重办 ${ticket.reopened} 次，达到上限，不能再次重办。`, {
      mostReopened: known.mostReopened,
    });
  const before = leadOf(file);
  const open = {
    reopened: ticket.reopened + 1,
    concluded_at: null,
    checked_at: null,
    replied_at: null,
    acknowledged_at: null,
    followed_up_at: null,
    archived_at: null,
    answer: null,
  };
  const facts = { reopened: open.reopened, clause: 'E1' };
  if (!before)
    return {
      kind: 'reopened',
      words: `重新受理：${reason}`,
      facts,
      ticket: {
        ...open,
        state: 'accepted',
        refusal_kind: null,
        refusal_explanation: null,
        guided_to: null,
        article_id: null,
        article_version: null,
        article_title: null,
      },
    };
  const unit = { unitId: before.unit_id, name: before.unit_name };
  const lead = newPart(file, unit, 'lead', known, { round: file.rounds + 1, redo: true });
  return {
    kind: 'reopened',
    words: `第 ${open.reopened} 次重办，由${unit.name}在 ${cityWords(lead.due_at)} 前办结（E1）：${reason}`,
    facts: { ...facts, unitId: unit.unitId, dueAt: lead.due_at },
    ticket: { ...open, state: 'dispatched', ...ofLead(lead) },
    changed: file.parts.map(({ part_id: partId }) => ({ partId, changes: { current: false } })),
    made: [lead],
    planned: [lead.part_id],
    notices: [{ unitId: unit.unitId, kind: 'reopened', words: `工单 ${ticket.number} 重办：${reason}` }],
  };
};

export const archive: Decider<ActionInput<'archive'>> = (_input, _file, _actor, { at }) => ({
  kind: 'archived',
  words: '归档',
  ticket: { state: 'archived', archived_at: at },
});
