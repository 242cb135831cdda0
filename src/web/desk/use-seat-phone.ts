import { useCallback, useEffect, useRef, useState } from 'react';
import type { SeatSignIn } from '../../desk/pop';
import type { Seat } from '../../seats/seat';
import { api } from '../shared/api';
import { BrowserPhone, type PhoneAccount } from './browser-phone';
import type { PhoneKind } from './call-controls';
import { PHONE_OFF, type AudioCount, type PhoneState } from './phone-state';

const KIND_KEY = 'hotline-phone-kind';
const NUMBER_KEY = 'hotline-phone-number';
const COUNT_EVERY_MS = 1000;

export interface SeatPhone {
  kind: PhoneKind;
  /** The account to set up on a desk phone, for `sip`. */
  account: PhoneAccount | null;
  state: PhoneState;
  /** The last seconds of the call's audio. */
  counts: AudioCount[];
  /** The ordinary telephone this browser last signed in with; empty: none. */
  number: string;
  signIn: (kind: PhoneKind, number: string) => Promise<void>;
  signOut: () => Promise<void>;
  answer: () => void;
  hangUpHere: () => void;
  checkMicrophone: () => void;
}

const keptKind = (): PhoneKind => {
  const kept = localStorage.getItem(KIND_KEY);
  return kept === 'sip' || kept === 'remote' ? kept : 'browser';
};

/** Signs the seat in and out, and keeps its browser phone registered; after a refresh with the same secret. */
export function useSeatPhone(): SeatPhone {
  const [state, setState] = useState<PhoneState>(PHONE_OFF);
  const [kind, setKind] = useState<PhoneKind>(keptKind);
  const [account, setAccount] = useState<PhoneAccount | null>(null);
  const phone = useRef<BrowserPhone | null>(null);

  const use = useCallback((next: PhoneKind, given: PhoneAccount | null) => {
    setAccount(given);
    if (next === 'browser' && given) phone.current?.start(given);
  }, []);

  useEffect(() => {
    const ours = new BrowserPhone(setState);
    phone.current = ours;
    let gone = false;
    const resume = () => {
      api.get<{ seat: Seat | null; phone: PhoneAccount | null }>('/desk/seat').then(
        (answer) => {
          if (gone || !answer.seat || answer.seat.state === 'signedOut') return;
          // Signed in at an ordinary telephone, whatever this browser was used for last.
          if (answer.seat.telephone !== null) return setKind('remote');
          if (!answer.phone) return;
          if (keptKind() === 'browser') void ours.checkMicrophone();
          use(keptKind(), answer.phone);
        },
        () => !gone && setTimeout(resume, 3000),
      );
    };
    resume();
    return () => {
      gone = true;
      ours.letGo();
    };
  }, [use]);

  const counts = useAudioCounts(phone, state.media === 'up');

  const signIn = useCallback(
    async (next: PhoneKind, number: string) => {
      if (next === 'browser') await phone.current?.checkMicrophone();
      const answer = await api.post<SeatSignIn>('/desk/seat', {
        phone: next,
        ...(next === 'remote' ? { number } : {}),
      });
      localStorage.setItem(KIND_KEY, next);
      if (next === 'remote') localStorage.setItem(NUMBER_KEY, number);
      setKind(next);
      use(next, answer.phone);
    },
    [use],
  );
  const signOut = useCallback(async () => {
    await api.delete('/desk/seat');
    phone.current?.stop();
    setAccount(null);
  }, []);
  const answer = useCallback(() => phone.current?.answer(), []);
  const hangUpHere = useCallback(() => phone.current?.hangUpHere(), []);
  const checkMicrophone = useCallback(() => void phone.current?.checkMicrophone(), []);
  const number = localStorage.getItem(NUMBER_KEY) ?? '';
  return { kind, account, number, state, counts, signIn, signOut, answer, hangUpHere, checkMicrophone };
}

/** Counts the packets of the last five seconds while media is up. */
function useAudioCounts(phone: { current: BrowserPhone | null }, up: boolean): AudioCount[] {
  const [counts, setCounts] = useState<AudioCount[]>([]);
  useEffect(() => {
    if (!up) return;
    setCounts([]);
    const timer = setInterval(() => {
      phone.current?.countAudio().then(
        (count) => count && setCounts((was) => [...was.slice(-5), count]),
        () => undefined,
      );
    }, COUNT_EVERY_MS);
    return () => clearInterval(timer);
  }, [phone, up]);
  return up ? counts : [];
}
