import type { OpenTicket } from '../tickets/ticket-read.store';
import type { CitizenStore } from './citizen.store';
import type { CallStory } from './pop';

export interface StorySources {
  citizens: CitizenStore;
  /** The number's last calls, newest first (owned by calls/). */
  recentCalls(number: string, limit: number): Promise<CallStory['lastCalls']>;
  openTickets(number: string, limit: number): Promise<OpenTicket[]>;
}

const LAST_CALLS = 10;
const OPEN_TICKETS = 20;

/** The caller's whole story for the screen pop: who, last calls, what is still open. Never on the path of the ring. */
export class StoryService {
  constructor(private readonly sources: StorySources) {}

  /**
   * The story of a normalised number; an empty one for a caller who hides it (null), who is nobody's known citizen.
   * The call being answered is left out of the last calls.
   */
  async storyFor(callerNumber: string | null, callId: string): Promise<CallStory> {
    if (callerNumber === null) return { callId, citizen: null, lastCalls: [], openTickets: [] };
    const [citizen, calls, tickets] = await Promise.all([
      this.sources.citizens.byNumber(callerNumber),
      this.sources.recentCalls(callerNumber, LAST_CALLS + 1),
      this.sources.openTickets(callerNumber, OPEN_TICKETS),
    ]);
    return {
      callId,
      citizen,
      lastCalls: calls.filter((call) => call.callId !== callId).slice(0, LAST_CALLS),
      openTickets: tickets.map((ticket) => ({
        ticketId: ticket.ticket_id,
        number: ticket.number,
        title: ticket.title,
        state: ticket.state,
        unitName: ticket.lead_unit_name,
        dueAt: ticket.due_at?.getTime() ?? null,
      })),
    };
  }
}
