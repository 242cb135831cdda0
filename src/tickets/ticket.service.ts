import type { Knex } from 'knex';
import { randomInt, randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { TicketEvent } from '../events';
import { cityWords } from '../deadlines/city-time';
import type { TimeLimits } from '../deadlines/time-limit';
import type { DueTimer } from '../deadlines/timer.store';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import type { Citizen } from '../desk/citizen';
import { normaliseNumber } from '../lines/phone-number';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Category, CategoryStore } from './category.store';
import type { OutboxStore } from './outbox.store';
import { newTicket, type CallFacts } from './new-ticket';
import type { TicketInput } from './ticket';
import { ACTION_INPUT, type ActionInput } from './ticket-action-input';
import { decideAction } from './ticket-decide';
import type { CitizenMessage, Decision, Known, NamedUnit, TicketFile, UnitMessage } from './ticket-decision';
import type { TicketAction } from './ticket-lifecycle';
import type { PartRow, TicketRow } from './ticket-row';
import { SEARCHED_COLUMNS } from './ticket-words';
import type { TicketStore } from './ticket.store';

export interface TicketParts {
  store: TicketStore;
  categories: CategoryStore;
  outbox: OutboxStore;
  citizens: { findOrMake(trx: Knex, number: string, name: string, at: Date): Promise<Citizen> };
  calendar: { current(): Promise<WorkingCalendar> };
  /** The city's limits (T1–T4). */
  limits: { current(): Promise<TimeLimits> };
  /** The timers of a part: planned with its due date, moved with it, ended with it. */
  timers: {
    hold(trx: Knex, ticketId: string): Promise<void>;
    plan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]>;
    replan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer[]>;
    stop(trx: Knex, partId: string): Promise<void>;
  };
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  /** Its words in the full text, kept in the same transaction. */
  search: { put(trx: Knex, ticket: TicketRow): Promise<void> };
  /** A published knowledge article, counted as cited by the ticket (D1); throws `invalid-input` for any other. */
  cite(trx: Knex, articleId: string, ticketId: string): Promise<NonNullable<Known['article']>>;
  /** What other modules keep of every command, in its transaction: a follow-up at each conclusion (E1). */
  moved(trx: Knex.Transaction, move: TicketMove): Promise<void>;
  /** Tells the citizen by message, once per command. */
  tellCitizen(
    trx: Knex.Transaction,
    ticket: TicketRow,
    message: CitizenMessage,
    sourceId: string,
  ): Promise<void>;
  /** Tells the people of a unit by message, once per command; its inbox has the notice already. */
  tellUnit(trx: Knex.Transaction, ticketId: string, message: UnitMessage, sourceId: string): Promise<void>;
  /** A unit that can be given work; null for one unknown or no longer active. */
  unit(unitId: string): Promise<NamedUnit | null>;
  callFacts(callId: string): Promise<CallFacts | null>;
  clock: Clock;
  announce(event: TicketEvent): void;
  /** Told after the commit, to hurry; forgetting it loses nothing (the sweeps look at the rows). */
  hurry: { outbox(): void; timer(timer: DueTimer): void };
  areaCode: string;
  /** How often a work order may be reopened (setting MOST_REOPENED). */
  mostReopened: number;
}

/** Goes on in the command's own transaction: what another module keeps of the same act. */
export type Within = (trx: Knex.Transaction, ticket: TicketRow) => Promise<void>;

/** A command that was carried out, as other modules are told of it. */
export interface TicketMove {
  ticket: TicketRow;
  /** Kind of its timeline row. */
  kind: string;
  /** Unique for the command. */
  sourceId: string;
  at: Date;
  calendar: WorkingCalendar;
}

interface Done {
  ticket: TicketRow;
  decision: Decision;
  timers: DueTimer[];
  at: Date;
}

/** The commands on a work order. Each is one transaction with its timeline row and what must leave the database. */
export class TicketService {
  constructor(private readonly parts: TicketParts) {}

