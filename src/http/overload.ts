import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Reply } from './reply.ts';
import { requestIdOf } from './request-log.ts';

/** What a server takes at once. Past it a request is answered without being looked at. */
export interface ServerLimits {
  maxRequestsInFlight: number;
  /** Past it a connection is closed as soon as it is opened. */
  maxConnections: number;
  /** Paths that are always let in. */
  exemptPaths: readonly string[];
  /** Whether what requests need further on has no room for another one. */
  isBusy(): boolean;
  /** Is called with every request that is refused. */
  onOverloaded(): void;
  /** Is called with every connection that is refused. */
  onConnectionDropped(): void;
}

/**
 * When to come back, in seconds: at random, so that those who were refused together do not return together. A process
 * serves some 3,500 requests a second; 10,000 clients that return over these 9 s are about 1,100 a second.
 */
const [minRetrySeconds, maxRetrySeconds] = [2, 10];

function retrySeconds(): number {
  return minRetrySeconds + Math.floor(Math.random() * (maxRetrySeconds - minRetrySeconds + 1));
}

/** Whether a request must be refused while so many others are in flight. */
export function isOverloaded(limits: ServerLimits, inFlight: number, { url = '' }: IncomingMessage): boolean {
  if (inFlight < limits.maxRequestsInFlight && !limits.isBusy()) return false;
  const query = url.indexOf('?');
  return !limits.exemptPaths.includes(query === -1 ? url : url.slice(0, query));
}

const errors = [{ message: 'More is asked for than can be served, please try again', code: 'overloaded' }];
const body = Buffer.from(JSON.stringify({ errors }));

/** The same refusal from within: of somebody who asks for more at once than one user is served. Not worth a log line. */
export function overloadedReply(): Reply {
  return { status: 503, headers: { 'Retry-After': String(retrySeconds()) }, body: { errors } };
}

/**
 * After a refusal nothing more is read from the connection for as long as every client is told to wait at least: those
 * who ask again at once would otherwise take the time of those who are let in.
 */
function holdBack(this: ServerResponse): void {
  // In this turn Node still drops the request's body, and would go on reading after it.
  setImmediate(pause, this.req.socket);
}

function pause(socket: Socket): void {
  if (socket.destroyed) return;
  socket.pause();
  setTimeout(resume, minRetrySeconds * 1_000, socket).unref();
}

function resume(socket: Socket): void {
  socket.resume();
}

/**
 * Refuses a request for overload, as cheaply as can be: nothing of it is read but its head. The connection stays, and
 * Node reads and drops the body, so that it is not taken for the next request.
 */
export function answerOverloaded(req: IncomingMessage, res: ServerResponse): void {
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
  res.on('close', holdBack);
  res.end(body);
}
