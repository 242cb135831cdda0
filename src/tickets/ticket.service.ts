import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { HotlineError } from '../errors';
import type { TicketEvent } from '../events';
import { cityWords } from '../deadlines/city-time';
import { dueDates, type DueDates } from '../deadlines/due-dates';
import { dispatchBy } from '../deadlines/time-limit';
import type { DueTimer } from '../deadlines/timer.store';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import type { Citizen } from '../desk/citizen';
import { normaliseNumber } from '../lines/phone-number';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Category, CategoryStore } from './category.store';
import type { OutboxStore } from './outbox.store';
import type { TicketInput } from './ticket';
import { TICKET_ACTIONS, type TicketAction } from './ticket-lifecycle';
import type { PartRow, TicketRow } from './ticket-row';
import type { TicketStore } from './ticket.store';

/** What the call itself says; written by the call, never by the agent. */
export interface CallFacts {
  /** Normalised; null when the citizen hides it. */
  callerNumber: string | null;
  callerHidden: boolean;
  lineId: string | null;
  lineName: string | null;
  seatId: string | null;
}

export interface TicketUnit {
  unitId: string;
  name: string;
}

export interface TicketParts {
  store: TicketStore;
  categories: CategoryStore;
  outbox: OutboxStore;
  citizens: { findOrMake(trx: Knex, number: string, name: string, at: Date): Promise<Citizen> };
  calendar: { current(): Promise<WorkingCalendar> };
  reminders: { plan(trx: Knex, part: PartRow, calendar: WorkingCalendar): Promise<DueTimer> };
  /** A unit that can be given work; null for one unknown or no longer active. */
  unit(unitId: string): Promise<TicketUnit | null>;
  callFacts(callId: string): Promise<CallFacts | null>;
  clock: Clock;
  announce(event: TicketEvent): void;
  /** Told after the commit, to hurry; forgetting it loses nothing (the sweeps look at the rows). */
  hurry: { outbox(): void; timer(timer: DueTimer): void };
  areaCode: string;
}

interface Plan {
  unit: TicketUnit;
  due: DueDates;
  calendar: WorkingCalendar;
  at: Date;
}

/** The commands on a work order. Each is one transaction with its timeline row and what must leave the database. */
export class TicketService {
  constructor(private readonly parts: TicketParts) {}

  /**
   * Opens a work order, from a call or without one, and dispatches it at once when a unit is named (D2). With a
   * request key the same person's repeated request answers the ticket it made before. Throws `invalid-input`,
   * `not-found` (call), `not-allowed` (another seat's call), `calendar-unknown`.
   */
  async open(
    input: TicketInput,
    caller: Caller,
    requestKey: string | null = null,
  ): Promise<{ ticketId: string; number: string }> {
    const at = this.parts.clock.now();
    const category = await this.category(input.categoryCode);
    const call = input.callId === null ? null : await this.call(input.callId, caller);
    const contact = this.contact(input.contactNumber);
    const plan = input.unitId === null ? null : await this.plan(input.unitId, { ...input, category }, at);
    const key = requestKey === null ? null : `${caller.personId}:${requestKey}`;
    const row = newTicket(input, caller, { at, category, call, contact, key });
    const { made, timer } = await this.parts.store.command(async (trx) => {
      const before = key === null ? null : await this.parts.store.findByRequest(trx, key);
      if (before) return { made: before, timer: null };
      const known = row.caller_number;
      const citizen =
        known === null ? null : await this.parts.citizens.findOrMake(trx, known, input.citizenName, at);
      row.citizen_id = citizen?.citizenId ?? null;
      row.number = await this.parts.store.nextNumber(trx, at);
      await this.parts.store.insert(trx, row);
      await this.parts.store.writeTimeline(trx, row.ticket_id, {
        at,
        kind: 'opened',
        words: call ? '受理来电诉求' : '受理诉求',
        by: who(caller),
        // The line would lead a unit to a hidden citizen: it stays in the facts, which no unit is shown.
        facts: { callId: input.callId, lineName: call?.lineName ?? null },
      });
      return { made: row, timer: plan && (await this.dispatchIn(trx, row, plan, caller)) };
    });
    if (made !== row) return { ticketId: made.ticket_id, number: made.number };
    const opened = {
      ticketId: row.ticket_id,
      number: row.number,
      callId: row.call_id,
      openedBy: caller.personId,
    };
    this.parts.announce({ kind: 'ticketOpened', at, ...opened });
    this.afterDispatch(timer);
    return { ticketId: row.ticket_id, number: row.number };
  }

  /** Dispatches an accepted ticket to a unit; its clock starts now (D2, T1). Throws `stale-version`, `wrong-state`, `not-found`. */
  async dispatch(ticketId: string, version: number, unitId: string, caller: Caller): Promise<void> {
    const at = this.parts.clock.now();
    const ticket = await this.expect(ticketId, version, 'dispatch');
    const category = await this.category(ticket.category_code);
    const plan = await this.plan(unitId, { type: ticket.type, urgency: ticket.urgency, category }, at);
    const timer = await this.parts.store.command((trx) => this.dispatchIn(trx, ticket, plan, caller));
    this.afterDispatch(timer);
  }

