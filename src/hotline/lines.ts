import { dialRuleRoutes } from '../calls/dial-rule.routes';
import { DialRules } from '../calls/dial-rule.service';
import { BUILT_IN_SET, DialRuleStore } from '../calls/dial-rule.store';
import { type MatchedLine } from '../calls/call.service';
import { PassedOn } from '../calls/passed-on.service';
import { NuisanceList } from '../calls/nuisance.service';
import { cityDay, shiftDay } from '../deadlines/city-time';
import { contactRoutes } from '../directory/contact.routes';
import { Contacts } from '../directory/contact.service';
import { ContactStore } from '../directory/contact.store';
import { Directory } from '../directory/directory.service';
import { MenuStore } from '../intake/menu.store';
import { lineEndsPrompts, PROMPTS } from '../intake/prompts';
import { dialledEndedNumber, lineFacts, type LineMatch } from '../lines/line-match';
import { LineNews } from '../lines/line-news.store';
import { readSheet, SHEET_LIMITS, writeSheet } from '../lines/line-sheet.adapter';
import { servesOn } from '../lines/line-index';
import { fromExchange } from '../lines/parallel';
import { parallelRoutes } from '../lines/parallel.routes';
import { ParallelLines } from '../lines/parallel.service';
import { ParallelStore } from '../lines/parallel.store';
import { lineRoutes } from '../lines/line.routes';
import { LineService } from '../lines/line.service';
import { LineStore } from '../lines/line.store';
import type { Line } from '../lines/line';
import { normaliseNumber } from '../lines/phone-number';
import { CITY_ZONE } from '../platform/clock';
import { Kept } from '../platform/kept';
import { type Precedence } from '../routing/standing';
import type { ArrivedLeg } from '../telephony/call-control';
import { clock, type Ground } from './ground';

/** Behind everybody: ageing raises a call by one a minute. */
const LAST_PRIORITY = -100;

