import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { cityDay, cityWords } from '../deadlines/city-time';
import type { DueTimer } from '../deadlines/timer.store';
import { addWorkingDays, type WorkingCalendar } from '../deadlines/working-calendar';
import { HotlineError } from '../errors';
import type { TicketEvent } from '../events';
import type { InboxNotice } from '../notifications/notice';
import type { Clock } from '../platform/clock';
import type { Caller, FileReply } from '../platform/http-route';
import type { TicketRow } from '../tickets/ticket-row';
import type { RaiseCause } from './escalation';
import type { Rung } from './escalation-ladder';
import type { OpenPart, RungLetters, SupervisedTickets } from './escalation.service';
import {
  LETTER_ACTIONS,
  letterFacts,
  letterNumber,
  letterPaper,
  type LETTER_INPUT,
  type LetterAction,
  type LetterRow,
} from './letter';
import type { LetterFilter, LetterStore } from './letter.store';
import type { Paper, PaperFormat } from './paper';
import type { z } from 'zod';

type Input<A extends keyof typeof LETTER_INPUT> = z.output<(typeof LETTER_INPUT)[A]>;
type By = { id: string; name: string } | null;

export interface LetterParts {
  store: LetterStore;
  tickets: SupervisedTickets & { find(ticketId: string): Promise<TicketRow | null> };
  inbox: { add(trx: Knex, notice: InboxNotice): Promise<boolean> };
  calendar: { current(trx?: Knex): Promise<WorkingCalendar> };
  /** The ladder: what waits for a letter gets its time when the letter is issued, answered or withdrawn. */
  rungs: {
    hold(trx: Knex, ticketId: string): Promise<void>;
    refresh(trx: Knex.Transaction, partId: string): Promise<DueTimer[]>;
  };
  hurry: { timer(timer: DueTimer): void };
  print(paper: Paper, format: PaperFormat): Promise<FileReply>;
  clock: Clock;
  announce(event: TicketEvent): void;
  issuer: string;
}

/** 督办函 (S2): drafted by the ladder or a person, numbered when a person issues it, received and answered by the unit. */
export class LetterService implements RungLetters {
  constructor(private readonly parts: LetterParts) {}

  async open(trx: Knex, partId: string) {
    const letter = await this.parts.store.open(trx, partId);
    return letter && { issued: letter.state !== 'drafted', replyBy: letter.reply_by };
  }

  async raise(
    trx: Knex.Transaction,
    of: OpenPart,
    rung: Rung,
    cause: { timerId: string | null; words: string; by: RaiseCause['by'] },
  ): Promise<TicketEvent> {
    const text = { demand: rung.words, replyDays: rung.replyDays ?? 1 };
    let letter = await this.write(trx, of, text, cause.by, cause.timerId);
    if (rung.automatic) letter = await this.number(trx, letter, null);
    return this.tell(trx, of.ticket, letter, {
      kind: rung.automatic ? 'letterIssued' : 'letterDrafted',
      words: rung.automatic
        ? `书面督办（S2）：向${letter.unit_name}发出${letter.number}，请于 ${cityWords(letter.reply_by)} 前回复。${cause.words}`
        : `书面督办（S2）：已拟致${letter.unit_name}的督办函，待签发。${cause.words}`,
      by: cause.by,
    });
  }

  async withdrawDrafts(trx: Knex, partId: string): Promise<string[]> {
    const letter = await this.parts.store.open(trx, partId);
    if (letter?.state !== 'drafted') return [];
    await this.parts.store.move(
      trx,
      { letterId: letter.letter_id, version: letter.version, from: ['drafted'] },
      {
        state: 'withdrawn',
        withdrawn_at: this.parts.clock.now(),
        withdrawn_reason: '签发前承办单位已答复、退回或暂停计时',
      },
    );
    return letter.timer_id === null ? [] : [letter.timer_id];
  }

  /** Drafts a letter about a part by hand. Throws `not-found`, `already-exists` while another is open. */
  async draft(input: Input<'draft'>, caller: Caller): Promise<LetterRow> {
    const by = who(caller);
    const { letter, event } = await this.parts.tickets.command(async (trx) => {
      const of = await this.parts.tickets.lockPart(trx, input.partId);
      if (!of) throw new HotlineError('not-found', '没有这项承办任务。', { field: 'partId' });
      if (await this.parts.store.open(trx, input.partId))
        throw new HotlineError('already-exists', '这项承办任务已有未结的督办函。');
      const letter = await this.write(trx, of, input, by, null);
      const words = `书面督办（S2）：拟致${letter.unit_name}的督办函，待签发`;
      return { letter, event: await this.tell(trx, of.ticket, letter, { kind: 'letterDrafted', words, by }) };
    });
    this.parts.announce(event);
    return letter;
  }

