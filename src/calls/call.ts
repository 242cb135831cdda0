import type { LineFacts, OfferReason } from '../events';
import type { IntakeStage, MenuChoice } from '../intake/intake';
import type { Monitoring } from './monitoring';
import type { NuisanceVerdict } from './nuisance';

/** Who began the contact: the citizen, an agent, or the hotline that owes a callback (漏接回拨). */
export type CallDirection = 'inbound' | 'outbound' | 'callback';

/** Where the citizen is: on the line, still to be dialled (outbound, callback), being rung, or gone while others talk on. */
export type CitizenState = 'up' | 'toDial' | 'ringing' | 'gone';

/** A ringing seat. `answeredAt` is set when the agent picked up while the notice still plays to the citizen. */
export interface Offer {
  seatId: string;
  legId: string;
  /** The seat's reservation is released or confirmed only with this. */
  token: string;
  attempt: number;
  offeredAt: number;
  answeredAt: number | null;
  /** Rung at an ordinary telephone: only key 1 takes it, so that no voice mailbox does. */
  needsKey: boolean;
  /** When such a telephone was picked up, and the key was asked for. */
  pickedUpAt: number | null;
  reason: OfferReason;
}

/** The seat that owns the call: it decides what happens to it. */
export interface Talk {
  seatId: string;
  legId: string;
  token: string;
  since: number;
  held: boolean;
  /** When the hold began, or the agent was last reminded of it. */
  heldSince: number | null;
  muted: boolean;
  /** At an ordinary telephone, as in an offer. */
  needsKey: boolean;
}

/** An outside number that may be called in or given the call; checked against the dial rules before it comes here. */
export interface Outside {
  number: string;
  name: string;
  /** The parallel line (M3) whose destination it is. */
  lineId: string | null;
  /** 110, 119, 120, 122 (D3 kind 3). */
  emergency: boolean;
}

/** Somebody in the call besides the citizen and the seat that owns it: another seat, or somebody outside. */
export interface Party {
  legId: string;
  name: string;
  seat: { seatId: string; token: string } | null;
  outside: Outside | null;
  since: number;
  muted: boolean;
  /** A supervisor who came in by himself (强插): the agent cannot send him out. */
  barged?: boolean;
  /** A seat at an ordinary telephone, as in an offer. */
  needsKey: boolean;
}

/**
 * What a party is rung for: `consult` (咨询: the citizen waits meanwhile), `threeWay` (三方通话: joins the talk at once),
 * `transfer` (转接: the agent has left, the citizen waits), `overflow` (溢出: a waiting call tries a parallel line, M3).
 */
export type InvitePurpose = 'consult' | 'threeWay' | 'transfer' | 'overflow';

export interface Invite {
  purpose: InvitePurpose;
  party: Party;
  /** As in an offer. */
  pickedUpAt: number | null;
  /** The seat that wished it; null: the hotline itself. */
  by: string | null;
  words: string;
}

/** A seat whose phone was lost in the talk: it is rung again until the limit. */
export interface Rescue {
  talk: Talk;
  /** The leg that is rung now; null while the phone is away. */
  legId: string | null;
  /** As in an offer. */
  pickedUpAt: number | null;
  rungAt: number;
  until: number;
}

/** Why the next seat gets this call: shown on its screen. */
export interface Handover {
  from: string | null;
  words: string;
}

/**
 * What is done with a citizen when no agent is with him any more, or none is to be had: the rating by key (好差评, E1), a
 * voice message, the words to a caller on the nuisance list, or last words before the hotline hangs up.
 */
export type Closing =
  | { stage: 'rating'; seatId: string; until: number }
  | { stage: 'message'; recordingId: string; startedAt: number | null; until: number }
  | { stage: 'refusal'; until: number }
  | { stage: 'goodbye'; endedBy: 'seat' | 'system'; until: number };

/**
 * One citizen's contact as it is now. Written onto its anchor leg after every change, so it outlives the service.
 * Instants are ms since the epoch.
 */
export interface Call {
  callId: string;
  direction: CallDirection;
  citizen: CitizenState;
  citizenLeg: string;
  /** The number to dial for a citizen who is still to be dialled; checked. */
  dialTo: string | null;
  /** What an outbound call or a callback is about: a work order, an abandoned call. */
  about: { ticketId: string | null; callbackId: string | null };
  line: LineFacts;
  /** What a caller hears first, one after another; a placed call has none. */
  greeting: string[];
  menu: MenuChoice[];
  priority: number;
  /** What the nuisance list says of the caller; null for almost everybody. */
  nuisance: NuisanceVerdict | null;
  /** Why it has more priority than an ordinary call; empty: it has not. */
  priorityWhy: string;
  /** The seat that talked with this citizen last and is tried first. */
  lastAgent: string | null;
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
  /** The prompt playing now to the citizen. */
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
  invite: Invite | null;
  parties: Party[];
  rescue: Rescue | null;
  handover: Handover | null;
  closing: Closing | null;
  /** An overflow to a parallel line has been tried (M3): once per call. */
  overflowed: boolean;
  ended: boolean;
}

/** What a new call does not have yet. */
export const NOTHING_YET = {
  greeting: [] as string[],
  nuisance: null,
  priorityWhy: '',
  lastAgent: null as string | null,
  waitingSince: null,
  intake: 'arrived',
  noticeHeard: false,
  promptId: null,
  promptCount: 0,
  choiceUntil: null,
  announcedAt: null,
  attempts: 0,
  version: 0,
  offer: null,
  talk: null,
  invite: null,
  parties: [] as Party[],
  rescue: null,
  handover: null,
  closing: null,
  overflowed: false,
  ended: false,
} as const satisfies Partial<Call>;

