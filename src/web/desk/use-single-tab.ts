import { useEffect, useRef, useState } from 'react';

export type TabPlace = 'waiting' | 'here' | 'elsewhere' | 'moved';

/**
 * One desk per person and browser: two pages would register two phones and both would ring. The first page holds a
 * Web Lock; a second one says so, takes over by itself when the first closes, or on request when the first has no call.
 */
export function useSingleTab(
  personId: string,
  inCall: boolean,
): { place: TabPlace; takeOver: () => void; refused: boolean } {
  const [place, setPlace] = useState<TabPlace>('waiting');
  const [refused, setRefused] = useState(false);
  const busy = useRef(inCall);
  busy.current = inCall;
  const channel = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    const locks = navigator.locks as LockManager | undefined;
    if (!locks) {
      // Not a secure page: no locks, and no browser phone either.
      setPlace('here');
      return;
    }
    const name = `hotline-desk-${personId}`;
    const stop = new AbortController();
    let release: () => void = () => undefined;
    const talk = new BroadcastChannel(name);
    channel.current = talk;
    talk.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === 'refused') setRefused(true);
      if (data !== 'please-leave') return;
      if (busy.current) return talk.postMessage('refused');
      release();
      setPlace((was) => (was === 'here' ? 'moved' : was));
    };
    const soon = setTimeout(() => setPlace((was) => (was === 'waiting' ? 'elsewhere' : was)), 600);
    const held = () => {
      setPlace('here');
      return new Promise<void>((resolve) => (release = resolve));
    };
    locks.request(name, { signal: stop.signal }, held).catch(() => undefined);
    return () => {
      clearTimeout(soon);
      stop.abort();
      release();
      talk.close();
    };
  }, [personId]);
  const takeOver = () => {
    setRefused(false);
    channel.current?.postMessage('please-leave');
  };
  return { place, takeOver, refused };
}
