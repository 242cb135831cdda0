import { z } from 'zod';

/** Points and bounds by which two work orders are taken for one matter (R1). Data: the city's own replace these. */
export const duplicateWeights = z.strictObject({
  number: z.number().min(0).max(100).describe('来电号码相同'),
  category: z.number().min(0).max(100).describe('诉求类别相同'),
  branch: z.number().min(0).max(100).describe('诉求类别同属一大类'),
  area: z.number().min(0).max(100).describe('区县相同'),
  address: z.number().min(0).max(100).describe('地址相同；相近的按比例'),
  words: z.number().min(0).max(100).describe('标题、内容的词语全部相同；部分的按比例'),
  recent: z.number().min(0).max(100).describe('同日；越早越少'),
  threshold: z.number().min(1).max(400).describe('达到此分才提示'),
  days: z.int().min(1).max(365).describe('只与这些天内的工单比较'),
  addressFrom: z.number().min(0.1).max(1).describe('地址相似到此程度才算相近'),
  wordsFrom: z.number().min(0.1).max(1).describe('词语相同到此程度才算同一事项'),
  metres: z.int().min(0).max(5000).describe('位置相距不超过此米数视为同一地点'),
  groupCitizens: z.int().min(2).max(100).describe('这么多不同号码反映同一地点同一事项，视为群体诉求'),
});
export type DuplicateWeights = z.infer<typeof duplicateWeights>;

export const DEFAULT_WEIGHTS: DuplicateWeights = {
  number: 35,
  category: 20,
  branch: 8,
  area: 5,
  address: 25,
  words: 30,
  recent: 10,
  threshold: 50,
  days: 30,
  addressFrom: 0.5,
  wordsFrom: 0.3,
  metres: 300,
  groupCitizens: 3,
};

/** What is compared of a work order, or of a draft. */
export interface ComparedTicket {
  /** The citizen's numbers, normalised. */
  numbers: readonly string[];
  categoryCode: string;
  parentCode: string | null;
  areaCode: string | null;
  /** Township and address in words. */
  address: string;
  point: { longitude: number; latitude: number } | null;
  /** Words of title and content. */
  words: ReadonlySet<string>;
  openedAt: Date;
}

export interface DuplicateScore {
  score: number;
  /** In Chinese, the weightiest first. */
  reasons: string[];
  sameNumber: boolean;
  /** The same matter in the same place: others with it make a group complaint. */
  samePlace: boolean;
}

const DAY_MS = 86_400_000;
/** Words every work order has. */
const EVERYDAY = new Set(
  '反映 市民 群众 来电 来电人 诉求 诉求人 希望 要求 处理 解决 问题 情况 部门 相关 有关 尽快 核实 现在 已经 没有 无人 一直 多次 表示 咨询 投诉 举报 求助 小区'.split(
    ' ',
  ),
);

/** The words worth comparing: of two characters and more, not of every work order, no bare numbers. */
export function tellingWords(words: Iterable<string>): Set<string> {
  return new Set(
    [...words].filter((word) => [...word].length > 1 && !EVERYDAY.has(word) && !/^\d+$/.test(word)),
  );
}

/**
 * How much another work order looks like this one; null when not enough. There must be the same matter (category, or
 * words), and the same citizen or the same place beside it: a number or a place alone is no duplicate.
 */
export function duplicateScore(
  one: ComparedTicket,
  other: ComparedTicket,
  weights: DuplicateWeights,
): DuplicateScore | null {
  const age = Math.abs(one.openedAt.getTime() - other.openedAt.getTime()) / DAY_MS;
  if (age > weights.days) return null;
  const sameNumber = one.numbers.some((number) => other.numbers.includes(number));
  const sameCategory = one.categoryCode === other.categoryCode;
  const sameBranch = !sameCategory && one.parentCode !== null && one.parentCode === other.parentCode;
  const shared = [...one.words].filter((word) => other.words.has(word));
  const likeness = one.words.size === 0 ? 0 : shared.length / Math.min(one.words.size, other.words.size || 1);
  const words = shared.length >= 2 && likeness >= weights.wordsFrom ? Math.min(1, likeness) : 0;
  const place = placeOf(one, other, weights);
  const sameMatter = sameCategory || words > 0;
  // Without an address, many words in one county say as much.
  const samePlace = place.likeness > 0 || (place.sameArea && !place.apart && words >= 0.6);
  if (!sameMatter || !(sameNumber || samePlace)) return null;
  const parts: [number, string][] = [
    [sameNumber ? weights.number : 0, '来电号码相同'],
    [sameCategory ? weights.category : 0, '诉求类别相同'],
    [sameBranch ? weights.branch : 0, '诉求类别同属一大类'],
    [place.sameArea ? weights.area : 0, '区县相同'],
    [weights.address * place.likeness, place.words],
    [weights.words * words, `词语相同：${shared.slice(0, 5).join('、')}`],
    [weights.recent * (1 - age / weights.days), age < 1 ? '一日之内' : `相隔 ${Math.floor(age)} 天`],
  ];
  const score = Math.round(parts.reduce((sum, [points]) => sum + points, 0));
  if (score < weights.threshold) return null;
  const reasons = parts
    .filter(([points]) => points > 0)
    .sort(([a], [b]) => b - a)
    .map(([, reason]) => reason);
  return { score, reasons, sameNumber, samePlace };
}