  edit(letterId: string, input: Input<'edit'>, caller: Caller): Promise<LetterRow> {
    return this.act('edit', letterId, input.version, caller, (letter, at, calendar) => ({
      changes: {
        facts: input.facts,
        demand: input.demand,
        reply_days: input.replyDays,
        reply_by: addWorkingDays(calendar, at, input.replyDays).at,
      },
      words: `修改致${letter.unit_name}的督办函`,
    }));
  }

  /** Issues a draft: it gets its number and its deadline, the unit gets it in its inbox. */
  issue(letterId: string, input: Input<'issue'>, caller: Caller): Promise<LetterRow> {
    return this.act('issue', letterId, input.version, caller, () => ({ changes: {}, words: '' }));
  }

  withdraw(letterId: string, input: Input<'withdraw'>, caller: Caller): Promise<LetterRow> {
    return this.act('withdraw', letterId, input.version, caller, (letter) => ({
      changes: { withdrawn_reason: input.reason },
      words: `撤回致${letter.unit_name}的督办函${letter.number ?? '（草稿）'}：${input.reason}`,
    }));
  }

  receive(letterId: string, input: Input<'receive'>, caller: Caller): Promise<LetterRow> {
    return this.act('receive', letterId, input.version, caller, (letter) => ({
      changes: {},
      words: `${letter.unit_name}签收督办函${letter.number}`,
    }));
  }

  answer(letterId: string, input: Input<'answer'>, caller: Caller): Promise<LetterRow> {
    return this.act('answer', letterId, input.version, caller, (letter, at) => ({
      changes: {
        answer: input.answer,
        ...(letter.received_at
          ? {}
          : { received_at: at, received_by: caller.personId, received_by_name: caller.name }),
      },
      words: `${letter.unit_name}回复督办函${letter.number}${at > letter.reply_by ? '（逾期）' : ''}：${input.answer}`,
    }));
  }

  /** One letter as the caller may see it: a unit those issued to it. Throws `not-found`. */
  async show(letterId: string, caller: Caller): Promise<LetterRow> {
    const letter = await this.parts.store.find(letterId);
    const own = caller.role !== 'unit' || (letter?.unit_id === caller.unitId && letter?.issued_at !== null);
    if (!letter || !own) throw new HotlineError('not-found', '没有这份督办函。');
    return letter;
  }

  /** One page, newest first; `cursor` is the last answer's `nextCursor`. */
  async list(
    filter: LetterFilter & { overdue?: boolean },
    page: { cursor?: string; limit: number },
    caller: Caller,
  ) {
    const { overdue, ...rest } = filter;
    const scope = caller.role === 'unit' ? (caller.unitId ?? '') : null;
    const wanted = overdue ? { ...rest, overdueAt: this.parts.clock.now() } : rest;
    const rows = await this.parts.store.list(wanted, scope, page.cursor ?? null, page.limit + 1);
    const items = rows.slice(0, page.limit);
    return { items, nextCursor: rows.length > page.limit ? String(items.at(-1)?.letter_seq) : null };
  }

  async file(letterId: string, format: PaperFormat, caller: Caller): Promise<FileReply> {
    return this.parts.print(letterPaper(await this.show(letterId, caller), this.parts.issuer), format);
  }

  /** One act: the letter's move, its timeline row and what the ladder makes of it, in one transaction. */
  private async act(
    action: LetterAction,
    letterId: string,
    version: number,
    caller: Caller,
    decide: (
      letter: LetterRow,
      at: Date,
      calendar: WorkingCalendar,
    ) => { changes: Partial<LetterRow>; words: string },
  ): Promise<LetterRow> {
    const seen = await this.show(letterId, caller);
    const calendar = await this.parts.calendar.current();
    const rule = LETTER_ACTIONS[action];
    const at = this.parts.clock.now();
    const by = who(caller);
    const done = await this.parts.tickets.command(async (trx) => {
      await this.parts.rungs.hold(trx, seen.ticket_id);
      const of = await this.parts.tickets.lockPart(trx, seen.part_id);
      const letter = await this.parts.store.find(letterId, trx);
      if (!of || !letter) throw new HotlineError('not-found', '没有这份督办函。');
      mustBePossible(action, letter, version);
      const { changes, words } = decide(letter, at, calendar);
      const acted =
        action === 'issue'
          ? await this.number(trx, letter, by)
          : await this.move(trx, letter, rule.from, { ...changes, ...stamp(action, at, by), state: rule.to });
      const said =
        action === 'issue'
          ? `书面督办（S2）：向${acted.unit_name}发出${acted.number}，请于 ${cityWords(acted.reply_by)} 前回复`
          : words;
      const event = await this.tell(trx, of.ticket, acted, { kind: KINDS[action], words: said, by });
      const timers = action === 'edit' ? [] : await this.parts.rungs.refresh(trx, acted.part_id);
      return { letter: acted, event, timers };
    });
    this.parts.announce(done.event);
    for (const timer of done.timers) this.parts.hurry.timer(timer);
    return done.letter;
  }

