import { finished } from 'node:stream';
import { HotlineError } from '../errors';
import { maskNumber, normaliseNumber } from '../lines/phone-number';
import { may } from '../permissions';
import type { AuditEntry } from '../platform/audit.store';
import type { Clock } from '../platform/clock';
import type { Caller, StreamReply } from '../platform/http-route';
import type { CategoryStore } from './category.store';
import { TICKET_STATES, type TicketState, type TicketSummary } from './ticket';
import { ticketFile } from './ticket-export.adapter';
import { cursorOf, placeOf, type ListPlace, type TicketFilter, type TicketSort } from './ticket-filter';
import type { ListFilter, TicketListStore } from './ticket-list.store';
import type { TicketReadStore } from './ticket-read.store';
import { scopeOf } from './ticket-reading.service';
import type { TicketSearch } from './ticket-search.service';
import { ticketSummary } from './ticket-view';

/** Work orders read at one go for a file. */
const BATCH = 500;
/** States are counted up to here; more is said to be more. */
export const MOST_COUNTED = 1000;

export interface StateCounts {
  items: { state: TicketState; count: number; more: boolean }[];
}

/** Lists of work orders as each role may see them: a unit its own only, and nothing found by what leads to a hidden citizen. */
export class TicketLists {
  private readonly exporting = new Set<string>();

  constructor(
    private readonly parts: {
      lists: TicketListStore;
      reading: TicketReadStore;
      categories: Pick<CategoryStore, 'below'>;
      search: Pick<TicketSearch, 'query'>;
      clock: Clock;
      audit: { append(entry: AuditEntry): Promise<void> };
      areaCode: string;
    },
  ) {}

