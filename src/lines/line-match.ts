import type { LineFacts } from '../events';
import type { Diversion } from '../telephony/call-control';
import type { Line } from './line';
import { dayOf, type LineIndex, servesOn } from './line-index';
import { readNumber } from './phone-number';

/** What was looked at on the way, in that order; for `try` and for anyone who asks why. */
export interface Considered {
  source: 'diversion' | 'history-info' | 'called-number';
  /** As received, shortened. */
  written: string;
  /** Canonical, or null when unreadable. */
  number: string | null;
  outcome: 'line' | 'own-line' | 'ended' | 'not-yet' | 'no-line' | 'unreadable';
  lineId: string | null;
  words: string;
}

export interface LineMatch {
  line: Line;
  /** Canonical number that decided. */
  matchedNumber: string;
  matchedBy: 'diversion' | 'history-info' | 'called-number' | 'default';
  /** Chinese sentence saying why this line. */
  why: string;
  considered: Considered[];
}

const SOURCE_WORDS = {
  diversion: '转移信息（Diversion）',
  'history-info': '历史信息（History-Info）',
  'called-number': '被叫号码',
} as const;

/** More than this many diversions are no carrier's doing. */
const MOST_DIVERSIONS = 20;

/**
 * Finds the line a citizen called (M1, M2). Exactly one line comes out, whatever comes in: nobody is left unanswered.
 *
 * The number the citizen dialled is the ORIGINAL one. RFC 5806 §4 puts the newest Diversion header on top, so the
 * last of the list is where the first diversion happened; RFC 7044 §10 counts History-Info upwards from index 1, the
 * original target, and the port hands it over newest first too. Each source is therefore read from its end, and the
 * first number that is a line in service wins: a citizen's own phone or a switchboard on the way is no line and is
 * passed over. Diversion goes before History-Info, since networks that send both derive one from the other (RFC 7544);
 * but if Diversion knows only 12345 itself (carriers write it when they translate 12345 to a pilot number) and
 * History-Info reaches back to an older line, the older line is what was dialled. Then the called number decides, then
 * 12345. Numbers of ended lines that are still forwarded fall back to 12345 with the reason said.
 *
 * @param dialled the called number, any notation
 * @param diversions most recent first, Diversion before History-Info entries
 * @param at the call's instant; days are taken in the index's zone
 */
export function matchLine(
  index: LineIndex,
  dialled: string,
  diversions: readonly Diversion[],
  at: Date,
): LineMatch {
  const day = dayOf(at, index.cityZone);
  const oldestFirst = diversions.slice(0, MOST_DIVERSIONS).reverse();
  const look = (source: Considered['source'], written: string) => lookUp(index, source, written, day);
  const bySource = (source: Diversion['source']) =>
    oldestFirst.filter((one) => one.source === source).map((one) => look(source, one.number));
  const diverted = bySource('diversion');
  const history = bySource('history-info');
  const called = look('called-number', dialled);
  const seen = [...diverted, ...history, called];
  const considered = seen.map(({ line: _line, ...rest }) => rest);

  const decisive = earliest(diverted, history) ?? (called.line ? called : undefined);
  if (!decisive?.line || decisive.number === null) return fallBack(index, day, considered);
  return {
    line: decisive.line,
    matchedNumber: decisive.number,
    matchedBy: decisive.source,
    why: explain(decisive, decisive.line, considered),
    considered,
  };
}

/** The facts of a match that a call keeps. */
export function lineFacts(match: Pick<LineFacts, 'matchedNumber' | 'matchedBy'> & { line: Line }): LineFacts {
  const { line, matchedNumber, matchedBy } = match;
  return {
    lineId: line.lineId,
    lineName: line.name,
    mode: line.mode,
    matchedNumber,
    matchedBy,
    queue: line.queue,
  };
}

/** Whether the citizen dialled a line's number that has been withdrawn, and came to 12345 for want of another line. */
export function dialledEndedNumber(match: LineMatch): boolean {
  return match.line.mode === 'own' && match.considered.some(({ outcome }) => outcome === 'ended');
}

interface Seen extends Considered {
  line: Line | null;
}

function earliest(diverted: Seen[], history: Seen[]): Seen | undefined {
  const inDiversion = diverted.find((one) => one.line);
  const inHistory = history.find((one) => one.line);
  if (inDiversion?.outcome === 'own-line' && inHistory?.outcome === 'line') return inHistory;
  return inDiversion ?? inHistory;
}

function lookUp(index: LineIndex, source: Considered['source'], written: string, day: string): Seen {
  const number = readNumber(written, index.areaCode).canonical;
  const base = { source, written: written.slice(0, 60), number, lineId: null, line: null };
  if (number === null) return { ...base, outcome: 'unreadable', words: '号码无法识别' };
  const lines = index.byNumber.get(number) ?? (number === index.hotlineNumber ? [index.builtIn] : []);
  const line = lines.find((one) => servesOn(one, day));
  if (line) {
    const outcome = line.mode === 'own' ? 'own-line' : 'line';
    return { ...base, outcome, lineId: line.lineId, line, words: `${number}属于“${line.name}”` };
  }
  const last = lines.at(-1);
  if (!last) return { ...base, outcome: 'no-line', words: `${number}不是已登记的热线号码` };
  const ended = [...lines].reverse().find((one) => one.lastDay !== null && one.lastDay < day);
  if (ended)
    return {
      ...base,
      outcome: 'ended',
      lineId: ended.lineId,
      words: `${number}原属“${ended.name}”，已于${ended.lastDay}停用`,
    };
  return {
    ...base,
    outcome: 'not-yet',
    lineId: last.lineId,
    words: `${number}属于“${last.name}”，${last.firstDay}起启用`,
  };
}

function explain(decisive: Seen, line: Line, considered: Considered[]): string {
  const older = considered.slice(
    0,
    considered.findIndex((one) => one.source === decisive.source && one.number === decisive.number),
  );
  const passed = older
    .filter((one) => one.outcome === 'ended' || one.outcome === 'not-yet')
    .map((one) => `${one.words}；`);
  const how =
    decisive.source === 'called-number'
      ? `按${SOURCE_WORDS['called-number']}${decisive.number}匹配`
      : `${SOURCE_WORDS[decisive.source]}中市民最初拨打的热线号码是${decisive.number}`;
  return `${passed.join('')}${how}，属于“${line.name}”。`;
}

function fallBack(index: LineIndex, day: string, considered: Considered[]): LineMatch {
  const own = index.byNumber.get(index.hotlineNumber)?.find((one) => servesOn(one, day));
  const line = own ?? index.builtIn;
  const reasons = [...new Set(considered.map((one) => one.words))].slice(0, 4);
  return {
    line,
    matchedNumber: index.hotlineNumber,
    matchedBy: 'default',
    why: `${reasons.join('；')}；由“${line.name}”接听，不让来电无人应答。`,
    considered,
  };
}