  private async write(
    trx: Knex,
    { ticket, part }: OpenPart,
    text: { demand: string; replyDays: number },
    by: By,
    timerId: string | null,
  ): Promise<LetterRow> {
    const at = this.parts.clock.now();
    const calendar = await this.parts.calendar.current(trx);
    const letterId = randomUUID();
    await this.parts.store.insert(trx, {
      ...NOT_YET,
      letter_id: letterId,
      version: 1,
      state: 'drafted',
      ticket_id: ticket.ticket_id,
      part_id: part.part_id,
      unit_id: part.unit_id,
      unit_name: part.unit_name,
      timer_id: timerId,
      facts: letterFacts(ticket, part, at, calendar),
      demand: text.demand,
      reply_days: text.replyDays,
      reply_by: addWorkingDays(calendar, at, text.replyDays).at,
      drafted_at: at,
      drafted_by: by?.id ?? null,
      drafted_by_name: by?.name ?? null,
    });
    const letter = await this.parts.store.find(letterId, trx);
    if (!letter) throw new Error(`letter ${letterId} was not written`);
    return letter;
  }

  /** Gives a draft its number of the year and its deadline. */
  private async number(trx: Knex, letter: LetterRow, by: By): Promise<LetterRow> {
    const at = this.parts.clock.now();
    const year = Number(cityDay(at).slice(0, 4));
    const serial = await this.parts.store.nextSerial(trx, year);
    const calendar = await this.parts.calendar.current(trx);
    return this.move(trx, letter, ['drafted'], {
      state: 'issued',
      ...{ year, serial, number: letterNumber(year, serial) },
      reply_by: addWorkingDays(calendar, at, letter.reply_days).at,
      ...stamp('issue', at, by),
    });
  }

  private async move(
    trx: Knex,
    { letter_id: letterId, version }: LetterRow,
    from: readonly LetterRow['state'][],
    changes: Partial<LetterRow>,
  ): Promise<LetterRow> {
    const moved = await this.parts.store.move(trx, { letterId, version, from }, changes);
    if (!moved) throw stale(version);
    return moved;
  }

  /** The timeline row of what happened to a letter, and the unit's notice where it concerns the unit. */
  private async tell(
    trx: Knex.Transaction,
    ticket: TicketRow,
    letter: LetterRow,
    { kind, words, by }: { kind: string; words: string; by: By },
  ): Promise<TicketEvent> {
    const at = this.parts.clock.now();
    const { letter_id: letterId, number, unit_id: unitId, ticket_id: ticketId } = letter;
    const facts = { letterId, number, unitId, replyBy: letter.reply_by, clause: 'S2' };
    await this.parts.tickets.writeTimeline(trx, ticketId, { at, kind, words, by, facts });
    const forUnit = kind === 'letterIssued' || (kind === 'letterWithdrawn' && letter.issued_at !== null);
    if (forUnit) {
      const notice = { unitId, kind: 'letter', ticketId, at } as const;
      await this.parts.inbox.add(trx, { ...notice, words: `${words}。`, sourceId: `${letterId}-${kind}` });
    }
    return {
      kind: 'ticketMoved',
      ...{ at, ticketId, number: ticket.number, what: kind, state: ticket.state },
      unitIds: letter.issued_at ? [unitId] : [],
      openedBy: ticket.opened_by,
    };
  }
}

const KINDS: Record<LetterAction, string> = {
  edit: 'letterEdited',
  issue: 'letterIssued',
  withdraw: 'letterWithdrawn',
  receive: 'letterReceived',
  answer: 'letterAnswered',
};

const STAMPS = { issue: 'issued', receive: 'received', answer: 'answered', withdraw: 'withdrawn' } as const;

/** Who did it and when, in the columns of the act. */
function stamp(action: LetterAction, at: Date, by: By): Partial<LetterRow> {
  if (action === 'edit') return {};
  const name = STAMPS[action];
  return { [`${name}_at`]: at, [`${name}_by`]: by?.id ?? null, [`${name}_by_name`]: by?.name ?? null };
}

const who = (caller: Caller) => ({ id: caller.personId, name: caller.name });

const stale = (version: number) =>
  new HotlineError('stale-version', '督办函已被他人更新，请刷新后再操作。', { version });

function mustBePossible(action: LetterAction, letter: LetterRow, version: number): void {
  if (letter.version !== version) throw stale(letter.version);
  const { from, words } = LETTER_ACTIONS[action];
  if (!(from as readonly string[]).includes(letter.state))
    throw new HotlineError('wrong-state', `督办函当前状态不能${words}。`, { state: letter.state });
}

const NOT_YET = {
  ...{ year: null, serial: null, number: null, answer: null, withdrawn_reason: null },
  ...{ issued_at: null, issued_by: null, issued_by_name: null },
  ...{ received_at: null, received_by: null, received_by_name: null },
  ...{ answered_at: null, answered_by: null, answered_by_name: null },
  ...{ withdrawn_at: null, withdrawn_by: null, withdrawn_by_name: null },
} satisfies Partial<LetterRow>;
