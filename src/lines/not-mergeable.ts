import { HotlineError } from '../errors';
import { readNumber } from './phone-number';

/** Why a line may not be merged into 12345 (M0). */
export interface MergeRefusal {
  clause: 'M0';
  /** Chinese sentence for people. */
  reason: string;
  /** The number that decided, as written; null when words did. */
  number: string | null;
  /** Whose line it is. */
  body: string;
}

/** What is looked at: the line's numbers and name, and its unit. */
export interface MergeQuestion {
  numbers: readonly string[];
  name: string;
  unitName?: string | null;
  unitKind?: string | null;
}

/** Emergency lines and the national numbers of the bodies M0 names. */
const NUMBERS: Readonly<Record<string, string>> = {
  '110': '公安报警110',
  '119': '消防救援119',
  '120': '医疗急救120',
  '122': '交通事故报警122',
  '12368': '人民法院',
  '12309': '人民检察院',
  '12388': '纪检监察机关',
  '12339': '国家安全机关',
};

/**
 * Words of the bodies M0 names. Neighbouring words are kept apart: 商人大厦 and 人大附中 are no people's congress,
 * 市政协调 is no CPPCC, 环境监察 and 劳动监察 are ordinary administration.
 */
const WORDS: readonly [RegExp, string][] = [
  [/人民代表大会|人大(?=$|常委|代表|机关|办|信访|热线|监督|电话|委员|[\s、及和（(])/, '人民代表大会'],
  [/政治协商会议|(?<![行财民])政协(?![调管作同助议定商力])/, '人民政协'],
  [/法院/, '人民法院'],
  [/检察[院机官服]|检察$/, '人民检察院'],
  [/纪检|纪委|纪律检查|监察委|监委|监察机关/, '纪检监察机关'],
  [/国家安全|国安[局机办厅]/, '国家安全机关'],
  [/(?<!\d)110\s*报警|(?<!\d)119\s*火警|(?<!\d)120\s*急救|(?<!\d)122\s*交通事故/, '紧急报警求助电话'],
];

/** Unit kinds of the directory that mean such a body. */
const KINDS: Readonly<Record<string, string>> = {
  'peoples-congress': '人民代表大会',
  npc: '人民代表大会',
  cppcc: '人民政协',
  court: '人民法院',
  procuratorate: '人民检察院',
  discipline: '纪检监察机关',
  supervision: '纪检监察机关',
  'state-security': '国家安全机关',
  emergency: '紧急报警求助电话',
};

/** Says whether M0 forbids merging this line, and by which rule; null when it may be merged. */
export function notMergeable(question: MergeQuestion, areaCode: string): MergeRefusal | null {
  for (const number of question.numbers) {
    const code = readNumber(number, areaCode).shortCode;
    const body = code ? NUMBERS[code] : undefined;
    if (body) return refusal(body, `号码${number.slice(0, 40)}`, number.slice(0, 40));
  }
  const texts: [string, string][] = [
    [question.name, '热线名称'],
    [question.unitName ?? '', '责任单位'],
    [question.unitKind ?? '', '责任单位类别'],
  ];
  for (const [text, where] of texts) {
    const plain = text.normalize('NFKC').replace(/[\s·\-_]+/g, '');
    const body = WORDS.find(([pattern]) => pattern.test(plain))?.[1];
    if (body) return refusal(body, `${where}“${text.slice(0, 40)}”`, null);
  }
  const byKind = question.unitKind ? KINDS[question.unitKind] : undefined;
  return byKind ? refusal(byKind, '责任单位类别', null) : null;
}

/** Throws `line-not-mergeable` when M0 forbids the line. */
export function refuseNotMergeable(question: MergeQuestion, areaCode: string): void {
  const found = notMergeable(question, areaCode);
  if (found) throw new HotlineError('line-not-mergeable', found.reason, { ...found });
}

function refusal(body: string, cause: string, number: string | null): MergeRefusal {
  const reason = `${cause}属于${body}，按规定（M0）110、119、120、122紧急热线以及人大、政协、法院、检察院、纪检监察、国家安全的热线不纳入12345整合。`;
  return { clause: 'M0', reason, number, body };
}