/** 热线整合: which line a call is for. */
export function buildLines(
  { config, log, bus, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  soundKnown: (name: string) => boolean,
): LineService {
  const settings = { hotlineNumber: config.HOTLINE_NUMBER, areaCode: config.AREA_CODE, cityZone: CITY_ZONE };
  const lines = new LineService({
    store: new LineStore(database),
    news: (onNews) => new LineNews(config.POSTGRES_URL, onNews, log),
    settings,
    audit,
    findUnit: (unitId) => directory.unit(unitId),
    soundKnown,
    bus,
    clock,
    log,
  });
  lifecycle.add('lines', lines);
  http.mount(lineRoutes({ lines, settings, clock }));
  return lines;
}

/** What may be dialled, and the outside contacts that calls are brought to. */
export function buildDialling(
  { config, log, database, audit, lifecycle, http }: Ground,
  directory: Directory,
  lines: LineService,
): { rules: DialRules; contacts: Contacts } {
  const ruleStore = new DialRuleStore(database);
  const ruleSet = new Kept({ name: 'dial rules', source: ruleStore, first: BUILT_IN_SET, log });
  const rules = new DialRules({
    store: ruleStore,
    kept: ruleSet,
    areaCode: config.AREA_CODE,
    leadsHere: (number) => lines.match(number, [], clock.now()).matchedBy === 'called-number',
    audit,
    clock,
  });
  const contactStore = new ContactStore(database);
  const contactList = new Kept({ name: 'contacts', source: contactStore, first: [], log });
  const contacts = new Contacts({
    store: contactStore,
    kept: contactList,
    audit,
    unitKnown: (unitId) => directory.unit(unitId) !== null,
    areaCode: config.AREA_CODE,
  });
  lifecycle.add('dial rules', ruleSet);
  lifecycle.add('contacts', contactList);
  const sheets = { read: readSheet, write: writeSheet, bytes: SHEET_LIMITS.bytes };
  http.mount([...dialRuleRoutes({ rules }), ...contactRoutes({ contacts, sheets })]);
  return { rules, contacts };
}

/** M3 并行接听: when calls overflow to a line's own seats, and how its exchange is known. */
export function buildParallel(
  { config, log, database, audit, lifecycle, http }: Ground,
  lines: LineService,
): ParallelLines {
  const store = new ParallelStore(database);
  const kept = new Kept({ name: 'parallel lines', source: store, first: [], log });
  const parallel = new ParallelLines({
    store,
    kept,
    audit,
    lines: () => lines.list(),
    serves: (line) => servesOn(line, cityDay(clock.now())),
    normal: (number) => normaliseNumber(number, config.AREA_CODE) ?? number,
  });
  lifecycle.add('parallel lines', kept);
  http.mount(parallelRoutes({ parallel }));
  return parallel;
}

/** The line of an arriving leg, with everything the call needs of it: no database on this path. */
export function matchLine(
  leg: ArrivedLeg,
  at: Date,
  parts: {
    lines: LineService;
    menus: MenuStore;
    nuisance: NuisanceList;
    areaCode: string;
    precedence(line: Line, number: string | null, at: Date): Precedence;
    parallel: ParallelLines;
    earlier: PassedOn;
    /** So many days before a number is withdrawn its callers are told the day (setting LINE_ENDS_DAYS). */
    lineEndsDays: number;
  },
): MatchedLine {
  const { lines, menus, nuisance, areaCode, precedence } = parts;
  const match = lines.match(leg.dialled, leg.diversions, at);
  const normal = (number: string) => normaliseNumber(number, areaCode) ?? number;
  const diversions = leg.diversions.map(({ number }) => normal(number));
  const written = leg.callerNumber === null ? null : normal(leg.callerNumber);
  // A citizen who dialled another old number is that line's, whichever exchange he came through.
  const passed =
    match.line.mode === 'own' || match.line.mode === 'parallel'
      ? fromExchange(parts.parallel.inService(), written, diversions)
      : null;
  const { lineId } = passed?.line.line ?? match.line;
  const earlier = passed && parts.earlier.call(leg.earlierCallId, lineId);
  const callerNumber = passed?.ownNumber && earlier?.callerNumber ? earlier.callerNumber : written;
  const { priority, why, lastAgent } = precedence(
    passed?.line.line ?? match.line,
    leg.callerHidden ? null : callerNumber,
    at,
  );
  const found = nuisance.nuisanceOf(callerNumber, lineId, at);
  return {
    facts: passed
      ? lineFacts({ line: passed.line.line, matchedNumber: passed.number, matchedBy: 'exchange' })
      : lineFacts(match),
    handover: passed && {
      from: null,
      words: passedWords(passed.line.line, passed.ownNumber, earlier !== null),
    },
    greeting: passed ? [passed.line.line.greetingSound] : greetingOf(match, cityDay(at), parts.lineEndsDays),
    ...(found?.treatment === 'last'
      ? { priority: LAST_PRIORITY, priorityWhy: '骚扰名单：最后接听', lastAgent: null }
      : { priority, priorityWhy: why, lastAgent }),
    menu: menus.menuOf(lineId),
    nuisance: found,
    callerNumber,
    dialled: normal(leg.dialled),
    diversions,
  };
}

/** The line's greeting; who dials a number that is withdrawn, or soon will be, is told so and what to dial. */
function greetingOf(match: LineMatch, today: string, lineEndsDays: number): string[] {
  if (dialledEndedNumber(match)) return [PROMPTS.lineEnded];
  const { greetingSound, lastDay } = match.line;
  const soon = lastDay !== null && lineEndsDays > 0 && lastDay < shiftDay(today, lineEndsDays);
  return soon ? [greetingSound, ...lineEndsPrompts(shiftDay(lastDay, 1))] : [greetingSound];
}

/** What the pop says of a call that a parallel line's exchange passed on. */
export function passedWords({ name }: Line, ownNumber: boolean, earlierKnown: boolean): string {
  if (earlierKnown) return `由“${name}”转回，是本热线转去的同一诉求人`;
  return ownNumber ? `由“${name}”转来，主叫为该热线总机，请核实诉求人号码` : `由“${name}”转来`;
}
