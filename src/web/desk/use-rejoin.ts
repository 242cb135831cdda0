import { useEffect, useRef } from 'react';
import { answersItself, mayRejoin } from '../../calls/call-actions';
import { api } from '../shared/api';
import { stageNow, type DeskState } from './desk-feed';
import type { SeatPhone } from './use-seat-phone';

/** A hang-up is on the phone before it is on the screen: only a voice that stays away this long is lost. */
const VOICELESS_MS = 1200;
const TRY_AGAIN_MS = 6000;

/**
 * A page that was loaded anew in a talk has no voice: once its phone is registered it asks for the call back, and takes
 * the ring that follows. The ring of the agent's own outbound call is taken too; every other waits for the agent.
 */
export function useRejoin(desk: DeskState, live: boolean, phone: SeatPhone): void {
  const { call } = desk;
  const stage = stageNow(desk);
  const { kind, state, answer } = phone;
  const shown = call && stage !== null ? { ...call, stage } : null;

  // Where the microphone is refused the phone goes back to ringing, and the agent decides.
  const microphone = state.microphone === 'ok' || state.microphone === 'unknown';
  const rings = kind === 'browser' && state.media === 'ringing' && microphone;
  const ring = rings && shown !== null && answersItself(shown) ? shown.callId : null;
  useEffect(() => {
    if (ring !== null) answer();
  }, [ring, answer]);

  const voiceless =
    live &&
    kind === 'browser' &&
    state.line === 'registered' &&
    state.media === 'none' &&
    shown !== null &&
    mayRejoin(shown);
  const lostCall = voiceless ? shown.callId : null;
  const asking = useRef(false);
  useEffect(() => {
    if (lostCall === null) return;
    const ask = () => {
      if (asking.current) return;
      asking.current = true;
      api
        .post(`/desk/calls/${lostCall}/rejoin`)
        .catch((fault: unknown) => console.warn('The call could not be asked back', fault))
        .finally(() => (asking.current = false));
    };
    const first = setTimeout(ask, VOICELESS_MS);
    const again = setInterval(ask, TRY_AGAIN_MS);
    return () => {
      clearTimeout(first);
      clearInterval(again);
    };
  }, [lostCall]);
}