  /** Concludes an accepted ticket as answered at once (D1). Throws as `dispatch`. */
  async answer(ticketId: string, version: number, answer: string, caller: Caller): Promise<void> {
    const at = this.parts.clock.now();
    await this.expect(ticketId, version, 'answer');
    await this.parts.store.command(async (trx) => {
      const { from, to } = TICKET_ACTIONS.answer;
      const moved = await this.parts.store.move(
        trx,
        { ticketId, version, from },
        { state: to, answer, concluded_at: at },
      );
      if (!moved) throw stale();
      const by = who(caller);
      await this.parts.store.writeTimeline(trx, ticketId, {
        at,
        kind: 'answered',
        words: '直接答复并办结（D1）',
        by,
      });
    });
  }

  private async dispatchIn(
    trx: Knex.Transaction,
    ticket: TicketRow,
    plan: Plan,
    caller: Caller,
  ): Promise<DueTimer> {
    const { unit, due, at, calendar } = plan;
    const { from, to } = TICKET_ACTIONS.dispatch;
    const expected = { ticketId: ticket.ticket_id, version: ticket.version, from };
    const moved = await this.parts.store.move(trx, expected, {
      state: to,
      dispatched_at: at,
      lead_unit_id: unit.unitId,
      lead_unit_name: unit.name,
      due_at: due.dueAt,
      due_why: due.why,
    });
    if (!moved) throw stale();
    const part = newPart(ticket.ticket_id, plan);
    await this.parts.store.insertPart(trx, part);
    await this.parts.store.writeTimeline(trx, ticket.ticket_id, {
      at,
      kind: 'dispatched',
      words: `派单至${unit.name}，${cityWords(due.dueAt)} 前办结`,
      by: who(caller),
      facts: {
        unitId: unit.unitId,
        dueAt: due.dueAt,
        clause: due.clause,
        calendarVersion: due.calendarVersion,
      },
    });
    const words = `新派工单 ${ticket.number}：${ticket.title}，请于 ${cityWords(due.dueAt)} 前办结。`;
    const facts = { number: ticket.number, unitId: unit.unitId, dueAt: due.dueAt.toISOString(), words };
    const outboxRow = {
      outbox_id: randomUUID(),
      kind: 'ticketDispatched',
      ticket_id: ticket.ticket_id,
      facts,
    } as const;
    await this.parts.outbox.write(trx, outboxRow, at);
    return this.parts.reminders.plan(trx, part, calendar);
  }

  private afterDispatch(timer: DueTimer | null): void {
    if (!timer) return;
    this.parts.hurry.outbox();
    this.parts.hurry.timer(timer);
  }

  private async plan(
    unitId: string,
    facts: Pick<TicketRow, 'type' | 'urgency'> & { category: Category },
    at: Date,
  ): Promise<Plan> {
    const unit = await this.parts.unit(unitId);
    if (!unit)
      throw new HotlineError('invalid-input', '没有这个承办单位，或该单位已停用。', { field: 'unitId' });
    const calendar = await this.parts.calendar.current();
    const { type, urgency, category } = facts;
    const due = dueDates({ type, urgency, dispatchedAt: at, regulation: category.regulation }, calendar);
    return { unit, due, calendar, at };
  }

  private async expect(ticketId: string, version: number, action: TicketAction): Promise<TicketRow> {
    const ticket = await this.parts.store.find(ticketId);
    if (!ticket) throw new HotlineError('not-found', '没有这张工单。');
    if (ticket.version !== version) throw stale(ticket.version);
    if (!TICKET_ACTIONS[action].from.includes(ticket.state))
      throw new HotlineError('wrong-state', `工单当前状态不能${TICKET_ACTIONS[action].words}。`, {
        state: ticket.state,
      });
    return ticket;
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

const who = (caller: Caller) => ({ id: caller.personId, name: caller.name });

const stale = (version?: number) =>
  new HotlineError(
    'stale-version',
    '工单已被他人更新，请刷新后再操作。',
    version === undefined ? {} : { version },
  );

function newTicket(
  input: TicketInput,
  caller: Caller,
  known: { at: Date; category: Category; call: CallFacts | null; contact: string | null; key: string | null },
): TicketRow {
  const { at, category, call } = known;
  return {
    ticket_id: randomUUID(),
    number: '',
    version: 1,
    timeline_seq: 0,
    state: 'accepted',
    channel: 'telephone',
    type: input.type,
    urgency: input.urgency,
    category_code: category.code,
    area_code: input.areaCode || null,
    address: input.address,
    title: input.title,
    content: input.content,
    confidential: input.confidential,
    citizen_id: null,
    citizen_name: input.citizenName,
    caller_number: call ? call.callerNumber : known.contact,
    contact_number: known.contact,
    call_id: input.callId,
    line_id: call?.lineId ?? null,
    line_name: call?.lineName ?? null,
    opened_at: at,
    opened_by: caller.personId,
    opened_by_name: caller.name,
    dispatch_by: dispatchBy(at, { urgency: input.urgency, utility: category.utility }),
    dispatched_at: null,
    lead_unit_id: null,
    lead_unit_name: null,
    due_at: null,
    due_why: null,
    concluded_at: null,
    answer: null,
    updated_at: at,
    request_key: known.key,
  };
}

function newPart(ticketId: string, { unit, due, at }: Plan): PartRow {
  return {
    part_id: randomUUID(),
    ticket_id: ticketId,
    unit_id: unit.unitId,
    unit_name: unit.name,
    role: 'lead',
    state: 'dispatched',
    dispatched_at: at,
    due_at: due.dueAt,
    return_by: due.returnBy,
    first_opinion_by: due.firstOpinionBy,
    clause: due.clause,
    working_days: due.workingDays,
    due_why: due.why,
    skipped: due.skipped,
    calendar_version: due.calendarVersion,
  };
}
