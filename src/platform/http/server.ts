import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { untilAborted } from '../time/until-aborted.ts';
import { type AcceptQueues, acceptConnections } from './accept-queues.ts';
import { answerClientError, endWith } from './client-errors.ts';
import { notFound } from './common-errors.ts';
import { limitConnections } from './connection-limits.ts';
import { expressPrototypes } from './express-prototypes.ts';
import { type InFlightResponses, trackInFlightResponses } from './in-flight-responses.ts';
import { answerOverloaded, isOverloaded, type ServerLimits } from './overload.ts';
import { withTarget } from './request-target.ts';

/** Time-outs of a connection, in milliseconds. */
interface Timeouts {
  /** Until the head of a request is received. */
  headersMs: number;
  /** Until the whole request is received. */
  requestMs: number;
  /** While no byte is sent or read by a client that has a request in flight. The connection ends after up to twice as long. */
  stalledMs: number;
  /** Until the client has read all of a response. */
  answerMs: number;
  /** Between a response and the next request. */
  idleMs: number;
  /** The interval at which connections are checked for all but `stalledMs` and `idleMs`. */
  checkEveryMs: number;
}

/** A request has a small body (json-body.ts), and an ingress reads all of it before it passes it on. */
export const defaultTimeouts: Timeouts = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than the deadline of a request (reply.ts), and than `headersMs`, which ends with a 408. A mobile phone may lose its
  // network for some seconds.
  stalledMs: 12_000,
  // The largest response has 1.5 MB: 25 kB a second.
  answerMs: 60_000,
  // Longer than a proxy keeps idle connections (ingress-nginx: 60 s), so that the proxy closes them first.
  idleMs: 65_000,
  checkEveryMs: 1_000,
};

interface ServerOptions {
  /** The address to listen on; absent for every address of the machine. */
  address?: string | undefined;
  timeouts?: Partial<Timeouts>;
  /** When absent, no request is refused. */
  limits?: ServerLimits;
}

export interface HttpServer {
  port: number;
  /** The current number. */
  requestsInFlight(): number;
  connections(): number;
  /** From now on every response, also of requests in flight, is the last of its connection (`Connection: close`). */
  startDraining(): void;
  /**
   * Accepts no new connections, and resolves when the requests in flight are answered. When `finish` aborts, the connections
   * that are still open are closed.
   */
  stop(finish?: AbortSignal): Promise<void>;
}

/**
 * Listens on the port; 0 takes any free one. The connection of a client that sends or reads too slowly is closed, and it
 * delays no other client. Requests beyond the limits are refused at once.
 *
 * @throws when the port is in use
 */
export async function listen(app: Express, port: number, options: ServerOptions = {}): Promise<HttpServer> {
  const { limits } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const server = createServer({
    ...expressPrototypes(app),
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.idleMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
    // Node would refuse a request without it with an empty body. The app sends an error with a body.
    requireHostHeader: false,
  });
  const responses = trackInFlightResponses(server);
  takeRequests(server, responses, { serve: withTarget(app), limits });
  endWhatStalls(server, responses, timeouts);
  const endUnlessInFlight = (socket: Duplex, end: () => void) => {
    // The client would take a response now for that of its earlier request.
    if (responses.hasInFlight(socket)) socket.destroy();
    else end();
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    endUnlessInFlight(socket, () => answerClientError(error, socket)),
  );
  // Node would close the connection without a response.
  const noProxy = notFound.error({ message: 'There is no CONNECT: this is not a proxy' });
  server.on('connect', (_req, socket: Duplex) => endUnlessInFlight(socket, () => endWith(socket, noProxy)));
  if (limits) limitConnections(server, responses, limits);
  const queues = await acceptConnections(server, { port, host: options.address });
  return {
    port: queues.port,
    requestsInFlight: responses.count,
    connections: responses.connections,
    startDraining: responses.startDraining,
    stop(finish) {
      responses.startDraining();
      return stop(server, queues, finish);
    },
  };
}

function takeRequests(
  server: Server,
  responses: InFlightResponses,
  { serve, limits }: { serve: RequestListener; limits: ServerLimits | undefined },
): void {
  const unlessOverloaded =
    (proceed: RequestListener): RequestListener =>
    (req, res) => {
      if (responses.isDraining()) res.setHeader('Connection', 'close');
      const client = limits?.clientOf?.(req);
      if (!limits || !isOverloaded(limits, responses, req, client)) {
        responses.enter(res, client);
        return proceed(req, res);
      }
      limits.onOverloaded();
      // Without `100 Continue` a client may omit the body, so the start of its next request is unknown.
      if (req.headers.expect !== undefined) res.setHeader('Connection', 'close');
      answerOverloaded(req, res);
    };
  const take = unlessOverloaded(serve);
  const takeAndContinue = unlessOverloaded((req, res) => {
    res.writeContinue();
    serve(req, res);
  });
  server.on('request', (req, res) => responses.add(req, res, take));
  // An unknown expectation may be ignored (RFC 9110, 10.1.1); Node's own refusal has no body.
  server.on('checkExpectation', (req, res) => responses.add(req, res, take));
  server.on('checkContinue', (req, res) => responses.add(req, res, takeAndContinue));
}

/** Node itself closes connections whose requests take too long to arrive, but not those whose response is not read. */
function endWhatStalls(
  server: Server,
  responses: InFlightResponses,
  { stalledMs, answerMs, checkEveryMs }: Timeouts,
): void {
  server.setTimeout(stalledMs, (socket) => {
    if (!responses.isReading(socket)) socket.destroy();
  });
  // Not before: a server that finds its port in use is never closed.
  server.once('listening', () => {
    const pass = setInterval(() => responses.endSlowReaders(answerMs, performance.now()), checkEveryMs);
    server.once('close', () => clearInterval(pass));
  });
}

async function stop(server: Server, queues: AcceptQueues, finish: AbortSignal | undefined): Promise<void> {
  const closed = queues.close();
  // Connections that become idle only after `close` would be kept until their timeout.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await untilAborted(closed, finish);
  // One that was opened ahead of need and has sent nothing does not count as idle for Node.
  server.closeAllConnections();
  await closed;
  clearInterval(sweep);
}
