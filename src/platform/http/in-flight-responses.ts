import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createTally } from './tally.ts';

/**
 * Maximum of requests in flight on a connection. Browsers and proxies send the next request after the response to the last.
 * A waiting request keeps a head of 16 kB at most.
 */
export const maxUnansweredRequests = 8;

/**
 * Maximum of bytes that are read from a connection for waiting requests; another request beyond it ends the connection. More
 * than the largest request has. Clients pipeline only requests without bodies
 * (https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2).
 */
const maxWaitingBytes = 64 * 1024;

/** The responses of a server that are in flight, and its connections. */
export interface InFlightResponses {
  /**
   * Calls `serve` with the request after the earlier requests of its connection are answered, so that a connection has one
   * response in memory at a time. Beyond `maxUnansweredRequests` or `maxWaitingBytes` the connection is closed.
   */
  add(req: IncomingMessage, res: ServerResponse, serve: RequestListener): void;
  /** Counts this response until it is finished or its connection has closed. */
  enter(res: ServerResponse, client: string | undefined): void;
  /** How many responses count now, in total or of one client. */
  count(): number;
  countOf(client: string): number;
  connections(): number;
  /** Whether this connection has a completely received request without a response. */
  hasInFlight(socket: Duplex): boolean;
  /** Whether the last request of this connection is not completely received. */
  isReading(socket: Duplex): boolean;
  /** One pass: closes connections whose response has taken `maxMs` milliseconds. `now` may have any zero point. */
  endSlowReaders(maxMs: number, now: number): void;
  /**
   * From now on every response whose head was not sent gets `Connection: close`. The client then opens its next connection
   * to another process, and sends no request into a connection that is being closed.
   */
  startDraining(): void;
  isDraining(): boolean;
}

interface Unanswered {
  req: IncomingMessage;
  res: ServerResponse;
  serve: RequestListener;
  /** The bytes that were read from the connection before this request. */
  bytesRead: number;
}

interface Connection {
  /** Oldest first. Only the first is served. */
  unanswered: Unanswered[];
  /** When a pass first saw the first one. */
  seenAt: number | undefined;
  /** Whether the first one counts (`enter`), and for which client. */
  entered: boolean;
  client: string | undefined;
}

/**
 * Tracks the responses in flight, by connection: a `Set` of responses would be rebuilt often, and its old tables would keep
 * them in memory (docs/decisions/0026). All connections and responses share the listeners, so that none costs a closure.
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
      // Of the request, because a response that waits has no socket yet.
      const { socket } = req;
      const { bytesRead } = socket;
      const connection = byConnection.get(socket);
      // After the connection has ended, Node still emits the requests that it has read.
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

/** Whether another request exceeds the limits of the connection. */
function exceedsLimits({ unanswered }: Connection, bytesRead: number): boolean {
  const [, firstWaiting] = unanswered;
  const waitingBytes = firstWaiting ? bytesRead - firstWaiting.bytesRead : 0;
  return unanswered.length >= maxUnansweredRequests || waitingBytes > maxWaitingBytes;
}
