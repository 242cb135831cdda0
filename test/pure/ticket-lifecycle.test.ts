import { PaperTicket } from '../../src/db/seeds/load/paper';
import { cityInstant, cityWords } from '../../src/deadlines/city-time';
import { NOTICE_LIMITS } from '../../src/deadlines/time-limit';
import { buildCalendar } from '../../src/deadlines/working-calendar';
import { brokenAt } from '../../src/platform/hash-chain';
import { newTicket } from '../../src/tickets/new-ticket';
import { REFUSAL_KINDS, ticketInput, type TicketInput } from '../../src/tickets/ticket';
import { timelineRecord } from '../../src/tickets/timeline-record';
import type { Caller } from '../../src/platform/http-route';
import type { TicketAction } from '../../src/tickets/ticket-lifecycle';

const calendar = buildCalendar({ version: 1 });
const who = (role: Caller['role'], unitId: string | null = null): Caller => ({
  ...{ personId: `${role}-1`, name: '王某', role, unitId, sessionId: '', address: '' },
});
const agent = who('agent');
const supervisor = who('supervisor');
const unit = (name: string) => who('unit', name);
/** Monday to Friday are worked in this week. */
const day = (number: number, time = '09:00') =>
  cityInstant(`2026-03-${String(number).padStart(2, '0')}`, time);

const units = new Map(['a', 'b', 'c'].map((unitId) => [unitId, { unitId, name: `单位${unitId}` }]));
const category = { code: 'X', parentCode: null, name: '甲', utility: false, leaf: true };

/** A work order opened on Monday, 2 March 2026. */
function opened(
  changes: Partial<TicketInput> = {},
  regulation: { workingDays: number; name: string } | null = null,
) {
  let id = 0;
  const newId = () => `id-${id++}`;
  const input = ticketInput.parse({
    ...{ type: 'help', categoryCode: 'X', title: '题', content: '文', ...changes },
  });
  const row = newTicket(input, agent, {
    ...{
      at: day(2),
      category: { ...category, regulation },
      limits: NOTICE_LIMITS,
      call: null,
      contact: null,
    },
    ...{ key: null, ticketId: 't', queryCode: 'ABCDEF' },
  });
  const rules = { calendar, limits: NOTICE_LIMITS, regulation, utility: false, units, remindHours: 8, newId };
  const paper = new PaperTicket({ ...row, number: '20260302-000001' }, rules);
  paper.opened(agent, '受理诉求', {});
  return paper;
}

function dispatched(changes: Partial<TicketInput> = {}, more: object = {}) {
  const paper = opened(changes);
  paper.act('dispatch', day(2), { unitId: 'a', ...more }, agent);
  return paper;
}

const codeOf = (work: () => void): string => {
  try {
    work();
  } catch (fault) {
    return (fault as { code: string }).code;
  }
  return 'done';
};
const part = (paper: PaperTicket, unitId: string) =>
  paper.parts.find((each) => each.unit_id === unitId && each.current) ??
  paper.parts.find((each) => each.unit_id === unitId)!;
const decide = (paper: PaperTicket, at: Date, granted: boolean, more: object = {}) =>
  paper.act(
    'decide',
    at,
    {
      requestId: paper.requests.find(({ state }) => state === 'pending')?.request_id ?? '-',
      granted,
      words: '审核',
      ...more,
    },
    supervisor,
  );
const answerOf = { handling: '已处理', publicAnswer: '已办结', solved: true };

it('D1: answered directly, concluded at once', () => {
  const paper = opened({ type: 'consultation' });
  paper.act('answer', day(2), { answer: '请带身份证' }, agent);
  expect(paper.ticket).toMatchObject({ state: 'answered', answer: '请带身份证', concluded_at: day(2) });
});

it.each(Object.keys(REFUSAL_KINDS))(
  'D3: refused as %s, with explanation and where the citizen was guided',
  (kind) => {
    const paper = opened();
    paper.act('refuse', day(2), { kind, explanation: '解释', guidedTo: '有权机关' }, agent);
    expect(paper.ticket).toMatchObject({ state: 'refused', refusal_kind: kind, guided_to: '有权机关' });
  },
);

it.each(['province', 'cross-city'] as const)(
  'R2: %s goes to no unit of the city without a reason',
  (level) => {
    const paper = opened({ level });
    expect(codeOf(() => paper.act('dispatch', day(2), { unitId: 'a' }, agent))).toBe('invalid-input');
    expect(paper.parts).toEqual([]);
    paper.act('dispatch', day(2), { unitId: 'a', reason: '省厅要求属地先行处理' }, agent);
    expect(paper.ticket.state).toBe('dispatched');
  },
);

