import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { errorHandler, notFound } from './errors.ts';

export interface AppParts {
  log: Logger;
  /** Needs no session: what clients read before they have one. */
  apiDescription?: (app: Express) => void;
  /** Answers without a log line or a session: for the orchestrator. */
  probes: (app: Express) => void;
  session: RequestHandler[];
  routes: (app: Express) => void;
}

/** The HTTP side of the service: what every request passes through, in order. */
export function createApp({ log, apiDescription, probes, session, routes }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // An order's state is never an answer from a cache.
  app.disable('etag');
  app.use(helmet());
  probes(app);
  app.use(logRequests(log));
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  apiDescription?.(app);
  app.use(...session);
  routes(app);
  app.use(notFound);
  app.use(errorHandler);
  return app;
}

/** One line per request, without headers or bodies, and an id that the caller may bring along. */
function logRequests(log: Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId(req, res) {
      const given = req.headers['x-request-id'];
      const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  }) as RequestHandler;
}
