import type { TicketState } from '../tickets/ticket';
import type { CallOutcome } from './call-record';

/** As much of a work order as the people of a parallel line see beside a call. */
export interface SharedTicket {
  number: string;
  title: string;
  state: TicketState;
}

/** How a call came to the line's people: on the line itself, by transfer, overflow or three-way, or from its exchange. */
export type SharedVia = 'line' | 'transfer' | 'overflow' | 'threeWay' | 'consult' | 'exchange';

/** A call as the people of its parallel line see it; instants are ms since the epoch. */
export interface SharedCall {
  callId: string;
  at: number;
  lineName: string;
  masked: string;
  via: SharedVia;
  /** Their own seats talked with the citizen. */
  reached: boolean;
  outcome: CallOutcome;
  talkSeconds: number;
  tickets: SharedTicket[];
}

export interface SharedStory {
  call: SharedCall;
  /** Of the citizen: only where the call was passed on to the line's people. */
  citizen: {
    name: string | null;
    lastCalls: { at: number; lineName: string; answered: boolean }[];
    openTickets: SharedTicket[];
  } | null;
}
