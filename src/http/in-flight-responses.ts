import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The responses that a server still owes, and its connections. */
export interface InFlightResponses {
  /** From now on the response counts, until it is finished or its connection has closed. */
  add(req: IncomingMessage, res: ServerResponse): void;
  /** How many there are. */
  count(): number;
  connections(): number;
  /** Whether a request that has come over this connection, all of it, is still to be answered. */
  hasInFlight(socket: Duplex): boolean;
  /**
   * From now on every response that has not begun says `Connection: close`. A client that keeps its connections then opens
   * the next one elsewhere, instead of sending a request into a connection that is being closed.
   */
  startDraining(): void;
  isDraining(): boolean;
}

/**
 * Keeps track of the responses in flight. By connection, since there are few: a `Set` of the responses themselves would
 * be made anew all the time, and what it has become too small for keeps them in memory (docs/decisions/0026). And since
 * Node never reports the end of a response that was waiting behind another one when their connection closed. The
 * listeners are shared by all connections and responses, so that none costs a closure.
 */
export function trackInFlightResponses(server: Server): InFlightResponses {
  const byConnection = new Map<Duplex, ServerResponse[]>();
  let count = 0;
  let draining = false;

  function removeConnection(this: Duplex): void {
    count -= byConnection.get(this)?.length ?? 0;
    byConnection.delete(this);
  }

  function removeResponse(this: ServerResponse): void {
    const open = byConnection.get(this.req.socket);
    const index = open?.indexOf(this) ?? -1;
    if (!open || index === -1) return;
    open.splice(index, 1);
    count--;
  }

  server.on('connection', (socket: Duplex) => {
    byConnection.set(socket, []);
    socket.on('close', removeConnection);
  });
  return {
    add(req, res) {
      // The request's, since a response that waits for the one before has no connection yet.
      const open = byConnection.get(req.socket);
      if (!open) return;
      open.push(res);
      count++;
      res.on('close', removeResponse);
    },
    count: () => count,
    connections: () => byConnection.size,
    hasInFlight: (socket) => byConnection.get(socket)?.some(({ req }) => req.complete) ?? false,
    startDraining() {
      draining = true;
      for (const res of [...byConnection.values()].flat()) {
        if (!res.headersSent) res.setHeader('Connection', 'close');
      }
    },
    isDraining: () => draining,
  };
}
