import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { errorHandler, notFound, Refusal } from './errors.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface AppParts {
  log: Logger;
  /** Needs no session: what clients read before they have one. */
  apiDescription?: (app: Express) => void;
  /** Answers without a log line or a session: for the orchestrator. */
  probes: (app: Express) => void;
  trustProxy: TrustedProxies;
  session: RequestHandler[];
  routes: (app: Express) => void;
}

/** The HTTP side of the service: what every request passes through, in order. */
export function createApp({ log, apiDescription, probes, trustProxy, session, routes }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // An order's state is never an answer from a cache.
  app.disable('etag');
  // A copy: Express resolves names of networks in place.
  app.set('trust proxy', typeof trustProxy === 'number' ? trustProxy : [...trustProxy]);
  // What even the error handler cannot deal with is answered without a stack trace.
  app.set('env', 'production');
  app.use(helmet());
  probes(app);
  app.use(logRequests(log));
  app.use(requireHost);
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

/** https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
const requireHost: RequestHandler = (req, _res, next) => {
  if (req.httpVersion === '1.1' && req.headers.host === undefined) {
    throw new Refusal(400, { message: 'The request needs a Host header', code: 'malformed' });
  }
  next();
};

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
