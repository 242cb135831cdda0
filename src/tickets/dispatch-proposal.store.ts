import type { Database } from '../platform/postgres';
import type { PastUnit } from './dispatch-decision';

/** The newest of a kind say how it is done now. */
const MOST_READ = 300;

/** What earlier dispatches say about the next one; reads the tickets' tables. */
export class DispatchProposalStore {
  constructor(private readonly db: Database) {}

  /** How work orders of this category in this place, numbered from `since` on, went with each lead unit. */
  async past(categoryCode: string, areaCode: string | null, since: string): Promise<PastUnit[]> {
    const newest = this.db('tickets')
      .where({ category_code: categoryCode, area_code: areaCode })
      .where('number', '>=', since)
      .orderBy('number', 'desc')
      .limit(MOST_READ)
      .select('ticket_id');
    return this.db
      .from(newest.as('t'))
      .join('ticket_parts as p', 'p.ticket_id', 't.ticket_id')
      .where('p.role', 'lead')
      .whereIn('p.state', ['concluded', 'returned'])
      .groupBy('p.unit_id')
      .select<PastUnit[]>(
        'p.unit_id as unitId',
        this.db.raw("(count(*) filter (where p.state = 'concluded'))::int as concluded"),
        this.db.raw("(count(*) filter (where p.state = 'returned'))::int as returned"),
      );
  }

  /** How often a ticket's lead units have handed it back, and who was the first. */
  async ofTicket(ticketId: string): Promise<{ returns: number; firstLeadUnitId: string | null }> {
    const leads = await this.db('ticket_parts')
      .where({ ticket_id: ticketId, role: 'lead' })
      .orderBy(['round', 'dispatched_at'])
      .select<{ unit_id: string; state: string }[]>('unit_id', 'state');
    return {
      returns: leads.filter(({ state }) => state === 'returned').length,
      firstLeadUnitId: leads[0]?.unit_id ?? null,
    };
  }
}
