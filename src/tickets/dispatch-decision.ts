import type { CatalogueEntry } from './category.store';
import type { Level } from './ticket';
import { isProvincial } from './ticket-decision';

/** What is to be dispatched. */
export interface DispatchCase {
  areaCode: string | null;
  /** Null: nobody has said it. */
  level: Level | null;
  /** How often units have handed it back. */
  returns: number;
  /** Whom it was dispatched to first. */
  firstLeadUnitId: string | null;
}

/** How work orders of the same category went with one unit as their lead. */
export interface PastUnit {
  unitId: string;
  concluded: number;
  /** Handed back by the unit, or taken back from it. */
  returned: number;
}

export interface ProposingUnit {
  unitId: string;
  name: string;
  /** Of a county: the one that answers for it (L2). */
  county: string | null;
}

export interface DispatchReason {
  words: string;
  clause: string;
}

export interface DispatchCandidate {
  unitId: string;
  unitName: string;
  score: number;
  reasons: DispatchReason[];
}

export interface DispatchProposal {
  /** The first candidate; null when there is none, or when it is the province's. */
  unitId: string | null;
  why: string;
  clause: string;
  /** To be dispatched as a final ruling, which cannot be returned. */
  final: boolean;
  /** R2: for the province's platform. */
  forward: DispatchReason | null;
  candidates: DispatchCandidate[];
}

/** Returned so often, a work order goes to its first recipient for good (首接负责制, R3). */
const RETURNS_TO_FIRST = 2;
const POINTS = { firstRecipient: 200, rightLevel: 20, place: 60, county: 45, city: 50, past: 40 };
/** So many concluded ones are as telling as more. */
const FULL_EXPERIENCE = 5;

/**
 * Which units may take a work order, the likeliest first, each with why (R2, R3); a person confirms. The place's own row
 * of the catalogue goes before the city's (属地管理优先), the level a person gave before both; then what became of
 * others of its kind, returns counted against.
 */
export function dispatchProposal(
  asked: DispatchCase,
  known: {
    catalogue: readonly CatalogueEntry[];
    past: readonly PastUnit[];
    units: readonly ProposingUnit[];
  },
): DispatchProposal {
  const units = new Map(known.units.map((unit) => [unit.unitId, unit]));
  const found = new Map<string, DispatchCandidate>();
  const add = (unitId: string | null, score: number, words: string, clause: string) => {
    const unit = unitId === null ? undefined : units.get(unitId);
    if (!unit) return;
    const before = found.get(unit.unitId) ?? {
      unitId: unit.unitId,
      unitName: unit.name,
      score: 0,
      reasons: [],
    };
    found.set(unit.unitId, {
      ...before,
      score: before.score + score,
      reasons: [...before.reasons, { words, clause }],
    });
  };
  const first = asked.returns >= RETURNS_TO_FIRST;
  if (first)
    add(
      asked.firstLeadUnitId,
      POINTS.firstRecipient,
      `已被退回 ${asked.returns} 次，按首接负责制由首接单位办理`,
      'R3',
    );
  for (const { areaCode, unitId } of known.catalogue) {
    const right = rightLevel(asked.level, areaCode !== '');
    if (areaCode) add(unitId, POINTS.place + right, '属地管理优先：派单目录按事发地确定', 'R2');
    else add(unitId, POINTS.city + right, '谁主管、谁负责：派单目录按事项确定', 'R2');
  }
  if (asked.level === 'county' && asked.areaCode !== null)
    for (const { unitId } of known.units.filter(({ county }) => county === asked.areaCode))
      add(unitId, POINTS.county, '县级事项由所在县（区）责任单位办理', 'R2');
  for (const past of known.past) add(past.unitId, pastPoints(past), pastWords(past), 'R2');
  const candidates = [...found.values()]
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.unitId < b.unitId ? -1 : 1));
  return conclude(asked, candidates, first && candidates[0]?.unitId === asked.firstLeadUnitId);
}

function conclude(asked: DispatchCase, candidates: DispatchCandidate[], final: boolean): DispatchProposal {
  if (asked.level !== null && isProvincial(asked.level)) {
    const kind = asked.level === 'province' ? '省级事项' : '跨市事项';
    const forward = { words: `${kind}转省平台办理`, clause: 'R2' };
    return { unitId: null, why: `${forward.words}（R2）。`, clause: 'R2', final: false, forward, candidates };
  }
  const [best] = candidates;
  if (!best)
    return {
      ...{ unitId: null, why: '派单目录没有此类事项的承办单位，也无先例，请人工选择。', clause: 'R2' },
      ...{ final: false, forward: null, candidates },
    };
  const [reason] = best.reasons;
  return {
    unitId: best.unitId,
    why: `${best.reasons.map(({ words }) => words).join('；')}（${reason?.clause ?? 'R2'}）。`,
    clause: reason?.clause ?? 'R2',
    ...{ final, forward: null, candidates },
  };
}

/** What a person said of the level goes before place and matter. */
function rightLevel(level: Level | null, ofPlace: boolean): number {
  if (level === 'county') return ofPlace ? POINTS.rightLevel : 0;
  return level === 'city' && !ofPlace ? POINTS.rightLevel : 0;
}

/** Below zero where more came back than were concluded. */
function pastPoints({ concluded, returned }: PastUnit): number {
  const experience = Math.min(1, (concluded + returned) / FULL_EXPERIENCE);
  return Math.round((POINTS.past * experience * (concluded - returned)) / Math.max(1, concluded + returned));
}

const pastWords = ({ concluded, returned }: PastUnit): string =>
  `近一年同类同地诉求由其办结 ${concluded} 件${returned > 0 ? `，退回 ${returned} 件` : ''}`;