interface Place {
  sameArea: boolean;
  /** Both are written down, and are two different ones. */
  apart: boolean;
  likeness: number;
  words: string;
}

function placeOf(one: ComparedTicket, other: ComparedTicket, weights: DuplicateWeights): Place {
  const sameArea = one.areaCode !== null && one.areaCode === other.areaCode;
  const otherArea = one.areaCode !== null && other.areaCode !== null && !sameArea;
  if (one.point && other.point) {
    const metres = metresBetween(one.point, other.point);
    if (metres <= weights.metres)
      return { sameArea, apart: false, likeness: 1, words: `位置相距约 ${Math.round(metres)} 米` };
  }
  if (otherArea || !one.address || !other.address)
    return { sameArea, apart: otherArea, likeness: 0, words: '' };
  const likeness = addressLikeness(one.address, other.address);
  if (likeness < weights.addressFrom) return { sameArea, apart: true, likeness: 0, words: '' };
  return { sameArea, apart: false, likeness, words: likeness === 1 ? '地址相同' : '地址相近' };
}

const FILLERS = /[\s,，、.。·（）()#-]|附近|旁边|对面|门口|长治市|山西省/gu;

/** 0 to 1: the pairs of characters two addresses share (Dice). House numbers that differ are two places. */
export function addressLikeness(one: string, other: string): number {
  const [a, b] = [one, other].map((address) => address.normalize('NFKC').replace(FILLERS, ''));
  if (!a || !b) return 0;
  if (a === b) return 1;
  const [numbersA, numbersB] = [numbersIn(a), numbersIn(b)];
  if (numbersA.size > 0 && numbersB.size > 0 && ![...numbersA].some((number) => numbersB.has(number)))
    return 0;
  const [pairsA, pairsB] = [pairs(a), pairs(b)];
  if (pairsA.size === 0 || pairsB.size === 0) return 0;
  const shared = [...pairsA].filter((pair) => pairsB.has(pair)).length;
  return (2 * shared) / (pairsA.size + pairsB.size);
}

const numbersIn = (text: string): Set<string> => new Set(text.match(/\d+/g));

const pairs = (text: string): Set<string> => {
  const signs = [...text];
  return new Set(signs.slice(1).map((sign, at) => `${signs[at]}${sign}`));
};

const EARTH_METRES = 6_371_000;

function metresBetween(
  a: { longitude: number; latitude: number },
  b: { longitude: number; latitude: number },
): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const x = radians(b.longitude - a.longitude) * Math.cos(radians((a.latitude + b.latitude) / 2));
  return EARTH_METRES * Math.hypot(x, radians(b.latitude - a.latitude));
}

/** Many citizens with one matter in one place: how many work orders and numbers, this one with them; null for fewer. */
export function groupOf(
  one: Pick<ComparedTicket, 'numbers'>,
  alike: readonly { samePlace: boolean; numbers: readonly string[] }[],
  weights: Pick<DuplicateWeights, 'groupCitizens'>,
): { tickets: number; citizens: number } | null {
  const together = [one, ...alike.filter(({ samePlace }) => samePlace)];
  const citizens = new Set(
    together.map(({ numbers }) => numbers[0]).filter((number) => number !== undefined),
  );
  return citizens.size >= weights.groupCitizens
    ? { tickets: together.length, citizens: citizens.size }
    : null;
}
