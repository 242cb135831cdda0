import type { Actor, NamedUnit } from '../../../tickets/ticket-decision';
import { REFUSAL_KINDS, type RefusalKind } from '../../../tickets/ticket';
import type { Dice } from './dice';
import { handlingOf } from './matters';
import type { PaperTicket } from './paper';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Walk {
  paper: PaperTicket;
  dice: Dice;
  agent: Actor;
  supervisor: Actor;
  /** The unit of the catalogue first. */
  units: readonly [NamedUnit, ...NamedUnit[]];
  /** Nothing is known after this instant: whoever has come so far is under way still. */
  end: Date;
}

/** Walks a work order through the part of its life that lies before `end`, with the shares a hotline has (B1). */
export function walk(given: Walk): void {
  const { paper, dice, agent, end } = given;
  const now = new Date(paper.ticket.opened_at);
  const after = (from: number, to: number): boolean => {
    now.setTime(now.getTime() + dice.between(from, to));
    return now < end;
  };
  const { type } = paper.ticket;
  const fate = dice.next();
  if (fate < (type === 'consultation' ? 0.75 : 0.15)) {
    if (after(1, 30 * MINUTE))
      paper.act('answer', new Date(now), { answer: `${handlingOf(dice)}`, articleId: null }, agent);
    if (after(DAY, 9 * DAY)) paper.act('archive', new Date(now), {}, agent);
  } else if (fate > 0.96) {
    const kind = dice.pick(Object.keys(REFUSAL_KINDS) as RefusalKind[]);
    const { guide, words } = REFUSAL_KINDS[kind];
    if (after(1, 30 * MINUTE))
      paper.act('refuse', new Date(now), { kind, explanation: words, guidedTo: guide }, agent);
    if (after(DAY, 9 * DAY)) paper.act('archive', new Date(now), {}, agent);
  } else throughUnits(given, now, after);
  paper.remind(end);
}

function throughUnits(given: Walk, now: Date, after: (from: number, to: number) => boolean): void {
  const { paper, dice, agent, supervisor } = given;
  const [lead, second, third] = given.units;
  if (!after(2 * MINUTE, dice.chance(0.9) ? HOUR : 20 * HOUR)) return;
  const helpers = dice.chance(0.08) && second && third ? [second, third].slice(0, dice.between(1, 2)) : [];
  const assistingUnitIds = helpers.map(({ unitId }) => unitId);
  paper.act('dispatch', new Date(now), { unitId: lead.unitId, assistingUnitIds, reason: '属地办理' }, agent);
  let unit = lead;
  if (dice.chance(0.06)) {
    if (!after(HOUR, 8 * HOUR)) return;
    paper.act('askReturn', new Date(now), { reason: '不属本单位职责' }, clerk(unit));
    if (!after(HOUR, 20 * HOUR)) return;
    const granted = second !== undefined && dice.chance(0.7);
    decide(given, new Date(now), granted);
    if (granted) {
      if (!after(10 * MINUTE, 4 * HOUR)) return;
      unit = second;
      paper.act('dispatch', new Date(now), { unitId: unit.unitId, reason: '属地办理' }, supervisor);
    }
  }
  for (let round = 0; round < 2; round++) {
    if (!handled(given, unit, now, after)) return;
    if (!after(2 * HOUR, 20 * HOUR)) return;
    paper.act('check', new Date(now), {}, agent);
    if (!after(HOUR, 3 * DAY)) return;
    paper.act('followUp', new Date(now), { words: '已联系诉求人' }, agent);
    if (round > 0 || !dice.chance(0.04)) break;
    if (!after(HOUR, DAY)) return;
    paper.act('reopen', new Date(now), { reason: '诉求人不满意' }, agent);
  }
  if (after(DAY, 9 * DAY)) paper.act('archive', new Date(now), {}, agent);
}

/** A unit's share, up to its reply; false when that is not yet. */
function handled(
  given: Walk,
  lead: NamedUnit,
  now: Date,
  after: (from: number, to: number) => boolean,
): boolean {
  const { paper, dice, agent, supervisor } = given;
  const working = () => paper.parts.filter(({ current }) => current);
  for (const part of working()) {
    if (!after(20 * MINUTE, dice.chance(0.9) ? 3 * HOUR : 20 * HOUR)) return false;
    paper.act('acknowledge', new Date(now), {}, clerk({ unitId: part.unit_id, name: part.unit_name }));
  }
  const mine = () => working().find(({ role }) => role === 'lead');
  if (mine()?.first_opinion_by && dice.chance(0.8)) {
    if (!after(HOUR, 2 * DAY)) return false;
    paper.act('giveOpinion', new Date(now), { opinion: '已受理，正在核实' }, clerk(lead));
  }
  if (dice.chance(0.05)) {
    if (!after(HOUR, DAY)) return false;
    paper.act('urge', new Date(now), { words: '请尽快办理' }, agent);
  }
  if (dice.chance(0.08) && now.getTime() + DAY < (mine()?.due_at.getTime() ?? 0)) {
    if (!after(HOUR, 8 * HOUR)) return false;
    paper.act('askExtension', new Date(now), { reason: '情况复杂，需多方核实', workingDays: 5 }, clerk(lead));
    if (!after(HOUR, 8 * HOUR)) return false;
    decide(given, new Date(now), dice.chance(0.85));
  }
  // Most reply in time, some late, a few not for a long time.
  const left = Math.max(DAY, (mine()?.due_at.getTime() ?? 0) - now.getTime());
  const share = dice.chance(0.9) ? dice.next() : dice.chance(0.95) ? 1 + dice.next() : 60;
  if (!after(left * share * 0.9, left * share)) return false;
  for (const part of working().sort((a, b) => (a.role < b.role ? -1 : 1))) {
    if (!after(MINUTE, HOUR)) return false;
    const text = {
      handling: handlingOf(dice),
      publicAnswer: handlingOf(dice),
      contactedAt: now.toISOString(),
    };
    const solved = dice.chance(0.85);
    const why = solved ? {} : { unsolvedWhy: '需上级政策支持' };
    const by = clerk({ unitId: part.unit_id, name: part.unit_name });
    paper.act('reply', new Date(now), { ...text, ...why, truthful: dice.chance(0.9), solved }, by);
  }
  if (dice.chance(0.03)) {
    if (!after(HOUR, 8 * HOUR)) return false;
    paper.act('sendBack', new Date(now), { reason: '未答复全部诉求' }, supervisor);
    if (!after(HOUR, DAY)) return false;
    const text = { handling: handlingOf(dice), publicAnswer: handlingOf(dice), solved: true };
    paper.act('reply', new Date(now), text, clerk(lead));
  }
  return true;
}

function decide({ paper, supervisor }: Walk, at: Date, granted: boolean): void {
  const requestId = paper.requests.find(({ state }) => state === 'pending')?.request_id;
  paper.act('decide', at, { requestId, granted, words: granted ? '同意' : '属本单位职责' }, supervisor);
}

const clerk = ({ unitId, name }: NamedUnit): Actor => ({
  personId: `clerk-${unitId}`,
  name: `${name}经办员`,
  role: 'unit',
  unitId,
});
