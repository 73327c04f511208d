import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createTally } from './tally.ts';

/**
 * How many requests of a connection may be in flight at a time. Browsers and proxies send the next one when they have the
 * response to the last. Each that waits keeps a head of 16 kB at most.
 */
export const maxUnansweredRequests = 8;

/**
 * How many bytes of waiting requests may be read of a connection before the next one ends it: heads and bodies that nobody
 * reads yet. More than the largest request has, and clients that send ahead do so without bodies
 * (https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2).
 */
const maxWaitingBytes = 64 * 1024;

/** The responses of a server that are in flight, and its connections. */
export interface InFlightResponses {
  /**
   * Calls `serve` with the request when those before it on its connection are answered, so that a connection has the bytes of
   * one response in memory at a time. With more than `maxUnansweredRequests`, or `maxWaitingBytes`, the connection ends.
   */
  add(req: IncomingMessage, res: ServerResponse, serve: RequestListener): void;
  /** From now on this response, which is being made, counts until it is finished or its connection has closed. */
  enter(res: ServerResponse, client: string | undefined): void;
  /** How many have been entered, in all or for one client. */
  count(): number;
  countOf(client: string): number;
  connections(): number;
  /** Whether a request that has arrived completely over this connection is not answered yet. */
  hasInFlight(socket: Duplex): boolean;
  /** Whether the last request of this connection has not arrived completely. */
  isReading(socket: Duplex): boolean;
  /** One pass: ends each connection whose response has taken `maxMs` milliseconds. `now` may count from any moment. */
  endSlowReaders(maxMs: number, now: number): void;
  /**
   * From now on every response that has not begun says `Connection: close`. A client that keeps its connections then opens
   * the next one elsewhere, instead of sending a request into a connection that is being closed.
   */
  startDraining(): void;
  isDraining(): boolean;
}

interface Unanswered {
  req: IncomingMessage;
  res: ServerResponse;
  serve: RequestListener;
  /** How much had been read of the connection when this one came. */
  bytesRead: number;
}

interface Connection {
  /** Oldest first. Only the first is served. */
  unanswered: Unanswered[];
  /** When a pass has seen the first one for the first time. */
  seenAt: number | undefined;
  /** Whether the first one counts, and for which client. */
  entered: boolean;
  client: string | undefined;
}

/**
 * Keeps track of the responses in flight. By connection, since there are few: a `Set` of the responses themselves would
 * be rebuilt all the time, and its old tables would keep them in memory (docs/decisions/0026). The
 * listeners are shared by all connections and responses, so that none costs a closure.
 */
export function trackInFlightResponses(server: Server): InFlightResponses {
  const byConnection = new Map<Duplex, Connection>();
  const byClient = createTally();
  let count = 0;
  let draining = false;

  function leave(connection: Connection): void {
    if (connection.entered) count--;
    if (connection.client !== undefined) byClient.remove(connection.client);
    Object.assign(connection, { entered: false, client: undefined, seenAt: undefined });
  }

  function removeConnection(this: Duplex): void {
    const connection = byConnection.get(this);
    if (connection) leave(connection);
    byConnection.delete(this);
  }

  function removeResponse(this: ServerResponse): void {
    const { socket } = this.req;
    const connection = byConnection.get(socket);
    if (connection?.unanswered[0]?.res !== this) return;
    leave(connection);
    connection.unanswered.shift();
    const next = connection.unanswered[0];
    if (next && !socket.destroyed) next.serve(next.req, next.res);
  }

  server.on('connection', (socket: Duplex) => {
    byConnection.set(socket, { unanswered: [], seenAt: undefined, entered: false, client: undefined });
    socket.on('close', removeConnection);
  });
  return {
    add(req, res, serve) {
      // The request's, since a response that waits for the one before has no connection yet.
      const { socket } = req;
      const { bytesRead } = socket;
      const connection = byConnection.get(socket);
      // Node continues with what it has read already when the connection has ended.
      if (!connection || socket.destroyed) return;
      if (exceedsLimits(connection, bytesRead)) return void socket.destroy();
      connection.unanswered.push({ req, res, serve, bytesRead });
      res.on('close', removeResponse);
      if (connection.unanswered.length === 1) serve(req, res);
    },
    enter(res, client) {
      const connection = byConnection.get(res.req.socket);
      if (!connection) return;
      Object.assign(connection, { entered: true, client });
      count++;
      if (client !== undefined) byClient.add(client);
    },
    count: () => count,
    countOf: byClient.of,
    connections: () => byConnection.size,
    hasInFlight: (socket) => byConnection.get(socket)?.unanswered.some(({ req }) => req.complete) ?? false,
    isReading: (socket) => byConnection.get(socket)?.unanswered.at(-1)?.req.complete === false,
    endSlowReaders(maxMs, now) {
      for (const [socket, connection] of byConnection) {
        if (connection.unanswered.length === 0) continue;
        connection.seenAt ??= now;
        if (now - connection.seenAt >= maxMs) socket.destroy();
      }
    },
    startDraining() {
      draining = true;
      for (const { res } of [...byConnection.values()].flatMap(({ unanswered }) => unanswered)) {
        if (!res.headersSent) res.setHeader('Connection', 'close');
      }
    },
    isDraining: () => draining,
  };
}

/** Whether one request more is past the limits of a connection of which so many bytes have been read. */
function exceedsLimits({ unanswered }: Connection, bytesRead: number): boolean {
  const [, firstWaiting] = unanswered;
  const waitingBytes = firstWaiting ? bytesRead - firstWaiting.bytesRead : 0;
  return unanswered.length >= maxUnansweredRequests || waitingBytes > maxWaitingBytes;
}
