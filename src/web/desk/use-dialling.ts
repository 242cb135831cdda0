import { useState } from 'react';
import type { Callee } from '../../calls/outward.service';
import { SEAT_MOVES, type Seat } from '../../seats/seat';
import { api } from '../shared/api';
import { faultWords } from '../shared/problem';
import type { SeatPhone } from './use-seat-phone';

export interface Dialling {
  /** Why no call can be placed now; null: it can. */
  why: string | null;
  busy: boolean;
  /** The service's reason for not dialling the last number. */
  refusal: string | null;
  forget: () => void;
  /** Masked numbers are never needed here: the service knows the citizen of a call or a work order. */
  call: (to: Callee) => Promise<boolean>;
}

/** Places the agent's own calls. */
export function useDialling(seat: Seat | null, phone: SeatPhone, refresh: () => void): Dialling {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const call = async (to: Callee) => {
    setBusy(true);
    setRefusal(null);
    try {
      await api.post('/desk/calls', { to });
      refresh();
      return true;
    } catch (fault) {
      setRefusal(faultWords(fault));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { why: whyNot(seat, phone), busy, refusal, forget: () => setRefusal(null), call };
}

function whyNot(seat: Seat | null, phone: SeatPhone): string | null {
  if (!seat || seat.state === 'signedOut') return '签入坐席后才能外呼';
  if (!SEAT_MOVES.callOut.from.includes(seat.state)) return '通话中不能外呼';
  const online = phone.kind === 'browser' ? phone.state.line === 'registered' : seat.phoneReachable;
  return online ? null : '话机离线，不能外呼';
}
