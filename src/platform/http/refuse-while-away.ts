import type { Express, RequestHandler } from 'express';
import { unavailable } from './common-errors.ts';

interface RefuseWhileAwayDeps {
  /** For how long the database has been away, in milliseconds; undefined while it is there. */
  awayMs(): number | undefined;
  /** The path of the routes; everything below it is refused. */
  path: string;
  routes: (app: Express) => void;
}

/**
 * During a long outage `Retry-After` is half a minute at most, so no client notices later than that that the database is back.
 */
const maxRetrySeconds = 30;

/**
 * When to come back, in whole seconds. It grows with the outage, since one that has lasted for long is not about to end,
 * and half of it is random, so that not all come back together.
 */
export function retryAfterSeconds(awayMs: number, random = Math.random): number {
  const longest = Math.min(maxRetrySeconds, Math.max(2, awayMs / 1_000));
  return Math.ceil(longest / 2 + (random() * longest) / 2);
}

/** Routes that respond with 503 at once while the database is known to be away, so that no request has to find out. */
export function refuseWhileAway({ awayMs, path, routes }: RefuseWhileAwayDeps): (app: Express) => void {
  const refuse: RequestHandler = (_req, res, next) => {
    const away = awayMs();
    if (away === undefined) return next();
    const { status, headers, problems } = unavailable.error({ retryAfterSeconds: retryAfterSeconds(away) });
    // Not thrown: there may be thousands a second, and the outage is logged once.
    res.status(status).set(headers).json({ errors: problems });
  };
  return (app) => {
    app.use(path, refuse);
    routes(app);
  };
}
