import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { requestIdHeader, requestIdPattern } from './response-headers.ts';

/** A request that has been answered, or whose client has gone. */
export interface RequestSeen {
  method: string;
  /** The pattern of the route, such as `/api/orders/:orderId`; undefined where there is none for the request. */
  route: string | undefined;
  /** 499 when the client went away before it was answered. */
  status: number;
  seconds: number;
}

const clientGone = 499;

/** No route is longer. A client may send 16 kB, which could take six times that in a line, as escapes. */
const maxLoggedPath = 200;

declare global {
  namespace Express {
    interface Request {
      /** In every line that is logged for the request, in the response, and in the events that it causes. */
      id: string;
    }
  }
}

/**
 * Logs every request once it is answered, in one line, without its query, headers and body, and calls `onRequest` with it.
 * Each has an id, which the client may send; it is in every line that is logged for the request, in the response, and is the
 * `correlationId` of the events that it causes (reply.ts).
 */
export function observeRequests(log: Logger, onRequest?: (request: RequestSeen) => void): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    req.id = requestIdOf(req);
    res.setHeader(requestIdHeader.name, req.id);
    res.once('close', () => {
      const milliseconds = performance.now() - started;
      const seen = { method: req.method, route: routeOf(req), status: statusOf(res) };
      onRequest?.({ ...seen, seconds: milliseconds / 1_000 });
      log.info(
        {
          requestId: req.id,
          ...seen,
          path: req.path.slice(0, maxLoggedPath),
          userId: req.user?.id,
          milliseconds: Math.round(milliseconds),
        },
        messageOf(res),
      );
    });
    next();
  };
}

/** The id that the client has sent, if it has the right form, or a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID();
}

/** The error itself is logged where it becomes a response (error-handler.ts). */
function messageOf(res: Response): string {
  if (res.statusCode >= 500) return 'request failed';
  return res.writableFinished ? 'request answered' : 'request given up';
}

function routeOf(req: Request): string | undefined {
  const { path } = (req.route ?? {}) as { path?: unknown };
  return typeof path === 'string' ? path : undefined;
}

function statusOf(res: Response): number {
  return res.writableFinished ? res.statusCode : clientGone;
}
