import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { malformed } from './common-errors.ts';
import { refuseCrossSite } from './cross-site.ts';
import { errorHandler, refuseUnknownPath } from './error-handler.ts';
import { withOtherMethods } from './other-methods.ts';
import { parseQuery } from './other-names.ts';
import { observeRequests, type RequestSeen } from './request-log.ts';
import { type TrustedProxies, trustProxies } from './trusted-proxies.ts';

export interface AppDeps {
  log: Logger;
  /** Needs no session: what clients read before they have one. */
  apiDescription?: (app: Express) => void;
  /** Answer without a log line or a session: for the orchestrator and Prometheus, where these have no port of their own. */
  probes?: (app: Express) => void;
  /** Is called with every request but those, once it has been answered or its client has gone. */
  onRequest?: (request: RequestSeen) => void;
  trustProxy: TrustedProxies;
  /** The origins of other sites that may send what a form can send. */
  allowedOrigins?: readonly string[] | undefined;
  session: RequestHandler;
  routes: (app: Express) => void;
}

/** The HTTP side of the service: what every request passes through, in order. */
export function createApp(deps: AppDeps): Express {
  const { log, apiDescription, probes, onRequest, trustProxy, allowedOrigins, session, routes } = deps;
  const app = bareApp();
  trustProxies(app, trustProxy);
  if (probes) withOtherMethods(probes)(app);
  app.use(observeRequests(log, onRequest));
  app.use(requireHost);
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  if (apiDescription) withOtherMethods(apiDescription)(app);
  app.use(refuseCrossSite(allowedOrigins));
  app.use(session);
  withOtherMethods(routes)(app);
  app.use(refuseUnknownPath);
  app.use(errorHandler(log));
  return app;
}

/** The app on the port of the probes, for the orchestrator and Prometheus. */
export function createProbesApp({ log, probes }: { log: Logger; probes: (app: Express) => void }): Express {
  const app = bareApp();
  withOtherMethods(probes)(app);
  app.use(refuseUnknownPath);
  app.use(errorHandler(log));
  return app;
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // No response may come from a cache.
  app.disable('etag');
  // Express then sends no stack trace for errors that the error handler cannot handle.
  app.set('env', 'production');
  app.set('query parser', parseQuery);
  // The proxy that terminates TLS decides which hosts require https: this service does not own them alone.
  app.use(helmet({ strictTransportSecurity: false }));
  return app;
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
const requireHost: RequestHandler = (req, _res, next) => {
  if (req.httpVersion === '1.1' && req.headers.host === undefined) {
    throw malformed.error({ message: 'The request needs a Host header' });
  }
  next();
};
