import type { CallDirection, CitizenState, InvitePurpose } from '../calls/call';
import type { LineFacts, OfferOutcome } from '../events';
import type { NotReadyReason, Seat, SupervisorAct } from '../seats/seat';
import type { ListenMode } from '../telephony/call-control';

/** `none`: not recorded, or not yet. */
export type RecordingState = 'running' | 'paused' | 'none';

/** A call as its seat's agent sees it. Instants are ms since the epoch. */
export type DeskCallStage = 'ringing' | 'talking' | 'held' | 'wrapUp' | 'over';

export interface DeskCall {
  callId: string;
  stage: DeskCallStage;
  muted: boolean;
  /** Whether the talk is being recorded now. */
  recording: RecordingState;
  /** The seat that owns the call decides what happens to it; a party may mute itself and leave. */
  role: 'owner' | 'party';
  direction: CallDirection;
  citizen: CitizenState;
  /** Who else is in the call, or is being rung for it. */
  parties: DeskParty[];
  /** Supervisors who hear this seat without being in the call; empty unless the setting shows them. */
  monitoredBy: { name: string; mode: ListenMode }[];
  /** The phone of this seat was lost in the talk and is rung again. */
  lost: boolean;
  /** When the citizen was put on hold, or the agent was last reminded of it. */
  heldSince: number | null;
  /** Who passed the call on, and why. */
  handover: { fromName: string | null; words: string } | null;
  /** Who has called this seat into the call, what for, and why; kept once the seat has answered. */
  invited: { purpose: InvitePurpose; fromName: string | null; words: string } | null;
  about: { ticketId: string | null; callbackId: string | null };
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
  /** The caller is on the nuisance list and is served all the same: why. */
  nuisance: string | null;
}

/** One more person in the call, as the agent sees it. */
export interface DeskParty {
  legId: string;
  name: string;
  seatId: string | null;
  emergency: boolean;
  purpose: InvitePurpose | null;
  state: 'ringing' | 'talking';
  since: number;
  /** A supervisor who came in by himself (强插). */
  barged?: boolean;
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
  | { kind: 'reminder'; callId: string; reminder: 'hold' }
  | { kind: 'seat'; seat: Seat }
  /** A supervisor has changed the seat's state. */
  | { kind: 'supervised'; act: SupervisorAct; byName: string; reason: NotReadyReason | null }
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
  /** Null at an ordinary telephone. */
  phone: { account: string; secret: string; domain: string; wsPath: string } | null;
}
