import { cityWords } from '../deadlines/city-time';
import { chooseLimit, type ChosenLimit } from '../deadlines/due-dates';
import { HotlineError } from '../errors';
import { EXTENSION_DAYS, type ActionInput } from './ticket-action-input';
import { ofLead, returned } from './decide-dispatch';
import {
  closed,
  isPaused,
  partOf,
  recounted,
  unitOf,
  type Actor,
  type Decider,
  type Decision,
  type Known,
  type TicketFile,
  type UnitMessage,
} from './ticket-decision';
import { REQUEST_KINDS, type PartRow, type RequestKind, type RequestRow } from './ticket-row';

/** Commands of a unit on its own part, and what 12345 decides about it (T1–T4). */

/** The unit has taken it on. The clock does not care: it has run since the dispatch. */
export const acknowledge: Decider<ActionInput<'acknowledge'>> = (_input, file, actor, { at }) => {
  const part = partOf(file, actor.unitId);
  const late = part.acknowledge_by !== null && at > part.acknowledge_by;
  const lead = part.role === 'lead';
  return {
    kind: 'acknowledged',
    words: `${part.unit_name}签收${lead ? '' : '（协办）'}${late ? '，超过签收时限' : ''}`,
    facts: { unitId: part.unit_id, late },
    ticket: lead && file.ticket.state === 'dispatched' ? { state: 'acknowledged', acknowledged_at: at } : {},
    changed: [{ partId: part.part_id, changes: { state: 'acknowledged', acknowledged_at: at } }],
  };
};

function asked(
  kind: RequestKind,
  part: PartRow,
  input: { reason: string; suggestedUnitId?: string | null; workingDays?: number },
  actor: Actor,
  { at, newId }: Known,
): Decision {
  const days = input.workingDays ?? null;
  return {
    kind: `${kind}Asked`,
    words: `${part.unit_name}申请${REQUEST_KINDS[kind]}${days === null ? '' : ` ${days} 个工作日`}：${input.reason}`,
    facts: { unitId: part.unit_id, clause: kind === 'extension' ? 'T2' : 'T3' },
    ticket: {},
    asked: {
      request_id: newId(),
      ticket_id: part.ticket_id,
      part_id: part.part_id,
      unit_id: part.unit_id,
      kind,
      reason: input.reason,
      working_days: days,
      suggested_unit_id: input.suggestedUnitId ?? null,
      late: false,
      asked_at: at,
      asked_by: actor.personId,
      asked_by_name: actor.name,
      state: 'pending',
      decided_at: null,
      decided_by: null,
      decided_by_name: null,
      decision: null,
      granted_days: null,
    },
  };
}

/** T3: not its matter, handed back within one working day, with the reason. The clock runs on until it is decided. */
export const askReturn: Decider<ActionInput<'askReturn'>> = (input, file, actor, known) => {
  const part = partOf(file, actor.unitId);
  if (known.at > part.return_by)
    throw new HotlineError(
      'return-too-late',
      `退单期限已过（${cityWords(part.return_by)}）：不属本单位职责的应在收到后 1 个工作日内退回（T3）。`,
      { returnBy: part.return_by.toISOString() },
    );
  if (input.suggestedUnitId) unitOf(known, input.suggestedUnitId, 'suggestedUnitId');
  return asked('return', part, input, actor, known);
};

/** Objection to a dispatch after a refused return: reviewed once more; refused again it is a final ruling. */
export const object: Decider<ActionInput<'object'>> = (input, file, actor, known) => {
  if (input.suggestedUnitId) unitOf(known, input.suggestedUnitId, 'suggestedUnitId');
  return asked('objection', partOf(file, actor.unitId), input, actor, known);
};

/** T2: asked before the due date, with a reason, for at most five working days; once. */
export const askExtension: Decider<ActionInput<'askExtension'>> = (input, file, actor, known) => {
  const part = partOf(file, actor.unitId);
  if (known.at > part.due_at)
    throw new HotlineError('extension-too-late', '已超过办理期限，延期须在到期前申请（T2）。', {
      dueAt: part.due_at.toISOString(),
    });
  if (part.extension_days > 0) throw new HotlineError('wrong-state', '本单已延期一次，不能再次延期（T2）。');
  return asked('extension', part, input, actor, known);
};

export const withdrawRequest: Decider<ActionInput<'withdrawRequest'>> = (_input, file, actor, { at }) => {
  const part = partOf(file, actor.unitId);
  const request = file.requests.find(({ part_id, state }) => part_id === part.part_id && state === 'pending');
  if (!request) throw new HotlineError('wrong-state', '没有待审核的申请可撤回。');
  return {
    kind: 'requestWithdrawn',
    words: `${part.unit_name}撤回${REQUEST_KINDS[request.kind]}申请`,
    ticket: {},
    settled: [{ requestId: request.request_id, changes: { state: 'withdrawn', decided_at: at } }],
  };
};

