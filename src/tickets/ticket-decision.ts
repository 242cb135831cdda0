import type { ChosenLimit, DueDates } from '../deadlines/due-dates';
import { chooseLimit, partDue } from '../deadlines/due-dates';
import type { TimeLimits } from '../deadlines/time-limit';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { ParamsOf } from '../notifications/message-template';
import type { InboxKind } from '../notifications/notice';
import type { Role } from '../permissions';
import type { Level } from './ticket';
import { ruleOf, whyNot, type Standing, type TicketAction } from './ticket-lifecycle';
import type { MeetingRow, PartRow, RequestRow, TicketRow, UrgeRow } from './ticket-row';

/** A work order with what its units have of it now. */
export interface TicketFile {
  ticket: TicketRow;
  /** The current ones. */
  parts: PartRow[];
  /** Of the current parts. */
  requests: RequestRow[];
  /** How often it has been dispatched. */
  rounds: number;
}

export interface Actor {
  personId: string;
  name: string;
  role: Role;
  unitId: string | null;
}

export interface NamedUnit {
  unitId: string;
  name: string;
}

/** What a decision needs to know beside the work order; the service looks it up. */
export interface Known {
  at: Date;
  calendar: WorkingCalendar;
  /** The city's limits (T1–T4). */
  limits: TimeLimits;
  /** The regulation of the ticket's category (T4). */
  regulation: { workingDays: number; name: string } | null;
  /** The units that the input names and that can be given work. */
  units: ReadonlyMap<string, NamedUnit>;
  article: { articleId: string; version: number; title: string } | null;
  /** For merging: the other ticket. */
  into: TicketRow | null;
  /** How often a work order may be reopened (setting MOST_REOPENED). */
  mostReopened: number;
  /** Fresh ids, one a call. */
  newId(): string;
}

/** A message to the citizen that goes with a command. */
export interface CitizenMessage {
  template: 'ticketAccepted' | 'ticketConcluded' | 'ticketExtended' | 'ticketRefused';
  words: string;
}

/** A message to the people of a unit that goes with a command; nothing in it says who the citizen is. */
export type UnitMessage = { unitId: string } & (
  | { template: 'unitReturnDecided'; params: ParamsOf<'unitReturnDecided'> }
  | { template: 'unitExtensionDecided'; params: ParamsOf<'unitExtensionDecided'> }
  | { template: 'unitDueSoon' | 'unitOverdue'; params: ParamsOf<'unitDueSoon'> }
);

/** Everything a command changes, in one transaction; what is left out stays as it is. */
export interface Decision {
  /** The timeline row: what happened, in Chinese. */
  kind: string;
  words: string;
  facts?: Record<string, unknown>;
  ticket?: Partial<TicketRow>;
  changed?: { partId: string; changes: Partial<PartRow> }[];
  made?: PartRow[];
  asked?: RequestRow;
  settled?: { requestId: string; changes: Partial<RequestRow> }[];
  urge?: Omit<UrgeRow, 'number'>;
  meeting?: MeetingRow;
  notices?: { unitId: string; kind: InboxKind; words: string }[];
  /** Parts whose timers are (re)planned, and those whose timers end. */
  planned?: string[];
  stopped?: string[];
  citizen?: CitizenMessage;
  toUnit?: UnitMessage;
}

/** Decides an action; throws HotlineError when it is not possible. Pure: changes nothing itself. */
export type Decider<I> = (input: I, file: TicketFile, actor: Actor, known: Known) => Decision;

/** Where an actor stands towards a work order. */
export function standingOf(file: TicketFile, actor: Pick<Actor, 'role' | 'unitId'>): Standing {
  const part = file.parts.find(({ unit_id }) => unit_id === actor.unitId) ?? null;
  const ofUnit = actor.role === 'unit';
  const concerned = file.requests.filter(({ part_id }) => !ofUnit || part_id === part?.part_id);
  return {
    state: file.ticket.state,
    role: actor.role,
    part: part && {
      state: part.state,
      final: part.final,
      returnRefused: concerned.some(({ kind, state }) => kind === 'return' && state === 'refused'),
      paused: isPaused(part),
      opinionDue: part.first_opinion_by !== null && part.first_opinion_at === null,
    },
    pending: concerned.filter(({ state }) => state === 'pending').map(({ kind }) => kind),
  };
}