  /**
   * Opens a work order, from a call or without one, and dispatches it at once when a unit is named (D2). With a
   * request key the same person's repeated request answers the ticket it made before; so does another platform's
   * number. Throws `invalid-input`, `not-found` (call), `not-allowed` (another seat's call), `calendar-unknown`.
   */
  async open(
    input: TicketInput,
    caller: Caller,
    requestKey: string | null = null,
    within?: Within,
  ): Promise<{ ticketId: string; number: string; queryCode: string | null }> {
    const at = this.parts.clock.now();
    const category = await this.category(input.categoryCode);
    const call = input.callId === null ? null : await this.call(input.callId, caller);
    const contact = this.contact(input.contactNumber);
    const key = requestKey === null ? null : `${caller.personId}:${requestKey}`;
    const row = newTicket(input, caller, {
      ...{ at, category, call, contact, key },
      ticketId: randomUUID(),
      queryCode: queryCode(),
      limits: await this.parts.limits.current(),
    });
    const given = ACTION_INPUT.dispatch.parse({ unitId: input.unitId ?? '-', reason: input.dispatchReason });
    const known = input.unitId === null || input.draft ? null : await this.known('dispatch', given, row, at);
    const made = await this.parts.store.command(async (trx) => {
      const before = await this.before(trx, row);
      if (before) return { before };
      const number = row.caller_number;
      const citizen =
        number === null ? null : await this.parts.citizens.findOrMake(trx, number, input.citizenName, at);
      row.citizen_id = citizen?.citizenId ?? null;
      row.number = await this.parts.store.nextNumber(trx, at);
      await this.parts.store.insert(trx, row);
      await this.parts.search.put(trx, row);
      await this.parts.store.writeTimeline(trx, row.ticket_id, {
        at,
        kind: 'opened',
        words: input.draft ? '保存草稿' : call ? '受理来电诉求' : '受理诉求',
        by: who(caller),
        // The line would lead a unit to a hidden citizen: it stays in the facts, which no unit is shown.
        facts: { callId: input.callId, channel: input.channel, lineName: call?.lineName ?? null },
      });
      if (!input.draft) await this.accepted(trx, row);
      await within?.(trx, row);
      if (!known) return { done: null };
      const file = { ticket: row, parts: [], requests: [], rounds: 0 };
      const decision = decideAction('dispatch', given, file, caller, known);
      return { done: await this.carryOut(trx, file, decision, caller, known) };
    });
    if (made.before) return idsOf(made.before);
    if (!input.draft) this.announceOpened(row, at);
    if (made.done) this.afterwards(made.done);
    return idsOf(row);
  }

  /**
   * Does an action on a work order, if it is still the version the caller saw. `within` adds to the same transaction.
   * Throws `not-found`, `stale-version`, `wrong-state`, `invalid-input` and what the action's clause refuses.
   */
  async act<A extends TicketAction>(
    action: A,
    ticketId: string,
    version: number,
    input: ActionInput<A>,
    caller: Caller,
    within?: Within,
  ): Promise<void> {
    const at = this.parts.clock.now();
    const seen = await this.parts.store.find(ticketId);
    if (!seen) throw new HotlineError('not-found', '没有这张工单。');
    const known = await this.known(action, input, seen, at);
    const done = await this.parts.store.command(async (trx) => {
      await this.parts.timers.hold(trx, ticketId);
      const other = known.into ? [known.into.ticket_id] : [];
      const file = await this.parts.store.lockFile(trx, ticketId, other);
      if (!file) throw new HotlineError('not-found', '没有这张工单。');
      if (file.ticket.version !== version) throw stale(file.ticket.version);
      const cited =
        action === 'answer' ? await this.cite(trx, input as ActionInput<'answer'>, ticketId) : null;
      const into = known.into && (await this.parts.store.find(known.into.ticket_id, trx));
      const decision = decideAction(action, input, file, caller, { ...known, article: cited, into });
      const made = await this.carryOut(trx, file, decision, caller, known);
      if (action === 'submit') await this.accepted(trx, made.ticket);
      if (into && action === 'merge') await this.tellMain(trx, into, made.ticket, caller, at);
      await within?.(trx, made.ticket);
      return made;
    });
    this.afterwards(done);
  }

