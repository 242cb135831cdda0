import type { LineFacts, OfferOutcome } from '../events';
import type { Seat } from '../seats/seat';

/** A call as its seat's agent sees it. Instants are ms since the epoch. */
export type DeskCallStage = 'ringing' | 'talking' | 'held' | 'wrapUp' | 'over';

export interface DeskCall {
  callId: string;
  stage: DeskCallStage;
  muted: boolean;
  line: LineFacts & { script: string; defaultCategory: string | null };
  /** The number dialled and the diversions it went through, as normalised. */
  dialled: string;
  diversions: string[];
  caller: { masked: string; hidden: boolean; displayName: string };
  arrivedAt: number;
  offeredAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  offerReason: string;
}

/** What the pop adds once the database has answered; never delays the ring. */
export interface CallStory {
  callId: string;
  citizen: { citizenId: string; name: string; note: string } | null;
  lastCalls: {
    callId: string;
    at: number;
    lineName: string;
    answered: boolean;
    agentName: string | null;
    talkSeconds: number;
  }[];
  openTickets: {
    ticketId: string;
    number: string;
    title: string;
    state: string;
    unitName: string | null;
    dueAt: number | null;
  }[];
}

/** One entry of a seat's feed. `seq` grows by one within an `epoch`; a new epoch (Redis emptied) means: take the snapshot. */
export type FeedEntry = { seq: number; at: number } & (
  | { kind: 'call'; call: DeskCall }
  | { kind: 'story'; story: CallStory }
  | { kind: 'callOver'; callId: string; outcome: OfferOutcome | 'ended' }
  | { kind: 'seat'; seat: Seat }
);

/** What a connecting browser gets: the state now, and what it missed since the number it says. */
export interface DeskSnapshot {
  epoch: string;
  seq: number;
  seat: Seat | null;
  call: DeskCall | null;
  story: CallStory | null;
  missed: FeedEntry[];
}

/** socket.io: the browser emits `hello` with this and gets a DeskSnapshot as acknowledgement; then `feed` events with a FeedEntry. */
export interface DeskHello {
  epoch: string | null;
  lastSeq: number;
}

/** Answer of `POST /api/desk/seat`: what the browser phone registers with. */
export interface SeatSignIn {
  seat: Seat;
  phone: { account: string; secret: string; domain: string; wsPath: string };
}
