import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { cityWords } from '../deadlines/city-time';
import type { DueTimer, TimerStore } from '../deadlines/timer.store';
import type { WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { TicketEvent } from '../events';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { Caller, FileReply } from '../platform/http-route';
import type { NamedUnit } from '../tickets/ticket-decision';
import type { TicketRow } from '../tickets/ticket-row';
import type { Rung } from './escalation-ladder';
import type { OpenPart, SupervisedTickets } from './escalation.service';
import {
  datesOf13710,
  MATTER_ACTS,
  MATTER_KINDS,
  stepWords,
  type MatterAct,
  type MatterKind,
  type MatterOpening,
  type MatterRow,
} from './matter';
import { remindOfDateAt, setDates, type SetDate } from './matter-dates';
import { caseFilePaper, summaryPaper } from './matter-paper';
import type { MatterFilter, MatterStore, MatterUnit } from './matter.store';
import type { Paper, PaperFormat } from './paper';

type By = { id: string; name: string } | null;
type Words = Record<string, unknown>;

/** Most work orders one summary is made of. */
const MOST_TICKETS = 500;

export interface MatterParts {
  store: MatterStore;
  tickets: SupervisedTickets & { find(ticketId: string, trx?: Knex): Promise<TicketRow | null> };
  timers: Pick<TimerStore, 'hold' | 'write' | 'stopMatter'>;
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  calendar: { current(): Promise<WorkingCalendar> };
  unit(unitId: string): Promise<NamedUnit | null>;
  print(paper: Paper, format: PaperFormat): Promise<FileReply>;
  hurry: { timer(timer: DueTimer): void };
  clock: Clock;
  announce(event: TicketEvent): void;
  issuer: string;
}

/** Special cases, instructions, 13710 and on-site offices (S3–S5): raised, carried on and ended by the hotline's people. */
export class MatterService {
  constructor(private readonly parts: MatterParts) {}

  /** Raises a matter by hand. Throws `not-found`, `invalid-input`, `already-exists`, `too-large`, `wrong-state`. */
  async open<K extends MatterKind>(kind: K, input: MatterOpening<K>, caller: Caller): Promise<MatterRow> {
    const { ticketIds, unitIds, ...facts } = await this.given(input);
    const units = await this.named(unitIds);
    const by = who(caller);
    const done = await this.parts.tickets.command(async (trx) => {
      const tickets = await this.hold(trx, ticketIds);
      if (kind === 'specialCase') await this.mayOpenCase(trx, ticketIds, facts);
      const first = { kind, state: MATTER_KINDS[kind].first, facts, by, timerId: null };
      const matter = await this.insert(trx, first, ticketIds);
      await this.parts.store.setUnits(trx, matter.matter_id, units);
      const words = stepWords(`${MATTER_KINDS[kind].words}：${matter.title}`, facts);
      return {
        matter,
        events: await this.record(trx, matter, tickets, { action: 'open', words, facts, by, units }),
      };
    });
    this.announce(done.events);
    return done.matter;
  }

  /** Does an act of the kind's table. Throws `not-found`, `stale-version`, `wrong-state`, `invalid-input`. */
  async act(
    kind: MatterKind,
    action: string,
    matterId: string,
    input: Words,
    caller: Caller,
  ): Promise<MatterRow> {
    const rule = (MATTER_ACTS[kind] as Record<string, MatterAct>)[action];
    const seen = await this.parts.store.find(matterId);
    if (!rule || seen?.kind !== kind) throw new HotlineError('not-found', '没有这项督办。');
    const { version, unitIds, ...facts } = input;
    const units = Array.isArray(unitIds) ? await this.named(unitIds as string[]) : null;
    const by = who(caller);
    const calendar = await this.parts.calendar.current();
    const done = await this.parts.tickets.command(async (trx) => {
      const tickets = await this.hold(trx, await this.parts.store.ticketIds(matterId, trx));
      const before = await this.parts.store.lock(trx, matterId);
      if (!before) throw new HotlineError('not-found', '没有这项督办。');
      if (before.version !== version) throw stale(before.version);
      if (!rule.from.includes(before.state))
        throw new HotlineError('wrong-state', `当前状态不能${rule.words}。`, { state: before.state });
      const kept = { ...before.facts, ...keptFacts(action, facts, before, this.parts.clock.now(), calendar) };
      const matter = await this.parts.store.move(
        trx,
        { matterId, version: before.version, from: rule.from },
        { state: rule.to, facts: kept },
      );
      if (!matter) throw stale(before.version);
      if (units) await this.parts.store.setUnits(trx, matterId, units);
      const told = units ?? (await this.parts.store.units(matterId, trx));
      const timers = await this.keepDates(trx, matter, tickets, { action, facts, calendar });
      const words = stepWords(`${MATTER_KINDS[kind].words}${rule.words}`, facts);
      return {
        matter,
        timers,
        events: await this.record(trx, matter, tickets, { action, words, facts, by, units: told }),
      };
    });
    this.announce(done.events);
    for (const timer of done.timers) this.parts.hurry.timer(timer);
    return done.matter;
  }

  /** The ladder's last rung by itself: proposed to a supervisor, or opened at once. Null where one is under way. */
  async raiseSpecialCase(
    trx: Knex.Transaction,
    { ticket, part }: OpenPart,
    rung: Rung,
    timerId: string,
  ): Promise<TicketEvent | null> {
    if (await this.parts.store.hasOpen(trx, 'specialCase', ticket.ticket_id, ['proposed', 'open']))
      return null;
    const facts = { title: `${part.unit_name}逾期未办结 ${ticket.number}`, reason: rung.words, people: '' };
    const state = rung.automatic ? 'open' : 'proposed';
    const matter = await this.insert(trx, { kind: 'specialCase', state, facts, by: null, timerId }, [
      ticket.ticket_id,
    ]);
    const units = rung.automatic ? [{ unit_id: part.unit_id, unit_name: part.unit_name }] : [];
    await this.parts.store.setUnits(trx, matter.matter_id, units);
    const words = rung.automatic
      ? `专项督办开展：${rung.words}`
      : `督办函逾期未办结，建议专项督办，待决定。${rung.words}`;
    const [event] = await this.record(trx, matter, [ticket], {
      action: state,
      words,
      facts,
      by: null,
      units,
    });
    return event ?? null;
  }

  async remindOfDate(
    trx: Knex.Transaction,
    timer: Extract<DueTimer, { kind: 'date' }>,
  ): Promise<TicketEvent | null> {
    const ids = await this.parts.store.ticketIds(timer.matter_id, trx);
    const matter = await this.parts.store.lock(trx, timer.matter_id);
    if (!matter || isOver(matter)) return null;
    const tickets: TicketRow[] = [];
    for (const id of ids) {
      const ticket = await this.parts.tickets.find(id, trx);
      if (ticket) tickets.push(ticket);
    }
    const units = await this.parts.store.units(matter.matter_id, trx);
    const facts = { date: timer.date_code };
    const [event] = await this.record(trx, matter, tickets, {
      action: 'remind',
      words: timer.why,
      facts,
      by: null,
      units,
    });
    return event ?? null;
  }

  /** One matter as the caller may see it: a unit those it is a member of. Throws `not-found`. */
  async show(matterId: string, caller: Caller) {
    const matter = await this.parts.store.find(matterId);
    const units = await this.parts.store.units(matterId);
    const own = caller.role !== 'unit' || units.some(({ unit_id }) => unit_id === caller.unitId);
    if (!matter || !own) throw new HotlineError('not-found', '没有这项督办。');
    const [ids, steps] = await Promise.all([
      this.parts.store.ticketIds(matterId),
      this.parts.store.steps(matterId),
    ]);
    const { parts } = caller.role === 'unit' ? await this.parts.store.cases(ids) : { parts: [] };
    const mine = new Set(
      parts.filter((part) => part.unit_id === caller.unitId).map(({ ticket_id }) => ticket_id),
    );
    return {
      matter,
      units,
      steps,
      ticketIds: caller.role === 'unit' ? ids.filter((id) => mine.has(id)) : ids,
    };
  }

  /** One page, newest first; `cursor` is the last answer's `nextCursor`. */
  async list(filter: MatterFilter, page: { cursor?: string; limit: number }, caller: Caller) {
    const scope = caller.role === 'unit' ? (caller.unitId ?? '') : null;
    const rows = await this.parts.store.list(filter, scope, page.cursor ?? null, page.limit + 1);
    const items = rows.slice(0, page.limit);
    return { items, nextCursor: rows.length > page.limit ? String(items.at(-1)?.matter_seq) : null };
  }

  /** The summary for a leader (S4) or the case file for 13710 (S5). Throws `not-found`, `wrong-state` for other kinds. */
  async file(matterId: string, format: PaperFormat, caller: Caller): Promise<FileReply> {
    // It tells of other units' work orders too.
    const matter = caller.role === 'unit' ? null : await this.parts.store.find(matterId);
    if (!matter) throw new HotlineError('not-found', '没有这项督办。');
    const cases = await this.parts.store.cases(await this.parts.store.ticketIds(matterId));
    const fact = (name: string) => (typeof matter.facts[name] === 'string' ? matter.facts[name] : '');
    const about = { title: matter.title, at: matter.at };
    if (matter.kind === 'instruction') {
      const summary = { ...about, analysis: fact('analysis'), leader: fact('leader') };
      return this.parts.print(summaryPaper(summary, cases, this.parts.issuer), format);
    }
    if (matter.kind === 'system13710') {
      const file = { ...about, reason: fact('reason'), number: fact('number') };
      return this.parts.print(caseFilePaper(file, cases, this.parts.issuer), format);
    }
    throw new HotlineError('wrong-state', '此类督办没有专门的文书。');
  }

  private async given(input: Words): Promise<Words & { ticketIds: string[]; unitIds: string[] }> {
    const { of, ticketIds, unitIds, ...facts } = input as Words & {
      of?: MatterOpening<'instruction'>['of'];
      ticketIds?: string[];
      unitIds?: string[];
    };
    if (!of) return { ...facts, ticketIds: ticketIds ?? [], unitIds: unitIds ?? [] };
    const chosen =
      of.ticketIds.length > 0 || of.categoryCode || of.areaCode || of.from || of.to || of.hardCase;
    if (!chosen)
      throw new HotlineError('invalid-input', '请选择工单，或给出类别、地点、时间。', { field: 'of' });
    const found = await this.parts.store.summarised(of, MOST_TICKETS);
    if (found.length > MOST_TICKETS)
      throw new HotlineError('too-large', `一次最多汇总 ${MOST_TICKETS} 张工单，请缩小范围。`, {
        limit: MOST_TICKETS,
      });
    if (found.length === 0) throw new HotlineError('invalid-input', '没有符合条件的工单。', { field: 'of' });
    return { ...facts, of, ticketIds: found.map(({ ticket_id }) => ticket_id), unitIds: unitIds ?? [] };
  }

  private async named(unitIds: readonly string[]): Promise<MatterUnit[]> {
    const units: MatterUnit[] = [];
    for (const unitId of new Set(unitIds)) {
      const unit = await this.parts.unit(unitId);
      if (!unit)
        throw new HotlineError('invalid-input', '没有这个单位，或该单位已停用。', {
          field: 'unitIds',
          unitId,
        });
      units.push({ unit_id: unitId, unit_name: unit.name });
    }
    return units;
  }

  /** Takes the timers of all work orders concerned, in one order, and reads them. Throws `not-found`. */
  private async hold(trx: Knex, ticketIds: readonly string[]): Promise<TicketRow[]> {
    const tickets: TicketRow[] = [];
    const ordered = [...new Set(ticketIds)].sort();
    for (const ticketId of ordered) await this.parts.timers.hold(trx, ticketId);
    for (const ticketId of ordered) {
      const ticket = await this.parts.tickets.find(ticketId, trx);
      if (!ticket) throw new HotlineError('not-found', '没有这张工单。', { field: 'ticketIds', ticketId });
      tickets.push(ticket);
    }
    return tickets;
  }

  private async mayOpenCase(trx: Knex, [ticketId]: readonly string[], facts: Words): Promise<void> {
    if (ticketId === undefined) return;
    if (await this.parts.store.hasOpen(trx, 'specialCase', ticketId, ['proposed', 'open']))
      throw new HotlineError('already-exists', '这张工单已有专项督办。');
    if (
      !facts['overrideReason'] &&
      !(await this.parts.store.letterRanOut(trx, ticketId, this.parts.clock.now()))
    )
      throw new HotlineError(
        'wrong-state',
        '专项督办在督办函逾期未回复之后（S3）；确需提前的，请写明理由。',
        {
          field: 'overrideReason',
        },
      );
  }

  private async insert(
    trx: Knex,
    of: { kind: MatterKind; state: string; facts: Words; by: By; timerId: string | null },
    ticketIds: readonly string[],
  ): Promise<MatterRow> {
    const { title, ...facts } = of.facts;
    const row = {
      ...{ matter_id: randomUUID(), version: 1, kind: of.kind, state: of.state, title: String(title), facts },
      ...{
        at: this.parts.clock.now(),
        by_id: of.by?.id ?? null,
        by_name: of.by?.name ?? null,
        timer_id: of.timerId,
      },
    };
    await this.parts.store.insert(trx, row, [...new Set(ticketIds)]);
    const matter = await this.parts.store.find(row.matter_id, trx);
    if (!matter) throw new Error(`matter ${row.matter_id} was not written`);
    return matter;
  }

  /** One step of the matter, one timeline row on every work order concerned, one notice for every unit concerned. */
  private async record(
    trx: Knex.Transaction,
    matter: MatterRow,
    tickets: readonly TicketRow[],
    done: { action: string; words: string; facts: Words; by: By; units: readonly MatterUnit[] },
  ): Promise<TicketEvent[]> {
    const at = this.parts.clock.now();
    const { matter_id: matterId, kind, version } = matter;
    const { clause, words: name } = MATTER_KINDS[kind];
    const { by, words, action } = done;
    const step = { matter_id: matterId, at, action, words, facts: done.facts };
    await this.parts.store.addStep(trx, { ...step, by_id: by?.id ?? null, by_name: by?.name ?? null });
    const said = `${name}（${clause}）：${words}`;
    for (const { ticket_id } of tickets)
      await this.parts.tickets.writeTimeline(trx, ticket_id, {
        ...{ at, kind: 'supervised', words: said, by },
        facts: { matterId, matter: kind, action, clause },
      });
    const [first] = tickets;
    for (const { unit_id: unitId } of first ? done.units : [])
      await this.parts.inbox.add(trx, {
        ...{ unitId, kind: 'supervised', ticketId: first?.ticket_id ?? '', words: said, at },
        sourceId: `${matterId}-${version}-${action}-${String(done.facts['date'] ?? '')}-${unitId}`,
      });
    return tickets.map((ticket) => ({
      kind: 'ticketMoved',
      ...{ at, ticketId: ticket.ticket_id, number: ticket.number, what: 'supervised', state: ticket.state },
      unitIds: done.units.map(({ unit_id }) => unit_id),
      openedBy: ticket.opened_by,
    }));
  }

  /** The timers of a matter's dates: written when they are set, called off when reached or over. */
  private async keepDates(
    trx: Knex,
    matter: MatterRow,
    [first]: readonly TicketRow[],
    { action, facts, calendar }: { action: string; facts: Words; calendar: WorkingCalendar },
  ): Promise<DueTimer[]> {
    const matterId = matter.matter_id;
    if (isOver(matter)) await this.parts.timers.stopMatter(trx, matterId);
    if (action === 'reach') await this.parts.timers.stopMatter(trx, matterId, String(facts['date']));
    if ((action !== 'register' && action !== 'instruct') || !first) return [];
    const timers: DueTimer[] = [];
    for (const { code, words, dueAt } of matter.facts['dates'] as SetDate[]) {
      const due = new Date(dueAt);
      const why = `${words}，期限 ${cityWords(due)}`;
      const at = remindOfDateAt(due, this.parts.clock.now(), calendar);
      const timer = { ticket_id: first.ticket_id, matter_id: matterId, date_code: code, at, why };
      timers.push(await this.parts.timers.write<DueTimer>(trx, { kind: 'date', ...timer }));
    }
    return timers;
  }

  private announce(events: readonly TicketEvent[]): void {
    for (const event of events) this.parts.announce(event);
  }
}

/** What a matter keeps of an act beside its step: the newest of each word, and the dates it sets. */
function keptFacts(
  action: string,
  facts: Words,
  before: MatterRow,
  now: Date,
  calendar: WorkingCalendar,
): Words {
  switch (action) {
    case 'meet':
    case 'report':
      return {};
    case 'dismiss':
    case 'withdraw':
    case 'cancel':
      return { endedReason: facts['reason'] };
    case 'submit':
      return { ...facts, submittedAt: now };
    case 'instruct':
      return {
        ...facts,
        dates: [{ code: 'until', words: '批示落实期限', dueAt: (facts['until'] as Date).toISOString() }],
      };
    case 'register':
      return {
        ...facts,
        dates: setDates(
          facts['registeredAt'] as Date,
          datesOf13710(before.facts['major'] === true),
          calendar,
        ),
      };
    case 'reach':
      return { reached: { ...(before.facts['reached'] as Words | undefined), [String(facts['date'])]: now } };
    default:
      return facts;
  }
}

/** Nothing more can be done with it. */
const isOver = ({ kind, state }: Pick<MatterRow, 'kind' | 'state'>): boolean =>
  Object.values(MATTER_ACTS[kind] as Record<string, MatterAct>).every(({ from }) => !from.includes(state));

const who = (caller: Caller) => ({ id: caller.personId, name: caller.name });

const stale = (version: number) =>
  new HotlineError('stale-version', '这项督办已被他人更新，请刷新后再操作。', { version });
