/**
 * The live side of the dashboard: what the server says unasked, over Socket.IO.
 *
 * The connection mends itself; after every new one the watched session is named again, and `onReturn`
 * tells the stores that they may have missed something.
 */
import { io } from 'socket.io-client';
import type { SessionNews } from './types';

export interface LiveEvents {
  readonly onConnection: (connected: boolean) => void;
  readonly onReturn: () => void;
  readonly onSessions: () => void;
  readonly onSession: (news: SessionNews) => void;
}

export interface Live {
  /** From now on news of this session is wanted; null ends it. */
  watch(id: string | null): void;
}

export function connectLive(events: LiveEvents): Live {
  // One connection at once where it can be had, instead of five requests that lead to it.
  const socket = io({
    reconnectionDelayMax: 3000,
    // Who answers at all answers sooner.
    timeout: 5000,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
  });
  let watched: string | null = null;
  let before = false;
  const name = (): void => {
    if (watched !== null) socket.emit('watch', { id: watched });
  };
  socket.on('connect', () => {
    events.onConnection(true);
    name();
    if (before) events.onReturn();
    before = true;
  });
  socket.on('disconnect', () => {
    events.onConnection(false);
  });
  socket.on('connect_error', () => {
    events.onConnection(false);
  });
  socket.on('sessions', events.onSessions);
  socket.on('session', events.onSession);
  return {
    watch(id) {
      watched = id;
      if (socket.connected) name();
    },
  };
}
