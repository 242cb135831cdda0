import { App } from 'antd';
import { useEffect, useRef, useState } from 'react';

/** Plays one sound at a time; `playing` is its address. Asked for the same again, it stops. */
export function usePlayer(): { playing: string | null; toggle: (url: string) => void } {
  const { message } = App.useApp();
  const sound = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState<string | null>(null);
  useEffect(() => () => sound.current?.pause(), []);
  const toggle = (url: string) => {
    sound.current?.pause();
    if (playing === url) {
      setPlaying(null);
      return;
    }
    const next = new Audio(url);
    sound.current = next;
    setPlaying(url);
    const over = () => setPlaying((was) => (was === url && sound.current === next ? null : was));
    next.onended = over;
    next.play().catch((fault: unknown) => {
      over();
      // Another one was asked for meanwhile.
      if (fault instanceof DOMException && fault.name === 'AbortError') return;
      void message.error('无法播放这段录音，请稍后再试');
    });
  };
  return { playing, toggle };
}
