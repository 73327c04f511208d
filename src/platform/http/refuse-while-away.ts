import type { Express, RequestHandler } from 'express';
import { unavailable } from './common-errors.ts';

interface RefuseWhileAwayDeps {
  /** How long the outage has lasted, in milliseconds; undefined when there is none. */
  awayMs(): number | undefined;
  /** The path of the routes; everything below it is refused. */
  path: string;
  routes: (app: Express) => void;
}

/**
 * `Retry-After` is half a minute at most, so every client notices the end of a long outage within that time.
 */
const maxRetrySeconds = 30;

/**
 * `Retry-After` in whole seconds. It grows with the length of the outage, and half of it is random, so that clients do not
 * return together.
 */
export function retryAfterSeconds(awayMs: number, random = Math.random): number {
  const longest = Math.min(maxRetrySeconds, Math.max(2, awayMs / 1_000));
  return Math.ceil(longest / 2 + (random() * longest) / 2);
}

/** Routes that respond with 503 at once during an outage of the database, so that no request waits for a time-out. */
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
