import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionLimits } from './connection-limits.ts';
import type { InFlightResponses } from './in-flight-responses.ts';
import type { Reply } from './reply.ts';
import { requestIdOf } from './request-log.ts';

/** What a server takes at once. Past it a request is answered without being looked at. */
export interface ServerLimits extends ConnectionLimits {
  maxRequestsInFlight: number;
  /** Whose request it is; undefined where that is not known, and then it counts for nobody. */
  clientOf?(req: IncomingMessage): string | undefined;
  /** Paths that are always let in. */
  exemptPaths: readonly string[];
  /** Whether what requests need further on has no room for another one. */
  isBusy(): boolean;
  /** Is called with every request that is refused. */
  onOverloaded(): void;
}

/**
 * The share of the requests in flight that one client may have: one in so many. Whoever takes a share and does not read
 * the answers leaves seven of eight to the others. Of the default's 512 it is 64, and with some 20 ms for each that is
 * more than a replica serves, so many buyers behind one address are not held up by it.
 */
const clientsToFillAll = 8;

/**
 * When to come back, in seconds: at random, so that those who were refused together do not return together. A process
 * serves some 3,500 requests a second; 10,000 clients that return over these 9 s are about 1,100 a second.
 */
const [minRetrySeconds, maxRetrySeconds] = [2, 10];

function retrySeconds(): number {
  return minRetrySeconds + Math.floor(Math.random() * (maxRetrySeconds - minRetrySeconds + 1));
}

type InFlight = Pick<InFlightResponses, 'count' | 'countOf'>;

/** Whether a request must be refused while so many others are in flight, in all or for its client. */
export function isOverloaded(
  limits: ServerLimits,
  inFlight: InFlight,
  req: IncomingMessage,
  client: string | undefined,
): boolean {
  const hasRoom = inFlight.count() < limits.maxRequestsInFlight && !limits.isBusy();
  const maxOfClient = Math.ceil(limits.maxRequestsInFlight / clientsToFillAll);
  if (hasRoom && (client === undefined || inFlight.countOf(client) < maxOfClient)) return false;
  const { url = '' } = req;
  const query = url.indexOf('?');
  return !limits.exemptPaths.includes(query === -1 ? url : url.slice(0, query));
}

const errors = [{ message: 'More is asked for than can be served, please try again', code: 'overloaded' }];
const body = JSON.stringify({ errors });

/** The same refusal from within: of somebody who asks for more at once than one user is served. Not worth a log line. */
export function overloadedReply(): Reply {
  return { status: 503, headers: { 'Retry-After': String(retrySeconds()) }, body: { errors } };
}

/** Less than every client is told to wait, so that it holds up nobody who does. */
const holdBackMs = 1_500;

function pause(socket: Socket): void {
  if (socket.destroyed) return;
  socket.pause();
  setTimeout(resume, holdBackMs, socket).unref();
}

function resume(socket: Socket): void {
  socket.resume();
}

/**
 * Refuses a request for overload, as cheaply as can be: nothing of it is read but its head. The connection stays, and
 * Node reads and drops the body, so that it is not taken for the next request. Then nothing more is read from it for a
 * while: those who ask again at once would otherwise take the time of those who are let in.
 */
export function answerOverloaded(req: IncomingMessage, res: ServerResponse): void {
  // Dropped from here on, or Node would do it behind the answer, and go on reading.
  req.resume();
  // Not in this turn: while more than 1,024 connections have something to be read, libuv reads them up to 48 times in one,
  // and would read what those who are answered ask again.
  setImmediate(refuse, req, res);
}

function refuse(req: IncomingMessage, res: ServerResponse): void {
  pause(req.socket);
  res.writeHead(503, [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
    'Retry-After',
    String(retrySeconds()),
    'X-Content-Type-Options',
    'nosniff',
    'X-Request-Id',
    requestIdOf(req),
  ]);
  // As text of one byte a character it leaves with the head, in one write.
  res.end(body, 'latin1');
}