/** In the queue and free to be offered to a seat. */
export function isWaiting(call: Call): boolean {
  const taken = call.offer ?? call.talk ?? call.invite ?? call.rescue ?? call.closing;
  return !call.ended && call.waitingSince !== null && taken === null && call.parties.length === 0;
}

/** Whether the citizen is past what must be heard before a talk: an outbound call has its notice when he answers. */
function heard(call: Call): boolean {
  return call.intake === 'queued';
}

/** Citizen and agent have each other: the citizen is on the line and has heard the notice (he may be on hold). */
export function isTalking(call: Call): boolean {
  return call.talk !== null && call.citizen === 'up' && heard(call);
}

/** Whether the call rings or talks at this parallel line's own seats (M3). */
export function isAtLine({ invite, parties }: Call, lineId: string): boolean {
  return [invite?.party, ...parties].some((party) => party?.outside?.lineId === lineId);
}

/** A leg a call has, or wants to have, on the switch. */
export interface CallLeg {
  legId: string;
  who: 'citizen' | 'seat' | 'party';
  /** Being rung by us, or up. */
  state: 'ringing' | 'up';
  /** Whoever is at it has taken the call; a telephone that was picked up has not until the key. */
  taken: boolean;
  /** In the talk, out of it, or either. */
  place: 'talk' | 'apart' | 'either';
  /** The seat at that leg. */
  seat: { seatId: string; token: string } | null;
}

/** Every leg of a call, with where it belongs: what the reconciler compares the switch and the seats with. */
export function legsOf(call: Call): CallLeg[] {
  const { talk, offer, invite, rescue, parties } = call;
  const legs: CallLeg[] = [];
  const up = call.citizen === 'up';
  const held = talk?.held ?? rescue?.talk.held ?? false;
  const joined = up && heard(call) && !held && !call.closing && (talk !== null || parties.length > 0);
  if (up || call.citizen === 'ringing')
    legs.push({
      legId: call.citizenLeg,
      who: 'citizen',
      state: up ? 'up' : 'ringing',
      taken: up,
      place: joined ? 'talk' : 'apart',
      seat: null,
    });
  if (talk)
    legs.push({
      legId: talk.legId,
      who: 'seat',
      state: 'up',
      taken: true,
      place: joined || parties.length ? 'talk' : 'either',
      seat: { seatId: talk.seatId, token: talk.token },
    });
  if (offer) {
    const { seatId, legId, token, answeredAt, pickedUpAt } = offer;
    const taken = answeredAt !== null;
    const state = taken || pickedUpAt !== null ? 'up' : 'ringing';
    legs.push({ legId, who: 'seat', state, taken, place: 'apart', seat: { seatId, token } });
  }
  if (rescue?.legId) {
    const { legId, pickedUpAt } = rescue;
    const state = pickedUpAt === null ? 'ringing' : 'up';
    legs.push({ legId, who: 'seat', state, taken: false, place: 'apart', seat: null });
  }
  if (invite) {
    const { party, pickedUpAt } = invite;
    const state = pickedUpAt === null ? 'ringing' : 'up';
    legs.push({ ...legOf(party), state, taken: false, place: 'apart' });
  }
  for (const party of parties) legs.push({ ...legOf(party), state: 'up', taken: true, place: 'talk' });
  return legs;
}

const legOf = ({ legId, seat }: Party) => ({ legId, who: 'party', seat }) as const;

/** The seats a call holds, with the state they must be in. */
export function seatsOf(call: Call): { seatId: string; token: string; state: 'ringing' | 'talking' }[] {
  const seats: ReturnType<typeof seatsOf> = legsOf(call).flatMap(({ seat, taken }) =>
    seat ? [{ ...seat, state: taken ? 'talking' : 'ringing' }] : [],
  );
  if (call.rescue) {
    const { seatId, token } = call.rescue.talk;
    seats.push({ seatId, token, state: 'talking' });
  }
  return seats;
}

/** The leg that carries the call's note: the citizen's, or that of whoever is there while the citizen is not. */
export function anchorLeg(call: Call): string | null {
  if (call.citizen === 'up' || call.citizen === 'ringing') return call.citizenLeg;
  return call.talk?.legId ?? call.parties[0]?.legId ?? null;
}

/** The note on a leg: the anchor carries the whole call, a rung leg what it is rung for. */
export type LegNote =
  | { role: 'call'; call: Call }
  | { role: 'seat'; callId: string; offer: Offer }
  | { role: 'party'; callId: string }
  | { role: 'monitor'; monitoring: Monitoring };

/** Reads a note back; null for anything that is not ours. */
export function readNote(data: string | null): LegNote | null {
  if (!data) return null;
  try {
    const note = JSON.parse(data) as LegNote;
    if (note.role === 'call' && typeof note.call?.callId === 'string') return note;
    if (note.role === 'seat' && typeof note.callId === 'string' && typeof note.offer?.token === 'string')
      return note;
    if (note.role === 'party' && typeof note.callId === 'string') return note;
    if (note.role === 'monitor' && typeof note.monitoring?.token === 'string') return note;
  } catch {
    // Not JSON: somebody else's variable.
  }
  return null;
}
