import { timingSafeEqual } from 'node:crypto';
import { HotlineError } from '../errors';
import { TICKET_STATES } from './ticket';
import type { Caller } from '../platform/http-route';
import type { ThrottleLimit } from '../platform/throttle';
import type { TicketRow } from './ticket-row';
import type { TicketService } from './ticket.service';

/** Guesses of a code, by the number guessed at and by who guesses. */
export const QUERY_LIMITS = {
  number: { name: 'ticket-query-number', points: 10, windowSeconds: 3600 },
  address: { name: 'ticket-query-address', points: 60, windowSeconds: 3600 },
} as const satisfies Record<string, ThrottleLimit>;

interface Counter {
  take(key: string): Promise<number | null>;
  giveBack(key: string): Promise<void>;
}

interface Deps {
  /** A ticket by its number. */
  byNumber(number: string): Promise<TicketRow | null>;
  byId(ticketId: string): Promise<TicketRow | null>;
  tickets: Pick<TicketService, 'act'>;
  guesses: { number: Counter; address: Counter };
}

/** What the citizen is told of his own work order: where it stands, until when, and the answer. */
export interface CitizenView {
  number: string;
  title: string;
  state: string;
  unitName: string | null;
  openedAt: string;
  dueAt: string | null;
  answer: string | null;
  guidedTo: string | null;
  urges: number;
  /** Whether it may still be urged and supplemented. */
  open: boolean;
}

const OPEN: readonly TicketRow['state'][] = ['accepted', 'dispatched', 'acknowledged', 'returned', 'replied'];

/** Acts for the citizen: nobody's account. */
const CITIZEN: Caller = {
  personId: 'citizen',
  name: '诉求人',
  role: 'agent',
  unitId: null,
  sessionId: '',
  address: '',
};

/**
 * The citizen's own way to a work order (T1): its number with the query code that came with it. A wrong pair tells no
 * more than that it is wrong, and guesses are few.
 */
export class CitizenQuery {
  constructor(private readonly deps: Deps) {}

  /** Throws `not-found` for a wrong pair, `too-many-attempts`. */
  async show(number: string, code: string, address: string): Promise<CitizenView> {
    return this.view(await this.own(number, code, address));
  }

  /** 催办, or more to the matter. Throws as `show`, and `wrong-state` when it is over. */
  async tell(
    kind: 'urge' | 'supplement',
    words: string,
    by: { number: string; code: string; address: string },
  ): Promise<CitizenView> {
    const { ticket_id, version } = await this.own(by.number, by.code, by.address);
    const caller = { ...CITIZEN, address: by.address };
    if (kind === 'urge')
      await this.deps.tickets.act(
        'urge',
        ticket_id,
        version,
        { words, callId: null, channel: 'website' },
        caller,
      );
    else await this.deps.tickets.act('supplement', ticket_id, version, { words }, caller);
    return this.view(await this.own(by.number, by.code, by.address));
  }

  /** One that was merged stands where the work order stands that it went into. */
  private async view(own: TicketRow): Promise<CitizenView> {
    let main = own;
    for (let depth = 0; main.merged_into !== null && depth < 10; depth++)
      main = (await this.deps.byId(main.merged_into)) ?? main;
    return view(own, main);
  }

  /** The work order itself. Throws `not-found` for a wrong pair, `too-many-attempts`. */
  async own(number: string, code: string, address: string): Promise<TicketRow> {
    const { guesses } = this.deps;
    const waits = await Promise.all([guesses.number.take(number), guesses.address.take(address)]);
    const wait = Math.max(...waits.map((each) => each ?? 0));
    if (wait > 0)
      throw new HotlineError('too-many-attempts', '查询次数过多，请稍后再试。', {
        retryAfterSeconds: Math.ceil(wait),
      });
    const ticket = await this.deps.byNumber(number);
    if (!ticket || ticket.state === 'draft' || !same(ticket.query_code, code))
      throw new HotlineError('not-found', '工单编号或查询码不正确。');
    await Promise.all([guesses.number.giveBack(number), guesses.address.giveBack(address)]);
    return ticket;
  }
}

function same(known: string | null, given: string): boolean {
  const [one, other] = [Buffer.from(known ?? ''), Buffer.from(given.toUpperCase())];
  return one.length > 0 && one.length === other.length && timingSafeEqual(one, other);
}

function view(own: TicketRow, main: TicketRow): CitizenView {
  const told = main.state === 'replied' ? null : main.answer;
  return {
    number: own.number,
    title: own.title,
    // What units and 12345 settle between them is not the citizen's concern.
    state: main.state === 'returned' ? TICKET_STATES.accepted : TICKET_STATES[main.state],
    unitName: main.lead_unit_name,
    openedAt: own.opened_at.toISOString(),
    dueAt: main.due_at?.toISOString() ?? null,
    answer: told ?? main.refusal_explanation,
    guidedTo: main.guided_to,
    urges: own.urges,
    open: OPEN.includes(own.state),
  };
}
