import { useCallback, useEffect, useRef, useState } from 'react';
import type { SeatSignIn } from '../../desk/pop';
import type { Seat } from '../../seats/seat';
import { api } from '../shared/api';
import { BrowserPhone, type PhoneAccount } from './browser-phone';
import type { PhoneKind } from './call-controls';
import { PHONE_OFF, type AudioCount, type PhoneState } from './phone-state';

const KIND_KEY = 'hotline-phone-kind';
const COUNT_EVERY_MS = 1000;

export interface SeatPhone {
  kind: PhoneKind;
  /** The account to set up on a desk phone, for `sip`. */
  account: PhoneAccount | null;
  state: PhoneState;
  /** The last seconds of the call's audio. */
  counts: AudioCount[];
  signIn: (kind: PhoneKind) => Promise<void>;
  signOut: () => Promise<void>;
  answer: () => void;
  hangUpHere: () => void;
  checkMicrophone: () => void;
}

const keptKind = (): PhoneKind => (localStorage.getItem(KIND_KEY) === 'sip' ? 'sip' : 'browser');

/** Signs the seat in and out, and keeps its browser phone registered; after a refresh with the same secret. */
export function useSeatPhone(): SeatPhone {
  const [state, setState] = useState<PhoneState>(PHONE_OFF);
  const [kind, setKind] = useState<PhoneKind>(keptKind);
  const [account, setAccount] = useState<PhoneAccount | null>(null);
  const phone = useRef<BrowserPhone | null>(null);

  const use = useCallback((next: PhoneKind, given: PhoneAccount) => {
    setAccount(given);
    if (next === 'browser') phone.current?.start(given);
  }, []);

  useEffect(() => {
    const ours = new BrowserPhone(setState);
    phone.current = ours;
    let gone = false;
    const resume = () => {
      api.get<{ seat: Seat | null; phone: PhoneAccount | null }>('/desk/seat').then(
        (answer) => {
          if (gone || !answer.seat || answer.seat.state === 'signedOut' || !answer.phone) return;
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
    async (next: PhoneKind) => {
      if (next === 'browser') await phone.current?.checkMicrophone();
      const answer = await api.post<SeatSignIn>('/desk/seat', { phone: next });
      localStorage.setItem(KIND_KEY, next);
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
  return { kind, account, state, counts, signIn, signOut, answer, hangUpHere, checkMicrophone };
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