/** What 12345 decides about a return (T3), an extension (T2) or an objection. */
export const decide: Decider<ActionInput<'decide'>> = (input, file, actor, known) => {
  const request = file.requests.find(({ request_id }) => request_id === input.requestId);
  const part = request && file.parts.find(({ part_id }) => part_id === request.part_id);
  if (!request || !part) throw new HotlineError('not-found', '没有这项申请。', { field: 'requestId' });
  if (request.state !== 'pending') throw new HotlineError('wrong-state', '这项申请已经处理。');
  if (!input.granted && !input.words)
    throw new HotlineError('invalid-input', '不同意的，请写明理由。', { field: 'words' });
  const name = REQUEST_KINDS[request.kind];
  const verdict = `${input.granted ? '同意' : '不同意'}${part.unit_name}${name}${input.words ? `：${input.words}` : ''}`;
  const settled = {
    requestId: request.request_id,
    changes: {
      state: input.granted ? ('granted' as const) : ('refused' as const),
      decided_at: known.at,
      decided_by: actor.personId,
      decided_by_name: actor.name,
      decision: input.words,
    },
  };
  const base: Decision = {
    kind: `${request.kind}Decided`,
    words: verdict,
    facts: { unitId: part.unit_id, granted: input.granted },
    ticket: {},
    settled: [settled],
    notices: [
      { unitId: part.unit_id, kind: 'decided', words: `工单 ${file.ticket.number}：12345${verdict}。` },
    ],
    toUnit: unitMessage(input, file, part, request),
  };
  if (request.kind === 'extension')
    return input.granted ? extended(base, { input, file, part, request, known }) : base;
  if (input.granted) return handedBack(base, file, part, known, verdict);
  // The clock has never stopped: a refused return costs the unit its time, not the citizen.
  if (request.kind === 'return') return base;
  return {
    ...base,
    words: `${verdict}；最终裁定由${part.unit_name}办理，不得退单`,
    changed: [{ partId: part.part_id, changes: { final: true } }],
  };
};

function handedBack(base: Decision, file: TicketFile, part: PartRow, known: Known, words: string): Decision {
  const over =
    part.role === 'lead'
      ? returned(file, [part], known, words)
      : closed(file, [part], 'returned', known, words);
  const others = (over.settled ?? []).filter(({ requestId }) => requestId !== base.settled?.[0]?.requestId);
  return { ...base, ...over, settled: [...(base.settled ?? []), ...others] };
}

/** What the unit's people are told of a verdict; of an objection only the inbox tells. */
function unitMessage(
  { granted, words: reason }: ActionInput<'decide'>,
  { ticket: { number } }: TicketFile,
  { unit_id: unitId, due_at: dueAt }: PartRow,
  { kind }: RequestRow,
): UnitMessage | undefined {
  const decision = granted ? '已同意' : '未同意';
  if (kind === 'return')
    return { unitId, template: 'unitReturnDecided', params: { number, decision, reason } };
  if (kind !== 'extension') return undefined;
  return { unitId, template: 'unitExtensionDecided', params: { number, decision, dueAt: cityWords(dueAt) } };
}

function extended(
  base: Decision,
  what: { input: ActionInput<'decide'>; file: TicketFile; part: PartRow; request: RequestRow; known: Known },
): Decision {
  const { input, file, part, request, known } = what;
  const days = input.workingDays ?? request.working_days ?? EXTENSION_DAYS;
  if (days > EXTENSION_DAYS && !input.overrideReason)
    throw new HotlineError(
      'invalid-input',
      `延期一般不超过 ${EXTENSION_DAYS} 个工作日（T2）；确需更长的，请写明理由。`,
      { field: 'overrideReason' },
    );
  const clock = recounted({ ...part, extension_days: days }, known.calendar, limitOf(part, file, known));
  const after = { ...part, ...clock };
  const [settled] = base.settled ?? [];
  return {
    ...base,
    words: `${base.words}${input.overrideReason ? `（超过 ${EXTENSION_DAYS} 个工作日：${input.overrideReason}）` : ''}，延期 ${days} 个工作日至 ${cityWords(after.due_at)}（T2）`,
    facts: { ...base.facts, days, before: part.due_at, after: after.due_at },
    settled: settled ? [{ ...settled, changes: { ...settled.changes, granted_days: days } }] : [],
    changed: [{ partId: part.part_id, changes: { extension_days: days, ...clock } }],
    ticket: part.role === 'lead' ? ofLead(after) : {},
    // While the clock stands nothing is reminded of; its going on plans anew.
    planned: isPaused(part) ? [] : [part.part_id],
    toUnit: unitMessage(input, file, after, request),
    // T2: the delay is explained to the citizen.
    citizen: part.role === 'lead' ? { template: 'ticketExtended', words: request.reason } : undefined,
  };
}

/** The limit fixed at dispatch; parts of before that was kept get what their ticket gives now. */
export const limitOf = (
  part: PartRow,
  { ticket }: Pick<TicketFile, 'ticket'>,
  known: Pick<Known, 'regulation' | 'limits'>,
): ChosenLimit =>
  part.due_limit ??
  chooseLimit({ type: ticket.type, urgency: ticket.urgency, regulation: known.regulation }, known.limits);

