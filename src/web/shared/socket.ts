import { useEffect, useRef, useState } from 'react';
import { io, type Socket } from 'socket.io-client';

/** A live connection to the service (same origin, session cookie); reconnects for ever. */
export function openSocket(): Socket {
  return io({
    transports: ['websocket', 'polling'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    timeout: 8000,
  });
}

/** What the service tells its rooms, as `audiences.ts` shows it to this person. */
export interface RoomEvent {
  kind: string;
  [fact: string]: unknown;
}

/**
 * Hears the rooms' events while the component shows. socket.io delivers at most once, so `onBack` is called on every
 * (re)connection: load again there. Returns whether the connection is up.
 */
export function useRoomEvents(
  onEvent: (event: RoomEvent) => void,
  onBack: () => void = () => undefined,
): boolean {
  const [connected, setConnected] = useState(false);
  const handlers = useRef({ onEvent, onBack });
  handlers.current = { onEvent, onBack };
  useEffect(() => {
    const socket = openSocket();
    let first = true;
    socket.on('connect', () => {
      setConnected(true);
      if (!first) handlers.current.onBack();
      first = false;
    });
    socket.on('disconnect', () => setConnected(false));
    socket.on('event', (event: RoomEvent) => handlers.current.onEvent(event));
    return () => {
      socket.disconnect();
    };
  }, []);
  return connected;
}
