import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { DeskHello, DeskSnapshot, FeedEntry } from '../../desk/pop';
import { api } from '../shared/api';
import { openSocket } from '../shared/socket';
import { EMPTY_DESK, foldDesk, type DeskState } from './desk-feed';

/** Asked again this often although nothing seems missing: the screen must not stay wrong for longer. */
const LOOK_AGAIN_MS = 20_000;
const HELLO_LIMIT_MS = 5000;

export interface DeskFeed {
  desk: DeskState;
  /** Connected and up to date. */
  live: boolean;
  refresh: () => void;
  /** Clears a finished call from the screen. */
  dismiss: () => void;
}

/** The seat's feed: says hello with the last number seen, then follows; says it again after any hole or reconnection. */
export function useDeskFeed(): DeskFeed {
  const [desk, dispatch] = useReducer(foldDesk, EMPTY_DESK);
  const [connected, setConnected] = useState(false);
  const latest = useRef(desk);
  latest.current = desk;
  const hello = useRef<() => void>(() => undefined);

  useEffect(() => {
    const socket = openSocket();
    let asking = false;
    const sayHello = async () => {
      if (asking || !socket.connected) return;
      asking = true;
      const { epoch, seq } = latest.current;
      const greeting: DeskHello = { epoch, lastSeq: seq };
      try {
        const snapshot = readSnapshot(await socket.timeout(HELLO_LIMIT_MS).emitWithAck('hello', greeting));
        dispatch({ kind: 'snapshot', snapshot });
      } catch {
        setTimeout(() => void sayHello(), 1000);
      } finally {
        asking = false;
      }
    };
    hello.current = () => void sayHello();
    socket.on('connect', () => {
      setConnected(true);
      void sayHello();
    });
    socket.on('disconnect', () => {
      setConnected(false);
      dispatch({ kind: 'disconnected' });
    });
    // A refused connection may mean that the session is over; `/me` leads to the sign-in page then.
    socket.on('connect_error', () => void api.get('/me').catch(() => undefined));
    socket.on('feed', (entry: FeedEntry) => dispatch({ kind: 'entry', entry }));
    const timer = setInterval(() => void sayHello(), LOOK_AGAIN_MS);
    return () => {
      clearInterval(timer);
      socket.disconnect();
    };
  }, []);

  useEffect(() => {
    if (connected && desk.wantsHello) hello.current();
  }, [connected, desk.wantsHello]);

  const refresh = useCallback(() => hello.current(), []);
  const dismiss = useCallback(() => dispatch({ kind: 'dismissed' }), []);
  return { desk, live: connected && desk.synced, refresh, dismiss };
}

/** The acknowledgement is a snapshot, or says why there is none. */
function readSnapshot(answer: DeskSnapshot | { problem: { code: string } }): DeskSnapshot {
  if ('problem' in answer) throw new Error(answer.problem.code);
  return answer;
}
