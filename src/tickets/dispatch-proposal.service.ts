import { cityDay } from '../deadlines/city-time';
import { HotlineError } from '../errors';
import type { Clock } from '../platform/clock';
import type { CategoryStore } from './category.store';
import { dispatchProposal, type DispatchProposal, type ProposingUnit } from './dispatch-decision';
import type { DispatchProposalStore } from './dispatch-proposal.store';
import type { Level } from './ticket';
import { ticketNumber } from './ticket-number';
import type { TicketRow } from './ticket-row';

const YEAR_MS = 365 * 86_400_000;

/** What is asked about: a work order, or a category in a place; what is named goes before what the work order says. */
export interface ProposalQuestion {
  ticketId?: string;
  categoryCode?: string;
  areaCode?: string | null;
  level?: Level;
}

/** Proposes units for a dispatch (R2, R3) from the catalogue, the directory and what became of earlier ones. */
export class DispatchProposals {
  constructor(
    private readonly deps: {
      store: DispatchProposalStore;
      categories: Pick<CategoryStore, 'candidates'>;
      ticket(ticketId: string): Promise<TicketRow | null>;
      /** Units that can be given work. */
      units(): readonly ProposingUnit[];
      clock: Clock;
    },
  ) {}

  /** Throws `not-found` (ticket), `invalid-input` (neither ticket nor category). */
  async propose(question: ProposalQuestion): Promise<DispatchProposal> {
    const { store, categories, clock } = this.deps;
    const { ticketId } = question;
    const ticket = ticketId === undefined ? null : await this.deps.ticket(ticketId);
    if (ticketId !== undefined && !ticket) throw new HotlineError('not-found', '没有这张工单。');
    const categoryCode = question.categoryCode ?? ticket?.category_code;
    if (categoryCode === undefined)
      throw new HotlineError('invalid-input', '请给出诉求类别或工单。', { field: 'categoryCode' });
    const areaCode = question.areaCode === undefined ? (ticket?.area_code ?? null) : question.areaCode;
    const since = ticketNumber(cityDay(new Date(clock.now().getTime() - YEAR_MS)), 0);
    const [catalogue, past, history] = await Promise.all([
      categories.candidates(categoryCode, areaCode),
      store.past(categoryCode, areaCode, since),
      ticket ? store.ofTicket(ticket.ticket_id) : { returns: 0, firstLeadUnitId: null },
    ]);
    // City level is what a work order says when nobody has said anything.
    const level = question.level ?? (ticket && ticket.level !== 'city' ? ticket.level : null);
    return dispatchProposal({ areaCode, level, ...history }, { catalogue, past, units: this.deps.units() });
  }
}
