import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { untilAborted } from '../time/until-aborted.ts';
import { type AcceptQueues, acceptConnections } from './accept-queues.ts';
import { answerUnreadable, endWith } from './client-errors.ts';
import { limitConnections } from './connection-limits.ts';
import { expressPrototypes } from './express-prototypes.ts';
import { type InFlightResponses, trackInFlightResponses } from './in-flight-responses.ts';
import { answerOverloaded, isOverloaded, type ServerLimits } from './overload.ts';
import { withTarget } from './request-target.ts';

/** How long a connection may take its time, in milliseconds. */
interface Timeouts {
  /** Until the head of a request is there. */
  headersMs: number;
  /** Until the whole request is there. */
  requestMs: number;
  /** Without a byte sent or read by the client while it is owed an answer. The connection ends after up to twice as long. */
  stalledMs: number;
  /** Until the client has read an answer, all of it. */
  answerMs: number;
  /** Between an answer and the next request. */
  idleMs: number;
  /** How often connections are looked at for all but `stalledMs` and `idleMs`. */
  checkEveryMs: number;
}

/** A request has 32 kB at most, and an ingress reads all of it before it passes it on. */
export const defaultTimeouts: Timeouts = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than any request is worked on (reply.ts), and than a head may take, whose end is told with a 408. A telephone
  // may lose its network for some seconds.
  stalledMs: 12_000,
  // The largest answer has 1.5 MB: 25 kB in a second.
  answerMs: 60_000,
  // Longer than a proxy keeps its idle connections (ingress-nginx: 60 s), so that it is never the proxy that loses.
  idleMs: 65_000,
  checkEveryMs: 1_000,
};

interface ServerOptions {
  /** The one address to listen on. None: every address of the machine. */
  address?: string | undefined;
  timeouts?: Partial<Timeouts>;
  /** None: everything is taken. */
  limits?: ServerLimits;
}

export interface HttpServer {
  port: number;
  /** What there is at this moment. */
  requestsInFlight(): number;
  connections(): number;
  /** From now on every response, also to what is in flight, is the last of its connection and says so. */
  startDraining(): void;
  /**
   * Takes no new connection and resolves when the requests in flight are answered; connections that are still open when
   * `finish` aborts are closed.
   */
  stop(finish?: AbortSignal): Promise<void>;
}

/**
 * Listens on the port; 0 takes any free one. A client that is slow on purpose, in sending or in reading, loses its
 * connection, and keeps nobody else from being served; requests past the limits are answered at once.
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
    // Node would refuse a request without it with an empty answer; the application does it in the usual shape.
    requireHostHeader: false,
  });
  const responses = trackInFlightResponses(server);
  takeRequests(server, responses, { serve: withTarget(app), limits });
  endWhatStalls(server, responses, timeouts);
  const endUnlessOwed = (socket: Duplex, end: () => void) => {
    // What is said now would be taken for the answer to the request before.
    if (responses.hasInFlight(socket)) socket.destroy();
    else end();
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) =>
    endUnlessOwed(socket, () => answerUnreadable(error, socket)),
  );
  // Node would close the connection without a word.
  const noProxy = { message: 'There is no CONNECT: this is not a proxy', code: 'not_found' };
  server.on('connect', (_req, socket: Duplex) => endUnlessOwed(socket, () => endWith(socket, 404, noProxy)));
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
      // A client that is not told to go on may leave its body out, and then nobody knows where its next request begins.
      if (req.headers.expect !== undefined) res.setHeader('Connection', 'close');
      answerOverloaded(req, res);
    };
  const take = unlessOverloaded(serve);
  const takeAndContinue = unlessOverloaded((req, res) => {
    res.writeContinue();
    serve(req, res);
  });
  server.on('request', (req, res) => responses.add(req, res, take));
  // An expectation that nobody knows may be ignored (RFC 9110, 10.1.1); Node's own refusal has no body.
  server.on('checkExpectation', (req, res) => responses.add(req, res, take));
  server.on('checkContinue', (req, res) => responses.add(req, res, takeAndContinue));
}

/** Of what is read Node itself ends what takes too long; of answers that are not read it ends none. */
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
  // Connections that become idle only after `close` would be kept alive until their time-out.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await untilAborted(closed, finish);
  // One that was opened ahead of need and has sent nothing does not count as idle for Node.
  server.closeAllConnections();
  await closed;
  clearInterval(sweep);
}
