import { may, type Action, type Role } from '../permissions';
import type { TicketState } from './ticket';

/**
 * The walk of a work order (B1), first cut, as one table of states × actions; the browser imports it too.
 *
 *   accepted ─dispatch (D2)→ dispatched
 *      └──── answer (D1) ──→ concluded
 */
export type TicketAction = 'dispatch' | 'answer';

export const TICKET_ACTIONS: Record<
  TicketAction,
  { from: readonly TicketState[]; to: TicketState; permission: Action; words: string; clause: string }
> = {
  dispatch: {
    from: ['accepted'],
    to: 'dispatched',
    permission: 'ticket.dispatch',
    words: '派单',
    clause: 'D2',
  },
  answer: {
    from: ['accepted'],
    to: 'concluded',
    permission: 'ticket.dispatch',
    words: '直接答复',
    clause: 'D1',
  },
};

/** What someone of a role may do with a ticket in a state. */
export function actionsFor(state: TicketState, role: Role): TicketAction[] {
  return (Object.keys(TICKET_ACTIONS) as TicketAction[]).filter((action) => {
    const { from, permission } = TICKET_ACTIONS[action];
    return from.includes(state) && may(role, permission);
  });
}
