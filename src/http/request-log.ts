import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** A request that has been dealt with. */
export interface RequestSeen {
  method: string;
  /** The pattern of the route, such as `/api/orders/:orderId`; undefined where there is none for the request. */
  route: string | undefined;
  /** 499 when the client went away before it was answered. */
  status: number;
  seconds: number;
}

const clientGone = 499;

/**
 * One line per request, without its query, headers and body. Each has an id, which the caller may bring along; it is
 * in every line that is logged for the request, in the answer, and the `correlationId` of the events it causes.
 */
export function logRequests(log: Logger): RequestHandler {
  const line = (req: Request, res: Response, { milliseconds }: { milliseconds: number }) => ({
    method: req.method,
    path: req.path,
    route: routeOf(req),
    userId: req.user?.id,
    status: statusOf(res),
    milliseconds,
  });
  return pinoHttp<Request, Response>({
    logger: log,
    genReqId(req, res) {
      const given = req.headers['x-request-id'];
      const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'milliseconds' },
    customSuccessObject: line,
    // The error itself is logged where it becomes an answer.
    customErrorObject: (req, res, _error, values: { milliseconds: number }) => line(req, res, values),
    customSuccessMessage: (_req, res) => (res.writableFinished ? 'request answered' : 'request given up'),
    customErrorMessage: () => 'request failed',
  });
}

/** Tells of every request once it is dealt with. */
export function observeRequests(onRequest: (request: RequestSeen) => void): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.once('close', () => {
      const seconds = (performance.now() - started) / 1_000;
      onRequest({ method: req.method, route: routeOf(req), status: statusOf(res), seconds });
    });
    next();
  };
}

function routeOf(req: Request): string | undefined {
  const { path } = (req.route ?? {}) as { path?: unknown };
  return typeof path === 'string' ? path : undefined;
}

function statusOf(res: Response): number {
  return res.writableFinished ? res.statusCode : clientGone;
}
