import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface OpenAnswers {
  /** Whether a request that has come over this connection, all of it, is still to be answered. */
  areOwedTo(socket: Duplex): boolean;
  /**
   * From now on every answer that has not begun says `Connection: close`. A client that keeps its connections then opens
   * the next one elsewhere, instead of sending a request into a connection that is being closed.
   */
  announceEnd(): void;
}

/**
 * Keeps track of the answers that a server owes. Kept by connection, of which there are few: a `Set` of the answers
 * themselves would be made anew all the time, and what it has become too small for keeps them in memory
 * (docs/decisions/0026).
 */
export function openAnswers(server: Server): OpenAnswers {
  const byConnection = new Map<Duplex, ServerResponse[]>();
  let ending = false;
  server.on('connection', (socket: Duplex) => {
    byConnection.set(socket, []);
    socket.once('close', () => byConnection.delete(socket));
  });
  const watch = (req: IncomingMessage, res: ServerResponse) => {
    if (ending) res.setHeader('Connection', 'close');
    // The request's, since an answer that waits for the one before has no connection yet.
    const open = byConnection.get(req.socket);
    open?.push(res);
    res.once('close', () => open?.splice(open.indexOf(res), 1));
  };
  server.prependListener('request', watch);
  server.prependListener('checkExpectation', watch);
  return {
    areOwedTo: (socket) => byConnection.get(socket)?.some(({ req }) => req.complete) ?? false,
    announceEnd() {
      ending = true;
      for (const res of [...byConnection.values()].flat()) {
        if (!res.headersSent) res.setHeader('Connection', 'close');
      }
    },
  };
}