it('R3: one lead, assistants with their own state and clock; concluded when all have answered', () => {
  const paper = dispatched({}, { assistingUnitIds: ['b', 'a', 'b'] });
  paper.act('addAssistant', day(3), { unitIds: ['c'] }, agent);
  expect(paper.parts.map(({ unit_id, role }) => `${unit_id} ${role}`)).toEqual([
    'a lead',
    'b assisting',
    'c assisting',
  ]);
  expect(part(paper, 'c').due_at.getTime()).toBeGreaterThan(part(paper, 'b').due_at.getTime());
  expect(codeOf(() => paper.act('addAssistant', day(3), { unitIds: ['b'] }, agent))).toBe('already-exists');
  for (const name of ['a', 'b']) {
    paper.act('acknowledge', day(3), {}, unit(name));
    paper.act('reply', day(4), answerOf, unit(name));
  }
  expect(codeOf(() => paper.act('check', day(4), {}, agent))).toBe('wrong-state');
  paper.act('acknowledge', day(4), {}, unit('c'));
  paper.act('reply', day(4), answerOf, unit('c'));
  paper.act('check', day(5), {}, agent);
  expect(paper.ticket.state).toBe('checked');
  expect(paper.parts.every(({ state }) => state === 'concluded')).toBe(true);
});

it.each([
  ['urgent', 'help', '2026年3月4日 18:00'],
  ['ordinary', 'consultation', '2026年3月5日 18:00'],
  ['ordinary', 'help', '2026年3月9日 18:00'],
] as const)('T1: %s %s is due %s', (urgency, type, due) => {
  expect(cityWords(part(dispatched({ urgency, type }), 'a').due_at)).toBe(due);
});

it('T1: a reply says what is unsolved and why; late is told', () => {
  const paper = dispatched();
  paper.act('acknowledge', day(2, '10:00'), {}, unit('a'));
  expect(codeOf(() => paper.act('reply', day(3), { ...answerOf, solved: false }, unit('a')))).toBe(
    'invalid-input',
  );
  const future = { ...answerOf, contactedAt: day(4).toISOString() };
  expect(codeOf(() => paper.act('reply', day(3), future, unit('a')))).toBe('invalid-input');
  paper.act('reply', day(10), answerOf, unit('a'));
  expect(paper.timeline.at(-1)?.facts).toMatchObject({ late: true });
});

it('T2: asked before the due date, once; granted up to five days, more only with a reason', () => {
  const asking = (paper: PaperTicket, at: Date) =>
    paper.act('askExtension', at, { reason: '复杂', workingDays: 3 }, unit('a'));
  expect(codeOf(() => asking(dispatched(), day(9, '18:01')))).toBe('extension-too-late');
  const paper = dispatched();
  asking(paper, day(9, '17:59'));
  expect(codeOf(() => asking(paper, day(9, '17:59')))).toBe('wrong-state');
  expect(codeOf(() => decide(paper, day(9, '17:59'), true, { workingDays: 6 }))).toBe('invalid-input');
  decide(paper, day(9, '17:59'), true);
  expect(cityWords(part(paper, 'a').due_at)).toBe('2026年3月12日 18:00');
  expect(paper.ticket.due_why).toContain('（T2）');
  expect(codeOf(() => asking(paper, day(10)))).toBe('wrong-state');
  const longer = dispatched();
  asking(longer, day(3));
  decide(longer, day(3), true, { workingDays: 8, overrideReason: '需鉴定' });
  expect(part(longer, 'a').extension_days).toBe(8);
});

it('T3: handed back within one working day; refused twice it is a final ruling', () => {
  const asking = (paper: PaperTicket, action: 'askReturn' | 'object', at: Date) =>
    paper.act(action, at, { reason: '不属职责' }, unit('a'));
  expect(codeOf(() => asking(dispatched(), 'askReturn', day(3, '18:01')))).toBe('return-too-late');
  const paper = dispatched();
  const due = part(paper, 'a').due_at;
  asking(paper, 'askReturn', day(3, '17:59'));
  decide(paper, day(4), false);
  expect([paper.ticket.state, part(paper, 'a').due_at]).toEqual(['dispatched', due]);
  expect(codeOf(() => asking(paper, 'askReturn', day(4)))).toBe('wrong-state');
  asking(paper, 'object', day(4));
  decide(paper, day(4), false);
  expect(part(paper, 'a').final).toBe(true);
  expect(codeOf(() => asking(paper, 'object', day(4)))).toBe('wrong-state');
  const granted = dispatched();
  asking(granted, 'askReturn', day(2, '11:00'));
  decide(granted, day(3), true);
  expect(granted.ticket).toMatchObject({ state: 'returned', lead_unit_id: null, due_at: null });
  granted.act('dispatch', day(3), { unitId: 'b' }, agent);
  expect(granted.ticket).toMatchObject({ state: 'dispatched', lead_unit_id: 'b' });
});

