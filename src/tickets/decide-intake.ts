import { dispatchBy } from '../deadlines/time-limit';
import { HotlineError } from '../errors';
import { CLOSED_STATES, REFUSAL_KINDS, TICKET_TYPES, URGENCIES, type TicketState } from './ticket';
import type { ActionInput } from './ticket-action-input';
import { closed, type Decider, type Known, type TicketFile } from './ticket-decision';
import type { TicketRow } from './ticket-row';

/** Commands on what the citizen brought: before anybody is given work, or beside it. */

export const submit: Decider<ActionInput<'submit'>> = () => ({
  kind: 'submitted',
  words: '草稿提交受理',
  ticket: { state: 'accepted' },
});

export const discard: Decider<ActionInput<'discard'>> = () => ({
  kind: 'discarded',
  words: '草稿作废',
  ticket: { state: 'discarded' },
});

const NAMES: Partial<Record<keyof TicketRow, string>> = {
  type: '诉求类型',
  urgency: '紧急程度',
  category_code: '诉求类别',
  area_code: '区县',
  township: '乡镇街道',
  address: '地址',
  longitude: '位置',
  level: '层级',
  parties: '被反映对象',
  company: '单位',
  title: '标题',
  content: '内容',
  citizen_name: '诉求人姓名',
  contact_number: '联系电话',
  confidential: '保密要求',
};

/** Personal facts of the citizen are not repeated in the timeline, which units read. */
const PERSONAL: ReadonlySet<string> = new Set(['citizen_name', 'contact_number', 'content']);

/** R1: what was written down is corrected, with both values in the timeline. Throws `invalid-input` when nothing changes. */
export const amend: Decider<ActionInput<'amend'> & { utility: boolean }> = (
  input,
  { ticket },
  _actor,
  { limits },
) => {
  const wished: Partial<TicketRow> = {
    ...given('type', input.type),
    ...given('urgency', input.urgency),
    ...given('category_code', input.categoryCode),
    ...given('area_code', input.areaCode),
    ...given('township', input.township),
    ...given('address', input.address),
    ...given('level', input.level),
    ...given('parties', input.parties),
    ...given('company', input.company),
    ...given('title', input.title),
    ...given('content', input.content),
    ...given('citizen_name', input.citizenName),
    ...given('contact_number', input.contactNumber),
    ...given('confidential', input.confidential),
    ...(input.point === undefined
      ? {}
      : { longitude: input.point?.longitude ?? null, latitude: input.point?.latitude ?? null }),
  };
  const changed = (Object.keys(wished) as (keyof TicketRow)[]).filter((key) => wished[key] !== ticket[key]);
  if (changed.length === 0) throw new HotlineError('invalid-input', '没有修改任何内容。');
  const after = { ...ticket, ...wished };
  const names = changed.flatMap((key) => NAMES[key] ?? []);
  const facts = Object.fromEntries(
    changed
      .filter((key) => !PERSONAL.has(key))
      .map((key) => [key, { before: ticket[key], after: wished[key] }]),
  );
  const urgencyWords = changed.includes('urgency') ? `，改为${URGENCIES[after.urgency]}` : '';
  const typeWords = changed.includes('type') ? `，改为${TICKET_TYPES[after.type]}` : '';
  return {
    kind: 'amended',
    words: `修改${names.join('、')}${typeWords}${urgencyWords}${input.reason ? `（${input.reason}）` : ''}`,
    facts,
    ticket: {
      ...wished,
      dispatch_by: dispatchBy(ticket.opened_at, { urgency: after.urgency, utility: input.utility }, limits),
    },
  };
};

const given = <K extends keyof TicketRow>(key: K, value: TicketRow[K] | undefined): Partial<TicketRow> =>
  value === undefined ? {} : ({ [key]: value } as Partial<TicketRow>);

/** D1: answered at once, from the knowledge base where an article is cited. */
export const answer: Decider<ActionInput<'answer'>> = (input, file, _actor, known) => {
  const { at, article } = known;
  return {
    kind: 'answered',
    words: article ? `直接答复并办结（D1），依据知识条目“${article.title}”` : '直接答复并办结（D1）',
    facts: { clause: 'D1', articleId: article?.articleId ?? null },
    ticket: {
      state: 'answered',
      answer: input.answer,
      article_id: article?.articleId ?? null,
      article_version: article?.version ?? null,
      article_title: article?.title ?? null,
      concluded_at: at,
    },
    ...ended(file, known, '已由12345直接答复'),
  };
};

