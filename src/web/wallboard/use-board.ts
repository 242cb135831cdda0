import { useCallback, useEffect, useState } from 'react';
import type { Board } from '../../performance/board';
import { api } from '../shared/api';
import { openSocket } from '../shared/socket';

/** A pushed board may be missed (socket.io delivers at most once) and its service may end: so it is asked for too. */
const ASK_EVERY_MS = 20_000;

export interface LiveBoard {
  board: Board | null;
  connected: boolean;
  /** The figures come from another service than the one this page talks to. */
  standby: boolean;
  /** Why the last asking failed; null when it did not. */
  fault: unknown;
  reload: () => void;
}

/** The board as it is pushed; the last one stays while the connection is lost. */
export function useBoard(): LiveBoard {
  const [board, setBoard] = useState<Board | null>(null);
  const [connected, setConnected] = useState(false);
  const [asked, setAsked] = useState<{ standby: boolean; fault: unknown }>({ standby: false, fault: null });
  const take = useCallback((next: Board) => setBoard((was) => (was && was.at > next.at ? was : next)), []);
  const reload = useCallback(() => {
    api.get<Board & { standby: boolean }>('/wallboard').then(
      ({ standby, ...next }) => {
        take(next);
        setAsked({ standby, fault: null });
      },
      (fault: unknown) => setAsked((was) => ({ ...was, fault })),
    );
  }, [take]);
  useEffect(() => {
    const socket = openSocket();
    socket.on('connect', () => {
      setConnected(true);
      reload();
    });
    socket.on('disconnect', () => setConnected(false));
    socket.on('board', take);
    const timer = setInterval(reload, ASK_EVERY_MS);
    return () => {
      clearInterval(timer);
      socket.disconnect();
    };
  }, [reload, take]);
  return { board, connected, ...asked, reload };
}
