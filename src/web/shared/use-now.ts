import { useEffect, useState } from 'react';
import { api } from './api';

/** The service's clock, refreshed every `everyMs`: for timers and countdowns. Ms since the epoch. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => api.serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(api.serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
