import type { LegSnapshot, ListenMode } from '../telephony/call-control';
import { isTalking, legsOf, readNote, type Call } from './call';

/**
 * A supervisor at a seat's call (监听, 耳语, 强插, 接管). The supervisor's phone rings first; the browser imports the
 * table too.
 *
 *   ringing ─answered→ listening ⇄ whispering ─barge→ barged ─takeOver→ takenOver
 *      └────────── stop, or the call, the seat or the phone ends it ──────→ ended
 */
export const MONITORING_STAGES = [
  'ringing',
  'listening',
  'whispering',
  'barged',
  'takenOver',
  'ended',
] as const;
export type MonitoringStage = (typeof MONITORING_STAGES)[number];

/** Why a monitoring is over. */
export const MONITORING_ENDS = {
  stopped: '班长结束',
  'hung-up': '班长挂机',
  'no-answer': '班长话机未接',
  unreachable: '班长话机无法接通',
  'call-ended': '通话已结束',
  'seat-left': '被监听坐席已离开通话',
  'taken-over': '班长已接管通话',
  lost: '交换机上的线路中断',
} as const;
export type MonitoringEnd = keyof typeof MONITORING_ENDS;

/** A stretch of time in one stage. Instants are ms since the epoch. */
export interface MonitoringSpan {
  stage: 'listening' | 'whispering' | 'barged';
  from: number;
  to: number | null;
}

/** One monitoring as it is now. Written onto the supervisor's leg after every change, so it outlives the service. */
export interface Monitoring {
  monitoringId: string;
  supervisorId: string;
  supervisorName: string;
  /** Holds the supervisor's own seat. */
  token: string;
  /** The supervisor's leg. */
  legId: string;
  /** The seat that is listened to, and its call. It ends when that seat leaves the call: nobody else was asked for. */
  seatId: string;
  callId: string;
  /** The leg that is heard now; null while it has to be asked for (again). */
  toLegId: string | null;
  mode: ListenMode;
  stage: MonitoringStage;
  /** As the supervisor wrote it; may be empty. */
  reason: string;
  askedAt: number;
  spans: MonitoringSpan[];
}

export type MonitoringMove = 'answered' | 'listen' | 'whisper' | 'barge' | 'takeOver' | 'stop';

export const MONITORING_MOVES: Record<MonitoringMove, Partial<Record<MonitoringStage, MonitoringStage>>> = {
  answered: { ringing: 'listening' },
  listen: { whispering: 'listening' },
  whisper: { listening: 'whispering' },
  barge: { listening: 'barged', whispering: 'barged' },
  takeOver: { listening: 'takenOver', whispering: 'takenOver', barged: 'takenOver' },
  stop: { ringing: 'ended', listening: 'ended', whispering: 'ended', barged: 'ended' },
};

const WISHES = ['listen', 'whisper', 'barge', 'takeOver', 'stop'] as const;

/** What the supervisor may ask for in this stage: decides which buttons show. */
export function monitoringWishes(stage: MonitoringStage): (typeof WISHES)[number][] {
  return WISHES.filter((move) => MONITORING_MOVES[move][stage] !== undefined);
}

/** The monitoring after a move; null when the table does not have it. */
export function moved(before: Monitoring, move: MonitoringMove, at: number): Monitoring | null {
  const target = MONITORING_MOVES[move][before.stage];
  if (target === undefined) return null;
  const stage = move === 'answered' && before.mode === 'whisper' ? 'whispering' : target;
  const mode = move === 'listen' || move === 'whisper' ? move : before.mode;
  const spans: MonitoringSpan[] = before.spans.map((span) => ({ ...span, to: span.to ?? at }));
  if (stage === 'listening' || stage === 'whispering' || stage === 'barged')
    spans.push({ stage, from: at, to: null });
  return { ...before, stage, mode, spans };
}

/** Whether the supervisor hears without being in the call. */
export function isListening({ stage }: Pick<Monitoring, 'stage'>): boolean {
  return stage === 'listening' || stage === 'whispering';
}

/** The leg of a seat that is up in a call: what a supervisor can listen to. */
export function legOfSeat(call: Call, seatId: string): string | null {
  return legsOf(call).find(({ seat, taken }) => seat?.seatId === seatId && taken)?.legId ?? null;
}

const ID_PREFIX = 'monitoring-';

/** An id that tells a monitoring from a call: a supervisor's seat is held under it. */
export function monitoringId(unique: string): string {
  return `${ID_PREFIX}${unique}`;
}

/** Whether a seat is held by listening, not by a call. */
export function listensNow({ callId }: { callId: string | null }): boolean {
  return callId?.startsWith(ID_PREFIX) ?? false;
}

/** What the call says of a monitoring: over, the call is the supervisor's now, a leg to hear, or nothing to do. */
export type Standing =
  | { kind: 'over'; why: MonitoringEnd }
  | { kind: 'owner' }
  | { kind: 'hear'; legId: string }
  | { kind: 'wait' };

/** Where a monitoring stands by its call. A seat that is rung again after its phone was lost is waited for. */
export function standing(monitoring: Monitoring, call: Call | null): Standing {
  if (!call || call.ended) return { kind: 'over', why: 'call-ended' };
  const { stage, supervisorId, seatId, legId } = monitoring;
  if (stage === 'barged') {
    if (call.talk?.seatId === supervisorId) return { kind: 'owner' };
    const inIt = call.parties.some((party) => party.legId === legId);
    return inIt ? { kind: 'wait' } : { kind: 'over', why: 'hung-up' };
  }
  if (call.rescue?.talk.seatId === seatId) return { kind: 'wait' };
  const heard = legOfSeat(call, seatId);
  return heard === null ? { kind: 'over', why: 'seat-left' } : { kind: 'hear', legId: heard };
}

/** Whether the supervisor can come into the call now; it must be the listened seat's own to be taken over. */
export function mayEnter(call: Call | null, seatId: string, move: 'barge' | 'takeOver'): boolean {
  return call !== null && isTalking(call) && (move === 'barge' || call.talk?.seatId === seatId);
}

/** A seat held by something else than a call. */
export interface HeldSeat {
  seatId: string;
  token: string;
  state: 'ringing' | 'talking';
  callId: string;
}

/** The supervisor's seat while he is not in the call; there the call itself holds it. */
export function seatHeld({ stage, supervisorId, token, monitoringId }: Monitoring): HeldSeat[] {
  if (stage !== 'ringing' && stage !== 'listening' && stage !== 'whispering') return [];
  const state = stage === 'ringing' ? 'ringing' : 'talking';
  return [{ seatId: supervisorId, token, state, callId: monitoringId }];
}

/** The monitoring whose note a leg carries; null for other legs. */
export function monitoringOn(leg: Pick<LegSnapshot, 'data'>): Monitoring | null {
  const note = readNote(leg.data);
  return note?.role === 'monitor' ? note.monitoring : null;
}