it('T4: a complaint runs by its own regulation, with a first opinion within five working days, given once', () => {
  const paper = opened({ type: 'complaint' }, { workingDays: 45, name: '某办法' });
  paper.act('dispatch', day(2), { unitId: 'a' }, agent);
  expect(part(paper, 'a')).toMatchObject({
    clause: 'T4',
    working_days: 45,
    first_opinion_by: day(9, '18:00'),
  });
  paper.act('giveOpinion', day(4), { opinion: '已立案' }, unit('a'));
  expect(codeOf(() => paper.act('giveOpinion', day(4), { opinion: '又' }, unit('a')))).toBe('wrong-state');
  expect(codeOf(() => dispatched().act('giveOpinion', day(4), { opinion: '无' }, unit('a')))).toBe(
    'wrong-state',
  );
});

it('E1: reopened to the same unit with the redo’s limit, at most as often as set', () => {
  const paper = dispatched();
  for (const round of [0, 1, 2]) {
    paper.act('acknowledge', day(3), {}, unit('a'));
    paper.act('reply', day(3), answerOf, unit('a'));
    paper.act('check', day(3), {}, agent);
    if (round < 2) paper.act('reopen', day(3), { reason: '不满意' }, agent);
  }
  expect(part(paper, 'a')).toMatchObject({ clause: 'E1', round: 3 });
  expect(codeOf(() => paper.act('reopen', day(4), { reason: '不满意' }, agent))).toBe('wrong-state');
});

it.each([
  ['answer', { answer: '已答复' }],
  ['refuse', { kind: 'judicial', explanation: '解释', guidedTo: '法院' }],
] as const)('%s after the lead has handed it back ends the assistants’ parts too', (action, input) => {
  const paper = dispatched({}, { assistingUnitIds: ['b'] });
  paper.act('recall', day(3), { reason: '派错' }, supervisor);
  expect(part(paper, 'b').state).toBe('dispatched');
  paper.act('askExtension', day(3), { reason: '复杂', workingDays: 2 }, unit('b'));
  paper.act(action, day(3), input, agent);
  expect(part(paper, 'b')).toMatchObject({ state: 'withdrawn', current: false });
  expect(paper.requests.map(({ state }) => state)).toEqual(['withdrawn']);
  expect(paper.timers.filter(({ state }) => state === 'waiting')).toEqual([]);
});

it('a pause gives its days back, also when the reply ends it; an extension meanwhile plans no reminder', () => {
  const paper = dispatched();
  paper.act('acknowledge', day(2), {}, unit('a'));
  paper.act('askExtension', day(3), { reason: '复杂', workingDays: 1 }, unit('a'));
  paper.act('pause', day(3), { unitId: 'a', rule: 'appraisal' }, supervisor);
  decide(paper, day(3), true);
  expect(paper.timers.filter(({ state }) => state === 'waiting')).toEqual([]);
  expect(cityWords(part(paper, 'a').due_at)).toBe('2026年3月10日 18:00');
  paper.act('reply', day(11), answerOf, unit('a'));
  expect(paper.timeline.at(-1)?.facts).toMatchObject({ late: false });
  paper.act('sendBack', day(11), { reason: '不全' }, supervisor);
  // Six working days stood still.
  expect(cityWords(part(paper, 'a').due_at)).toBe('2026年3月18日 18:00');
  expect(paper.ticket.due_at).toEqual(part(paper, 'a').due_at);
});

it.each([
  ['agent decides no request', 'decide', { requestId: 'x', granted: true }, agent],
  ['unit checks nothing', 'check', {}, unit('a')],
  ['another unit has no part', 'acknowledge', {}, unit('b')],
  ['overseer changes nothing', 'urge', {}, who('overseer')],
  ['administrator changes nothing', 'supplement', { words: '补' }, who('administrator')],
] as [string, TicketAction, object, Caller][])('%s', (_, action, input, by) => {
  const paper = dispatched();
  const before = structuredClone({ ticket: paper.ticket, parts: paper.parts, timeline: paper.timeline });
  expect(codeOf(() => paper.act(action, day(3), input, by))).toBe('wrong-state');
  expect({ ticket: paper.ticket, parts: paper.parts, timeline: paper.timeline }).toEqual(before);
});

it('G1: each command is one row of a whole chain', () => {
  const paper = dispatched();
  paper.act('urge', day(2), { words: '急' }, agent);
  paper.act('acknowledge', day(2), {}, unit('a'));
  expect(paper.timeline.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
    '1 opened',
    '2 dispatched',
    '3 urged',
    '4 acknowledged',
  ]);
  expect(paper.ticket.version).toBe(4);
  const links = paper.timeline.map((row) => ({
    record: timelineRecord(row),
    previousHash: row.previous_hash,
    hash: row.hash,
  }));
  expect(brokenAt(links)).toBeNull();
});
