import { useEffect, useRef } from 'react';
import { RingTone } from './ring-tone';

/** Makes a held citizen heard of: each reminder of the service sounds once. */
export function useHoldReminder(remindedAt: number | null): void {
  const tone = useRef<RingTone | null>(null);
  useEffect(() => {
    if (remindedAt === null) return;
    tone.current ??= new RingTone();
    tone.current.remind();
  }, [remindedAt]);
}
