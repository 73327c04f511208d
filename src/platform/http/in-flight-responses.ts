import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createTally } from './tally.ts';

/**
 * How many requests of a connection may be unanswered at a time. Browsers and proxies send the next one when they have
 * the answer to the last. Each that waits holds a head of 16 kB at most.
 */
export const maxUnansweredRequests = 8;

/**
 * How much may be read of a connection behind a request that waits until the next one ends it, in bytes: heads and bodies
 * that nobody looks at yet. More than the largest request, and who sends ahead does so without bodies
 * (https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2).
 */
const maxWaitingBytes = 64 * 1024;

/** The responses that a server still owes, and its connections. */
export interface InFlightResponses {
  /**
   * Has the request served when those before it on its connection are answered, so that a connection is owed one
   * answer's bytes at a time. With more than `maxUnansweredRequests`, or `maxWaitingBytes`, the connection ends.
   */
  add(req: IncomingMessage, res: ServerResponse, serve: RequestListener): void;
  /** From now on this response, which is being made, counts until it is finished or its connection has closed. */
  enter(res: ServerResponse, client: string | undefined): void;
  /** How many have been entered, in all or for one client. */
  count(): number;
  countOf(client: string): number;
  connections(): number;
  /** Whether a request that has come over this connection, all of it, is still to be answered. */
  hasInFlight(socket: Duplex): boolean;
  /** Whether the last request that has begun to come over this connection is not all there. */
  isReading(socket: Duplex): boolean;
  /** One pass: ends each connection whose answer has taken so long, in milliseconds. `now` may count from any moment. */
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
 * be made anew all the time, and what it has become too small for keeps them in memory (docs/decisions/0026). The
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
      // Node goes on with what it has read already when the connection has ended.
      if (!connection || socket.destroyed) return;
      if (owesTooMuch(connection, bytesRead)) return void socket.destroy();
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

/** Whether a connection of which so much has been read cannot have one request more. */
function owesTooMuch({ unanswered }: Connection, bytesRead: number): boolean {
  const [, firstWaiting] = unanswered;
  const waitingBytes = firstWaiting ? bytesRead - firstWaiting.bytesRead : 0;
  return unanswered.length >= maxUnansweredRequests || waitingBytes > maxWaitingBytes;
}