  /** Writes a decision: the ticket's move with its version, parts, requests, one timeline row, notices, timers, outbox. */
  private async carryOut(
    trx: Knex.Transaction,
    file: TicketFile,
    decision: Decision,
    caller: Caller,
    { at, calendar }: Pick<Known, 'at' | 'calendar'>,
  ): Promise<Done> {
    const { store, timers } = this.parts;
    const { ticket_id: ticketId, version, state } = file.ticket;
    const ticket = await store.move(trx, { ticketId, version, from: [state] }, decision.ticket ?? {});
    if (!ticket) throw stale();
    if (SEARCHED_COLUMNS.some((column) => column in (decision.ticket ?? {})))
      await this.parts.search.put(trx, ticket);
    for (const { partId, changes } of decision.changed ?? []) await store.updatePart(trx, partId, changes);
    for (const part of decision.made ?? []) await store.insertPart(trx, part);
    if (decision.asked) await store.insertRequest(trx, decision.asked);
    for (const { requestId, changes } of decision.settled ?? [])
      await store.updateRequest(trx, requestId, changes);
    if (decision.urge) await store.insertUrge(trx, { ...decision.urge, number: ticket.urges });
    if (decision.meeting) await store.insertMeeting(trx, decision.meeting);
    const { kind, words, facts } = decision;
    const seq = await store.writeTimeline(trx, ticketId, {
      at,
      kind,
      words,
      by: who(caller),
      ...(facts ? { facts } : {}),
    });
    const sourceId = `${ticketId}-${seq}`;
    for (const { unitId, kind: notice, words: told } of decision.notices ?? [])
      await this.parts.inbox.add(trx, {
        ...{ unitId, kind: notice, ticketId, words: told, at },
        sourceId: `${sourceId}-${unitId}`,
      });
    if (decision.citizen) await this.parts.tellCitizen(trx, ticket, decision.citizen, sourceId);
    if (decision.toUnit) await this.parts.tellUnit(trx, ticketId, decision.toUnit, `${sourceId}-unit`);
    for (const partId of decision.stopped ?? []) await timers.stop(trx, partId);
    const planned: DueTimer[] = [];
    for (const partId of decision.planned ?? []) {
      const made = decision.made?.find(({ part_id }) => part_id === partId);
      const changed = file.parts.find(({ part_id }) => part_id === partId);
      const changes = decision.changed?.find((each) => each.partId === partId)?.changes;
      if (made) planned.push(...(await timers.plan(trx, made, calendar)));
      else if (changed) planned.push(...(await timers.replan(trx, { ...changed, ...changes }, calendar)));
    }
    for (const part of decision.made ?? []) await this.toOutbox(trx, ticket, part, at);
    await this.parts.moved(trx, { ticket, kind, sourceId, at, calendar });
    return { ticket, decision, timers: planned, at };
  }

  /** What is dispatched leaves through the outbox and BullMQ (DESIGN §3). */
  private toOutbox(trx: Knex, ticket: TicketRow, part: PartRow, at: Date): Promise<void> {
    const role = part.role === 'lead' ? '' : '（协办）';
    const words = `新派工单 ${ticket.number}${role}：${ticket.title}，请于 ${cityWords(part.due_at)} 前办结。`;
    const facts = { number: ticket.number, unitId: part.unit_id, dueAt: part.due_at.toISOString(), words };
    const row = {
      outbox_id: randomUUID(),
      kind: 'ticketDispatched',
      ticket_id: ticket.ticket_id,
      facts,
    } as const;
    return this.parts.outbox.write(trx, row, at);
  }

  /** The work order that another one was merged into says so. */
  private async tellMain(
    trx: Knex.Transaction,
    into: TicketRow,
    { ticket_id: ticketId, number }: TicketRow,
    caller: Caller,
    at: Date,
  ): Promise<void> {
    const words = `工单 ${number} 并入本单`;
    const entry = { at, kind: 'mergedIn', words, by: who(caller), facts: { ticketId } };
    await this.parts.store.writeTimeline(trx, into.ticket_id, entry);
  }

  /** The citizen gets the number and the query code. */
  private accepted(trx: Knex.Transaction, ticket: TicketRow): Promise<void> {
    const message = { template: 'ticketAccepted', words: '' } as const;
    return this.parts.tellCitizen(trx, ticket, message, `${ticket.ticket_id}-accepted`);
  }

  private announceOpened(row: TicketRow, at: Date): void {
    const opened = { ticketId: row.ticket_id, number: row.number, callId: row.call_id };
    this.parts.announce({ kind: 'ticketOpened', at, ...opened, openedBy: row.opened_by });
  }