/** Assistants may work on while their lead has handed it back: where the matter ends for 12345, it ends for them. */
const ended = (file: TicketFile, known: Known, words: string) => ({
  ...closed(file, file.parts, 'withdrawn', known, words),
  notices: file.parts.map(({ unit_id: unitId }) => ({
    unitId,
    kind: 'recalled' as const,
    words: `工单 ${file.ticket.number} ${words}，无需继续办理。`,
  })),
});

/** D3: not accepted, which of the eight kinds, what was explained, and where the citizen was guided. */
export const refuse: Decider<ActionInput<'refuse'>> = (
  { kind, explanation, guidedTo },
  file,
  _actor,
  known,
) => ({
  kind: 'refused',
  words: `不予受理（D3）：${REFUSAL_KINDS[kind].words}；已解释并引导至${guidedTo}`,
  facts: { clause: 'D3', refusalKind: kind, guidedTo },
  ticket: {
    state: 'refused',
    refusal_kind: kind,
    refusal_explanation: explanation,
    guided_to: guidedTo,
    concluded_at: known.at,
  },
  ...ended(file, known, '不予受理'),
  // On the telephone it was explained already.
  ...(file.ticket.channel === 'telephone'
    ? {}
    : { citizen: { template: 'ticketRefused', words: `${explanation}，请向${guidedTo}反映` } as const }),
});

/** 催办: counted, kept, and told to the units that have not answered yet. */
export const urge: Decider<ActionInput<'urge'>> = (input, file, actor, { at }) => {
  const { ticket } = file;
  const times = ticket.urges + 1;
  const words = `诉求人第 ${times} 次催办${input.words ? `：${input.words}` : ''}`;
  return {
    kind: 'urged',
    words,
    ticket: { urges: times },
    urge: {
      ticket_id: ticket.ticket_id,
      at,
      channel: input.channel,
      call_id: input.callId,
      words: input.words,
      by_id: actor.personId,
      by_name: actor.name,
    },
    notices: file.parts
      .filter(({ state }) => state === 'dispatched' || state === 'acknowledged')
      .map(({ unit_id: unitId }) => ({ unitId, kind: 'urged', words: `工单 ${ticket.number}：${words}。` })),
  };
};

export const supplement: Decider<ActionInput<'supplement'>> = ({ words }, file) => ({
  kind: 'supplemented',
  words: `补充情况：${words}`,
  ticket: {},
  notices: file.parts
    .filter(({ state }) => state === 'dispatched' || state === 'acknowledged')
    .map(({ unit_id: unitId }) => ({
      unitId,
      kind: 'supplemented',
      words: `工单 ${file.ticket.number} 补充情况：${words}`,
    })),
});

/** 并单: this work order goes on inside another one; what it holds stays readable under its own number. */
export const merge: Decider<ActionInput<'merge'>> = (input, file, _actor, known) => {
  const { into } = known;
  if (!into) throw new HotlineError('not-found', '没有要并入的工单。', { field: 'intoTicketId' });
  if (into.ticket_id === file.ticket.ticket_id)
    throw new HotlineError('invalid-input', '不能并入自己。', { field: 'intoTicketId' });
  if ((CLOSED_STATES as readonly TicketState[]).includes(into.state) || into.state === 'draft')
    throw new HotlineError('wrong-state', `工单 ${into.number} 已办结，不能并入。`, { state: into.state });
  const words = `并入工单 ${into.number}${input.reason ? `：${input.reason}` : ''}`;
  return {
    kind: 'merged',
    words,
    facts: { intoTicketId: into.ticket_id },
    ticket: { state: 'merged', merged_into: into.ticket_id, due_at: null, due_why: null },
    ...ended(file, known, words),
  };
};

/** A wrong merge undone: it is accepted again and has to be dispatched. */
export const unmerge: Decider<ActionInput<'unmerge'>> = ({ reason }) => ({
  kind: 'unmerged',
  words: `取消并单：${reason}`,
  ticket: { state: 'accepted', merged_into: null, lead_unit_id: null, lead_unit_name: null },
});

/** S4: a hard case, which the hot-issue summary collects. */
export const markHard: Decider<ActionInput<'markHard'>> = ({ hard, reason }) => ({
  kind: 'hardCase',
  words: `${hard ? '标记为疑难工单' : '取消疑难标记'}：${reason}`,
  ticket: { hard_case: hard },
});
