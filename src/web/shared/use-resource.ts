import { useCallback, useEffect, useRef, useState } from 'react';

export interface Resource<T> {
  /** The last good answer; stays while a reload runs or fails. */
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/**
 * Loads something when the page shows and whenever a dependency changes; the newest request wins.
 * Example: `const lines = useResource((signal) => api.get<Lines>('/lines', { signal }), [])`.
 */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  dependencies: readonly unknown[],
): Resource<T> {
  const [state, setState] = useState<Omit<Resource<T>, 'reload'>>({ data: null, error: null, loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    setState((was) => ({ ...was, loading: true }));
    latest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ data, error: null, loading: false }),
      (error: unknown) => !stop.signal.aborted && setState((was) => ({ ...was, error, loading: false })),
    );
    return () => stop.abort();
    // The caller names the dependencies; `load` itself is a new function each time.
  }, [...dependencies, round]);
  const reload = useCallback(() => setRound((was) => was + 1), []);
  return { ...state, reload };
}
