import type { Call } from '../calls/call';
import { maskDiversions, maskNumber, maskNumbersIn } from '../lines/phone-number';
import type { DeskCall } from './pop';

/** What the desk shows of a call, for the seat that is offered it or talks in it; null when it is neither. */
export function deskCall(
  call: Call,
  seatId: string,
  line: { script: string; defaultCategory: string | null },
): DeskCall | null {
  const { callId, offer, talk } = call;
  const mine = talk?.seatId === seatId ? talk : offer?.seatId === seatId ? offer : null;
  if (!mine) return null;
  const caller = {
    masked: maskNumber(call.callerHidden ? null : call.callerNumber),
    hidden: call.callerHidden,
    displayName: maskNumbersIn(call.callerName),
  };
  return {
    callId,
    stage: talk ? (talk.held ? 'held' : 'talking') : 'ringing',
    muted: talk?.muted ?? false,
    line: { ...call.line, script: line.script, defaultCategory: line.defaultCategory },
    dialled: call.dialled,
    diversions: maskDiversions(call.diversions, call.line.matchedNumber),
    caller,
    arrivedAt: call.arrivedAt,
    offeredAt: offer?.offeredAt ?? call.arrivedAt,
    answeredAt: talk?.since ?? null,
    endedAt: null,
    offerReason: offer?.reason.words ?? '',
  };
}