/** Throws `not-allowed` or `wrong-state` with the reason when the actor cannot do this now. */
export function mustBePossible(action: TicketAction, file: TicketFile, actor: Actor): void {
  const why = whyNot(action, standingOf(file, actor));
  if (why === null) return;
  throw new HotlineError('wrong-state', why, { state: file.ticket.state, clause: ruleOf(action).clause });
}

export const isPaused = ({ pauses }: Pick<PartRow, 'pauses'>): boolean =>
  pauses.some(({ to }) => to === null);

/** The part of the acting unit; `mustBePossible` has made sure that there is one. */
export function partOf(file: TicketFile, unitId: string | null): PartRow {
  const part = file.parts.find(({ unit_id }) => unit_id === unitId);
  if (!part) throw new HotlineError('not-found', '该单位没有承办这张工单。', { unitId });
  return part;
}

export const leadOf = (file: TicketFile): PartRow | null =>
  file.parts.find(({ role }) => role === 'lead') ?? null;

/** A unit that can be given work. Throws `invalid-input` for any other. */
export function unitOf(known: Known, unitId: string, field: string): NamedUnit {
  const unit = known.units.get(unitId);
  if (!unit) throw new HotlineError('invalid-input', '没有这个承办单位，或该单位已停用。', { field, unitId });
  return unit;
}

/** A unit's new part with its own clock, which starts now (T1). */
export function newPart(
  file: TicketFile,
  unit: NamedUnit,
  role: PartRow['role'],
  known: Known,
  made: { round: number; final?: boolean; redo?: boolean },
): PartRow {
  const { ticket } = file;
  const { type, urgency } = ticket;
  const limit = chooseLimit(
    { type, urgency, regulation: known.regulation, redo: made.redo ?? false },
    known.limits,
  );
  return {
    part_id: known.newId(),
    ticket_id: ticket.ticket_id,
    unit_id: unit.unitId,
    unit_name: unit.name,
    role,
    state: 'dispatched',
    round: made.round,
    current: true,
    dispatched_at: known.at,
    ...clockFields(partDue(known.at, limit, known.calendar)),
    clause: limit.clause,
    working_days: limit.workingDays,
    due_limit: limit,
    acknowledged_at: null,
    first_opinion_at: null,
    first_opinion: null,
    replied_at: null,
    closed_at: null,
    extension_days: 0,
    final: made.final ?? false,
    pauses: [],
    handling: null,
    public_answer: null,
    truthful: null,
    solved: null,
    unsolved_why: null,
    contacted_at: null,
  };
}

/** The columns that a count of due dates gives. */
export function clockFields(due: DueDates) {
  return {
    due_at: due.dueAt,
    return_by: due.returnBy,
    first_opinion_by: due.firstOpinionBy,
    acknowledge_by: due.acknowledgeBy,
    due_why: due.why,
    skipped: due.skipped,
    calendar_version: due.calendarVersion,
  };
}

/** A part's due dates counted again: after an extension, a pause, or a new calendar. */
export function recounted(
  part: PartRow,
  calendar: WorkingCalendar,
  fallback: ChosenLimit,
): ReturnType<typeof clockFields> {
  const lengthened = { extensionDays: part.extension_days, pauses: part.pauses };
  return clockFields(partDue(part.dispatched_at, part.due_limit ?? fallback, calendar, lengthened));
}

/** Ends parts that go on no more, with the requests that waited about them. */
export function closed(
  file: TicketFile,
  parts: readonly PartRow[],
  state: 'returned' | 'withdrawn',
  known: Known,
  words: string,
): Pick<Decision, 'changed' | 'settled' | 'stopped'> & { changed: NonNullable<Decision['changed']> } {
  const ids = parts.map(({ part_id }) => part_id);
  return {
    changed: ids.map((partId) => ({ partId, changes: { state, current: false, closed_at: known.at } })),
    settled: file.requests
      .filter((request) => request.state === 'pending' && ids.includes(request.part_id))
      .map(({ request_id }) => ({
        requestId: request_id,
        changes: { state: 'withdrawn', decided_at: known.at, decision: words },
      })),
    stopped: ids,
  };
}

/** R2: the province's own and what reaches beyond the city. */
export const isProvincial = (level: Level): boolean => level === 'province' || level === 'cross-city';