  /**
   * One page; `cursor` is the last answer's `nextCursor`. Throws `invalid-input` (a cursor of another order, `rank`
   * without words), `not-allowed` (by number, for who may not see numbers).
   */
  async list(
    filter: TicketFilter,
    page: { cursor?: string; limit: number; sort?: TicketSort },
    caller: Caller,
  ): Promise<{ items: TicketSummary[]; nextCursor: string | null }> {
    const { sort = 'number', limit } = page;
    const after = page.cursor === undefined ? null : placeOf(page.cursor, sort);
    if (page.cursor !== undefined && !after)
      throw new HotlineError('invalid-input', '游标无效。', { field: 'cursor' });
    if (sort === 'rank' && !filter.text)
      throw new HotlineError('invalid-input', '按相关度排列需要检索词。', { field: 'sort' });
    const narrowed = await this.narrow(filter, caller);
    if (!narrowed) return { items: [], nextCursor: null };
    await this.noteNumber(narrowed, caller);
    const places = await this.parts.lists.page(narrowed, scopeOf(caller), { sort, after, limit: limit + 1 });
    const shown = places.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: await this.summaries(shown, caller),
      nextCursor: places.length > limit && last ? cursorOf(last) : null,
    };
  }

  /** How many in each state, for the tabs of a list; above MOST_COUNTED only that there are more. */
  async counts(filter: TicketFilter, caller: Caller): Promise<StateCounts> {
    const narrowed = await this.narrow(filter, caller);
    const counts = narrowed
      ? await this.parts.lists.counts(narrowed, scopeOf(caller), MOST_COUNTED + 1)
      : new Map<TicketState, number>();
    const items = (Object.keys(TICKET_STATES) as TicketState[]).map((state) => {
      const count = counts.get(state) ?? 0;
      return { state, count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED };
    });
    return { items };
  }

  /**
   * A list as a file, newest first, read while it is sent. The audit trail has it before the first row leaves, and how
   * many left when it ends. Throws `too-many-attempts` while another file of the same person is under way.
   */
  async exportList(filter: TicketFilter, format: 'csv' | 'xlsx', caller: Caller): Promise<StreamReply> {
    const { personId } = caller;
    if (this.exporting.has(personId))
      throw new HotlineError('too-many-attempts', '您的另一份导出尚未完成，请稍候。');
    this.exporting.add(personId);
    try {
      const at = this.parts.clock.now();
      const narrowed = await this.narrow(filter, caller);
      const facts = { filter: { ...filter, ...maskedNumber(narrowed ?? {}) } };
      await this.audit(caller, 'ticket.export', format, facts);
      const batches = this.batches(narrowed, caller);
      // Refused with a reason while that is possible: once rows are under way, only the connection can break.
      const first = await batches.next();
      const reply = ticketFile(format, this.counted(first, batches, format, caller), at);
      finished(reply.stream, () => this.exporting.delete(personId));
      return reply;
    } catch (fault) {
      this.exporting.delete(personId);
      throw fault;
    }
  }

  private async *batches(filter: ListFilter | null, caller: Caller): AsyncGenerator<TicketSummary[], void> {
    let after: ListPlace | null = null;
    for (; filter;) {
      const places: ListPlaces = await this.parts.lists.page(filter, scopeOf(caller), {
        ...{ sort: 'number', after, limit: BATCH },
      });
      if (places.length > 0) yield await this.summaries(places, caller);
      after = places.at(-1) ?? null;
      if (places.length < BATCH) return;
    }
  }

  private async *counted(
    first: IteratorResult<TicketSummary[], void>,
    rest: AsyncGenerator<TicketSummary[], void>,
    format: string,
    caller: Caller,
  ): AsyncGenerator<TicketSummary[], void> {
    let rows = 0;
    let whole = false;
    try {
      for (let step = first; !step.done; step = await rest.next()) {
        rows += step.value.length;
        yield step.value;
      }
      whole = true;
    } finally {
      await rest.return();
      await this.audit(caller, 'ticket.exported', format, { rows, whole });
    }
  }

  private async summaries(places: ListPlaces, caller: Caller): Promise<TicketSummary[]> {
    const ids = places.map(({ ticketId }) => ticketId);
    const rows = await this.parts.reading.several(ids, scopeOf(caller));
    return rows.map((row) => ticketSummary(row, caller.role));
  }

  /** Null when nothing can be found. */
  private async narrow(filter: TicketFilter, caller: Caller): Promise<ListFilter | null> {
    const { categoryCode, text, citizenNumber, ...others } = filter;
    const number = citizenNumber === undefined ? undefined : this.citizenNumber(citizenNumber, caller);
    const query = text ? this.parts.search.query(text) : undefined;
    if (query === null) return null;
    const leads =
      filter.callId !== undefined || citizenNumber !== undefined || filter.citizenId !== undefined;
    return {
      ...others,
      now: this.parts.clock.now(),
      ...(number === undefined ? {} : { citizenNumber: number }),
      ...(query === undefined ? {} : { query }),
      ...(categoryCode === undefined
        ? {}
        : { categoryCodes: await this.parts.categories.below(categoryCode) }),
      // Two work orders of one call, one of them confidential: it must not be found by the call of the other.
      ...(leads && !may(caller.role, 'ticket.view-confidential') ? { identityShown: true } : {}),
    };
  }

  private citizenNumber(written: string, caller: Caller): string {
    if (!may(caller.role, 'number.reveal'))
      throw new HotlineError('not-allowed', '您的角色不能按号码查找。', { action: 'number.reveal' });
    const number = normaliseNumber(written, this.parts.areaCode);
    if (!number) throw new HotlineError('invalid-input', '号码无法识别。', { field: 'citizenNumber' });
    return number;
  }

  /** Who looks for a number learns whose it is: as much as a look at the number itself. */
  private async noteNumber(filter: Pick<TicketFilter, 'citizenNumber'>, caller: Caller): Promise<void> {
    const masked = maskedNumber(filter);
    if (masked.citizenNumber !== undefined)
      await this.audit(caller, 'ticket.find-by-number', masked.citizenNumber, {});
  }

  private audit(
    caller: Caller,
    action: string,
    subject: string,
    facts: Record<string, unknown>,
  ): Promise<void> {
    return this.parts.audit.append({ who: caller.personId, action, subject, facts, address: caller.address });
  }
}

type ListPlaces = Awaited<ReturnType<TicketListStore['page']>>;

/** The audit trail is read by people who may not see numbers. */
const maskedNumber = ({ citizenNumber }: Pick<TicketFilter, 'citizenNumber'>): { citizenNumber?: string } =>
  citizenNumber === undefined ? {} : { citizenNumber: maskNumber(citizenNumber) };
