import type { LineFacts, OfferReason } from '../events';
import type { IntakeStage, MenuChoice } from '../intake/intake';

/** A ringing seat. `answeredAt` is set when the agent picked up while the notice still plays to the citizen. */
export interface Offer {
  seatId: string;
  legId: string;
  /** The seat's reservation is released or confirmed only with this. */
  token: string;
  attempt: number;
  offeredAt: number;
  answeredAt: number | null;
  reason: OfferReason;
}

export interface Talk {
  seatId: string;
  legId: string;
  token: string;
  since: number;
  held: boolean;
  muted: boolean;
}

/**
 * One citizen's contact as it is now. Written onto the citizen's leg after every change, so it outlives the service.
 * Instants are ms since the epoch.
 */
export interface Call {
  callId: string;
  citizenLeg: string;
  line: LineFacts;
  greetingSound: string;
  menu: MenuChoice[];
  priority: number;
  callerNumber: string | null;
  callerName: string;
  callerHidden: boolean;
  dialled: string;
  diversions: string[];
  arrivedAt: number;
  /** When it joined the queue; kept through every failed offer, so the place is kept too. */
  waitingSince: number | null;
  intake: IntakeStage;
  noticeHeard: boolean;
  /** The prompt playing now. */
  promptId: string | null;
  promptCount: number;
  /** Until when a digit is awaited after the menu's words; null while they play or when there is no menu. */
  choiceUntil: number | null;
  /** When the position was last told; null: not yet. */
  announcedAt: number | null;
  attempts: number;
  /** Grows with every note, so that the newer of two copies is known. */
  version: number;
  offer: Offer | null;
  talk: Talk | null;
  ended: boolean;
}

/** In the queue and free to be offered to a seat. */
export function isWaiting(call: Call): boolean {
  return !call.ended && call.waitingSince !== null && call.offer === null && call.talk === null;
}

/** The note on a leg: a citizen's leg carries the whole call, a seat's leg carries its offer. */
export type LegNote = { role: 'citizen'; call: Call } | { role: 'seat'; callId: string; offer: Offer };

/** Reads a note back; null for anything that is not ours. */
export function readNote(data: string | null): LegNote | null {
  if (!data) return null;
  try {
    const note = JSON.parse(data) as LegNote;
    if (note.role === 'citizen' && typeof note.call?.callId === 'string') return note;
    if (note.role === 'seat' && typeof note.callId === 'string' && typeof note.offer?.token === 'string')
      return note;
  } catch {
    // Not JSON: somebody else's variable.
  }
  return null;
}
