import { HotlineError } from '../errors';
import { cityDay } from '../deadlines/city-time';
import { normaliseNumber } from '../lines/phone-number';
import type { AuditStore } from '../platform/audit.store';
import type { ChineseWords } from '../platform/chinese-words.adapter';
import type { Clock } from '../platform/clock';
import type { Caller } from '../platform/http-route';
import type { Category } from './category.store';
import {
  DEFAULT_WEIGHTS,
  duplicateScore,
  groupOf,
  tellingWords,
  type ComparedTicket,
  type DuplicateWeights,
} from './duplicate';
import type { AlikeRow, DuplicateStore, WeightsVersion } from './duplicate.store';
import { CLOSED_STATES, type TicketInput, type TicketState } from './ticket';
import { ticketNumber } from './ticket-number';
import type { TicketRow } from './ticket-row';

const DAY_MS = 86_400_000;
const MOST_SHOWN = 20;
/** The words by which others are looked for; two of them must be there. */
const ASKED_WORDS = 5;

/** What a draft says so far. */
export type DuplicateDraft = Pick<
  TicketInput,
  | 'callId'
  | 'contactNumber'
  | 'categoryCode'
  | 'areaCode'
  | 'township'
  | 'address'
  | 'point'
  | 'title'
  | 'content'
>;

export interface DuplicateProposal {
  ticketId: string;
  number: string;
  title: string;
  state: TicketState;
  unitName: string | null;
  openedAt: string;
  score: number;
  reasons: string[];
  /** It can be merged into: somebody still works on it. */
  open: boolean;
}

export interface Duplicates {
  items: DuplicateProposal[];
  /** 群体诉求: many citizens with one matter in one place. */
  group: { tickets: number; citizens: number; words: string } | null;
}

/** Work orders that may be the same matter (R1), each with its reasons; a person decides and merges. */
export class DuplicateService {
  constructor(
    private readonly deps: {
      store: DuplicateStore;
      ticket(ticketId: string): Promise<TicketRow | null>;
      category(code: string): Promise<Category | null>;
      numberOfCall(callId: string): Promise<string | null>;
      words: Pick<ChineseWords, 'indexed'>;
      clock: Clock;
      audit: Pick<AuditStore, 'append'>;
      areaCode: string;
    },
  ) {}

  /** For a work order. Throws `not-found`. */
  async ofTicket(ticketId: string): Promise<Duplicates> {
    const row = await this.deps.ticket(ticketId);
    if (!row) throw new HotlineError('not-found', '没有这张工单。');
    const point =
      row.longitude === null || row.latitude === null
        ? null
        : { longitude: row.longitude, latitude: row.latitude };
    const numbers = [row.caller_number, row.contact_number].filter((number) => number !== null);
    return this.find(
      { ...row, point, categoryCode: row.category_code, areaCode: row.area_code },
      { numbers: [...new Set(numbers)], openedAt: row.opened_at },
      ticketId,
    );
  }

  /** For what is not opened yet. */
  async ofDraft(draft: DuplicateDraft): Promise<Duplicates> {
    const { callId, contactNumber } = draft;
    const own = contactNumber ? normaliseNumber(contactNumber, this.deps.areaCode) : null;
    const calls = callId === null ? null : await this.deps.numberOfCall(callId);
    const numbers = [...new Set([calls, own].filter((number) => number !== null))];
    return this.find(draft, { numbers, openedAt: this.deps.clock.now() }, null);
  }

  async weights(): Promise<WeightsVersion> {
    return (await this.deps.store.weights()) ?? { version: 0, weights: DEFAULT_WEIGHTS };
  }

  /** Replaces the weights. Throws `stale-version`. */
  async setWeights(version: number, weights: DuplicateWeights, by: Caller): Promise<WeightsVersion> {
    const before = await this.weights();
    const entry = { who: by.personId, action: 'duplicate.weights', subject: 'duplicate-weights' };
    const facts = { before: before.weights, after: weights };
    const note = { at: this.deps.clock.now(), id: by.personId, name: by.name };
    await this.deps.store.replace(version, weights, note, (trx) =>
      this.deps.audit.append({ ...entry, facts, address: by.address }, trx),
    );
    return { version: version + 1, weights };
  }

  private async find(
    said: Omit<DuplicateDraft, 'callId' | 'contactNumber'>,
    who: Pick<ComparedTicket, 'numbers' | 'openedAt'>,
    itself: string | null,
  ): Promise<Duplicates> {
    const { weights } = await this.weights();
    const category = await this.deps.category(said.categoryCode);
    const words = tellingWords(this.deps.words.indexed(`${said.title}\n${said.content}`));
    const one: ComparedTicket = {
      ...{ ...who, words, point: said.point, areaCode: said.areaCode, categoryCode: said.categoryCode },
      parentCode: category?.parentCode ?? null,
      address: said.township + said.address,
    };
    const asked = tellingWords(this.deps.words.indexed(said.title));
    const since = ticketNumber(cityDay(new Date(who.openedAt.getTime() - weights.days * DAY_MS)), 0);
    const rows = await this.deps.store.alike(
      { ...one, query: anyTwo(asked.size > 1 ? asked : words) },
      since,
    );
    const alike = rows
      .filter(({ ticket_id }) => ticket_id !== itself)
      .flatMap((row) => {
        const other = compared(row);
        const score = duplicateScore(one, other, weights);
        return score ? [{ row, numbers: other.numbers, ...score }] : [];
      })
      .sort((a, b) => b.score - a.score || (a.row.number < b.row.number ? 1 : -1));
    const group = groupOf(one, alike, weights);
    return {
      items: alike.slice(0, MOST_SHOWN).map(({ row, score, reasons }) => proposal(row, score, reasons)),
      group: group && {
        ...group,
        words: `疑似群体诉求：${group.citizens} 位诉求人的 ${group.tickets} 件反映同一地点的同一事项。`,
      },
    };
  }
}

function compared(row: AlikeRow): ComparedTicket {
  return {
    numbers: [row.caller_number, row.contact_number].filter((number) => number !== null),
    categoryCode: row.category_code,
    parentCode: row.parent_code,
    areaCode: row.area_code,
    address: row.township + row.address,
    point:
      row.longitude === null || row.latitude === null
        ? null
        : { longitude: row.longitude, latitude: row.latitude },
    words: tellingWords(row.words ?? []),
    openedAt: row.opened_at,
  };
}

function proposal(row: AlikeRow, score: number, reasons: string[]): DuplicateProposal {
  return {
    ticketId: row.ticket_id,
    number: row.number,
    title: row.title,
    state: row.state,
    unitName: row.lead_unit_name,
    openedAt: row.opened_at.toISOString(),
    score,
    reasons,
    open: !(CLOSED_STATES as readonly TicketState[]).includes(row.state),
  };
}

/** Any two of the longest words, as the text of a `tsquery`. */
function anyTwo(words: ReadonlySet<string>): string | null {
  const longest = [...words].sort((a, b) => b.length - a.length).slice(0, ASKED_WORDS);
  const twos = longest.flatMap((one, at) => longest.slice(at + 1).map((other) => `('${one}' & '${other}')`));
  return twos.length > 0 ? twos.join(' | ') : null;
}
