import { useEffect, useRef, useState } from 'react';
import { RingTone } from './ring-tone';

const TITLE = '坐席工作台 · 12345';

/** Rings, flashes the page's title and shows a desktop notice while `ringing` has words. Returns whether the browser mutes us. */
export function useRingAlert(ringing: string | null): boolean {
  const tone = useRef<RingTone | null>(null);
  const [blocked, setBlocked] = useState(false);

  useEffect(() => {
    const ring = new RingTone();
    tone.current = ring;
    const unlock = () => {
      ring.unlock();
      setBlocked(false);
    };
    for (const kind of ['pointerdown', 'keydown']) window.addEventListener(kind, unlock);
    return () => {
      ring.stop();
      for (const kind of ['pointerdown', 'keydown']) window.removeEventListener(kind, unlock);
    };
  }, []);

  useEffect(() => {
    if (ringing === null) return;
    tone.current?.start();
    const note = notify(ringing);
    let on = true;
    const flash = () => {
      document.title = on ? '【来电】请接听' : TITLE;
      on = !on;
      setBlocked(tone.current?.blocked ?? false);
    };
    flash();
    const timer = setInterval(flash, 800);
    return () => {
      clearInterval(timer);
      tone.current?.stop();
      note?.close();
      document.title = TITLE;
    };
  }, [ringing]);

  return blocked && ringing !== null;
}

/** Only where the agent has allowed it; the page itself asks by a button. */
function notify(words: string): Notification | null {
  if (!('Notification' in window) || Notification.permission !== 'granted' || document.hasFocus())
    return null;
  const note = new Notification('12345 来电', { body: words, tag: 'hotline-ring', requireInteraction: true });
  note.onclick = () => window.focus();
  return note;
}