  private afterwards({ ticket, decision, timers, at }: Done): void {
    if (decision.kind === 'submitted') this.announceOpened(ticket, at);
    if (decision.made?.length) this.parts.hurry.outbox();
    for (const timer of timers) this.parts.hurry.timer(timer);
    this.parts.announce({
      kind: 'ticketMoved',
      at,
      ticketId: ticket.ticket_id,
      number: ticket.number,
      what: decision.kind,
      state: ticket.state,
      unitIds: [
        ...new Set((decision.notices ?? []).map(({ unitId }) => unitId).concat(ticket.lead_unit_id ?? [])),
      ],
      openedBy: ticket.opened_by,
    });
  }

  private async known(
    action: TicketAction,
    input: unknown,
    ticket: TicketRow,
    at: Date,
  ): Promise<Known & { category: Pick<Category, 'utility'> }> {
    const named = input as { intoTicketId?: string; categoryCode?: string };
    const wished = named.categoryCode === undefined ? null : await this.category(named.categoryCode);
    // A category no longer in use still holds its old work orders.
    const own = await this.parts.categories.find(ticket.category_code);
    const units = new Map<string, NamedUnit>();
    for (const unitId of unitsIn(input)) {
      const unit = await this.parts.unit(unitId);
      if (unit) units.set(unitId, { unitId, name: unit.name });
    }
    return {
      at,
      calendar: await this.parts.calendar.current(),
      limits: await this.parts.limits.current(),
      regulation: own?.regulation ?? null,
      category: wished ?? own ?? { utility: false },
      units,
      article: null,
      into: action === 'merge' && named.intoTicketId ? await this.parts.store.find(named.intoTicketId) : null,
      mostReopened: this.parts.mostReopened,
      newId: randomUUID,
    };
  }

  private async cite(
    trx: Knex,
    { articleId }: ActionInput<'answer'>,
    ticketId: string,
  ): Promise<Known['article']> {
    return articleId === null ? null : this.parts.cite(trx, articleId, ticketId);
  }

  /** The ticket that the same request, or the same message of another platform, has made before. */
  private async before(trx: Knex, row: TicketRow): Promise<TicketRow | null> {
    if (row.request_key !== null) {
      const made = await this.parts.store.findByRequest(trx, row.request_key);
      if (made) return made;
    }
    return row.external_number === null
      ? null
      : this.parts.store.findByExternal(trx, row.channel, row.external_number);
  }

  private async category(code: string): Promise<Category> {
    const category = await this.parts.categories.find(code);
    if (!category?.leaf)
      throw new HotlineError('invalid-input', '请选择末级诉求类别。', { field: 'categoryCode', code });
    return category;
  }

  private async call(callId: string, caller: Caller): Promise<CallFacts> {
    const call = await this.parts.callFacts(callId);
    if (!call) throw new HotlineError('not-found', '没有这通来电。', { field: 'callId' });
    if (caller.role === 'agent' && call.seatId !== null && call.seatId !== caller.personId)
      throw new HotlineError('not-allowed', '这通来电不是由您接听的。', { field: 'callId' });
    return call;
  }

  private contact(written: string | null): string | null {
    if (written === null || written === '') return null;
    const number = normaliseNumber(written, this.parts.areaCode);
    if (!number) throw new HotlineError('invalid-input', '联系电话无法识别。', { field: 'contactNumber' });
    return number;
  }
}

/** The units an action's input names. */
function unitsIn(input: unknown): string[] {
  const { unitId, unitIds, assistingUnitIds, suggestedUnitId } = input as {
    unitId?: string;
    unitIds?: string[];
    assistingUnitIds?: string[];
    suggestedUnitId?: string | null;
  };
  return [...new Set([unitId, suggestedUnitId, ...(unitIds ?? []), ...(assistingUnitIds ?? [])])].filter(
    (each) => typeof each === 'string',
  );
}

const idsOf = ({ ticket_id, number, query_code }: TicketRow) => ({
  ticketId: ticket_id,
  number,
  queryCode: query_code,
});

/** Six characters that nobody mistakes for one another on the telephone. */
const QUERY_CODE = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const queryCode = (): string =>
  Array.from({ length: 6 }, () => QUERY_CODE[randomInt(QUERY_CODE.length)]).join('');

const who = (caller: Caller) => ({ id: caller.personId, name: caller.name });

const stale = (version?: number) =>
  new HotlineError(
    'stale-version',
    '工单已被他人更新，请刷新后再操作。',
    version === undefined ? {} : { version },
  );