/** T4: complaints and reports get a first opinion within five working days. */
export const giveOpinion: Decider<ActionInput<'giveOpinion'>> = ({ opinion }, file, actor, { at }) => {
  const part = partOf(file, actor.unitId);
  const late = part.first_opinion_by !== null && at > part.first_opinion_by;
  return {
    kind: 'opinionGiven',
    words: `${part.unit_name}提出初步处理意见（T4）${late ? '，已逾期' : ''}：${opinion}`,
    facts: { unitId: part.unit_id, late, clause: 'T4' },
    ticket: {},
    changed: [{ partId: part.part_id, changes: { first_opinion: opinion, first_opinion_at: at } }],
  };
};

/** T1: what was done, what the citizen is told, whether the facts were true and the matter is solved. */
export const reply: Decider<ActionInput<'reply'>> = (input, file, actor, known) => {
  const { at } = known;
  const before = partOf(file, actor.unitId);
  const resumed = isPaused(before) ? resumedClock(before, file, known) : {};
  const part = { ...before, ...resumed };
  if (!input.solved && !input.unsolvedWhy)
    throw new HotlineError('invalid-input', '未解决的，请说明原因。', { field: 'unsolvedWhy' });
  if (input.contactedAt && input.contactedAt > at)
    throw new HotlineError('invalid-input', '联系诉求人的时间不能晚于现在。', { field: 'contactedAt' });
  const late = at > part.due_at;
  const lead = part.role === 'lead';
  return {
    kind: 'replied',
    words: `${part.unit_name}${lead ? '' : '（协办）'}答复${late ? '（逾期）' : ''}：${input.publicAnswer}`,
    facts: { unitId: part.unit_id, solved: input.solved, late, dueAt: part.due_at },
    ticket: lead ? { state: 'replied', replied_at: at, answer: input.publicAnswer, ...ofLead(part) } : {},
    changed: [
      {
        partId: part.part_id,
        changes: {
          state: 'replied',
          replied_at: at,
          handling: input.handling,
          public_answer: input.publicAnswer,
          truthful: input.truthful,
          solved: input.solved,
          unsolved_why: input.unsolvedWhy || null,
          contacted_at: input.contactedAt,
          // An open pause ends with the reply, which is late only by the clock without it.
          ...resumed,
        },
      },
    ],
    stopped: [part.part_id],
    settled: file.requests
      .filter((request) => request.part_id === part.part_id && request.state === 'pending')
      .map(({ request_id }) => ({
        requestId: request_id,
        changes: { state: 'withdrawn', decided_at: at, decision: '已答复' },
      })),
  };
};

/** A part's pauses and clock with the open pause ended now. */
function resumedClock(part: PartRow, file: TicketFile, known: Known) {
  const pauses = resumedAt(part, known.at);
  return { pauses, ...recounted({ ...part, pauses }, known.calendar, limitOf(part, file, known)) };
}

const resumedAt = (part: PartRow, at: Date) =>
  part.pauses.map((each) => (each.to === null ? { ...each, to: at.toISOString() } : each));

/** The clock stands still only by a rule that says so; the stretch is kept. */
export const pause: Decider<ActionInput<'pause'>> = (input, file, _actor, { at, limits }) => {
  const part = working(file, input.unitId);
  const rule = limits.pauses.find((each) => each.rule === input.rule);
  if (!rule) throw new HotlineError('invalid-input', '没有这项暂停计时的规定。', { field: 'rule' });
  if (isPaused(part)) throw new HotlineError('wrong-state', '计时已经暂停。');
  const stretch = { rule: rule.rule, words: rule.words, from: at.toISOString(), to: null };
  return {
    kind: 'paused',
    words: `${part.unit_name}暂停计时：${rule.words}${input.words ? `（${input.words}）` : ''}`,
    facts: { unitId: part.unit_id, rule: rule.rule },
    ticket: {},
    changed: [{ partId: part.part_id, changes: { pauses: [...part.pauses, stretch] } }],
    stopped: [part.part_id],
  };
};

export const resume: Decider<ActionInput<'resume'>> = ({ unitId }, file, _actor, known) => {
  const part = working(file, unitId);
  if (!isPaused(part)) throw new HotlineError('wrong-state', '计时没有暂停。');
  const clock = resumedClock(part, file, known);
  const after = { ...part, ...clock };
  return {
    kind: 'resumed',
    words: `${part.unit_name}恢复计时，办理期限 ${cityWords(after.due_at)}`,
    facts: { unitId, before: part.due_at, after: after.due_at },
    ticket: part.role === 'lead' ? ofLead(after) : {},
    changed: [{ partId: part.part_id, changes: clock }],
    planned: [part.part_id],
  };
};

function working(file: TicketFile, unitId: string): PartRow {
  const part = partOf(file, unitId);
  if (part.state === 'dispatched' || part.state === 'acknowledged') return part;
  throw new HotlineError('wrong-state', '该单位已经答复。', { unitId });
}
