import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { overloaded } from './common-errors.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { InFlightResponses } from './in-flight-responses.ts';
import type { Reply } from './reply.ts';
import { requestIdOf } from './request-log.ts';

/** The maximum of requests in flight. More requests are refused without reading their bodies. */
export interface ServerLimits extends ConnectionLimits {
  maxRequestsInFlight: number;
  /** The client that the request counts for; undefined where it is not known. */
  clientOf?(req: IncomingMessage): string | undefined;
  /** Paths that are never refused. */
  exemptPaths: readonly string[];
  /** Whether another part that requests need, such as the database, is at its limit. */
  isBusy(): boolean;
  /** Called for every refused request. */
  onOverloaded(): void;
}

/**
 * One client may have this fraction of the requests in flight: one in eight. A client that does not read its responses
 * leaves the rest to the others. Of the default of 512 it is 64; with some 20 ms for each that is more than a replica
 * serves, so many users behind one address are not limited by it.
 */
const clientsToFillAll = 8;

/**
 * `Retry-After` in seconds, at random, so that clients which were refused together do not return together. A process serves
 * some 3,500 requests a second; 10,000 clients that return over these 9 s are about 1,100 a second.
 */
const [minRetrySeconds, maxRetrySeconds] = [2, 10];

function retrySeconds(): number {
  return minRetrySeconds + Math.floor(Math.random() * (maxRetrySeconds - minRetrySeconds + 1));
}

type InFlight = Pick<InFlightResponses, 'count' | 'countOf'>;

/** Whether a request must be refused because too many are in flight, in total or of its client. */
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

const errors = [overloaded.problem({ retryAfterSeconds: minRetrySeconds })];
const body = JSON.stringify({ errors });

/** The same refusal by a handler, for a user with too many requests at the same time. It is not logged. */
export function overloadedReply(): Reply {
  const { status, headers, problems } = overloaded.error({ retryAfterSeconds: retrySeconds() });
  return { status, headers, body: { errors: problems } };
}

/** Less than every `Retry-After`, so that it does not delay clients that respect that header. */
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
 * Refuses a request for overload, as cheaply as possible: only its head is read. The connection stays, and Node reads and
 * drops the body, so that it is not taken for the next request. Then nothing more is read from the connection for a while:
 * clients that repeat the request at once would otherwise take time from the requests that are served.
 */
export function answerOverloaded(req: IncomingMessage, res: ServerResponse): void {
  // Drops the body now. Node would do it after the response, and continue to read.
  req.resume();
  // Not in this event loop iteration: with input on more than 1,024 connections, libuv reads up to 48 times in one iteration,
  // and would read what refused clients send again.
  setImmediate(refuse, req, res);
}

function refuse(req: IncomingMessage, res: ServerResponse): void {
  pause(req.socket);
  res.writeHead(overloaded.status, [
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
  // Text of one byte a character is sent with the head, in one write.
  res.end(body, 'latin1');
}
