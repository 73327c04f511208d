import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import type { HttpError } from './http-error.ts';

export interface RateLimit {
  /** For the routes that are limited; empty when there is no limit. They set `Retry-After`, `RateLimit` and `RateLimit-Policy`. */
  handlers: RequestHandler[];
  stop(): Promise<void>;
}

interface RateLimitDeps {
  /** 0: no limit. */
  perMinute: number;
  /** The error for who has used up what a minute allows. */
  toError(perMinute: number): HttpError;
  /** How many callers are counted. */
  max?: number;
}

/**
 * How many callers are counted at a time, some 20 MB. The oldest is forgotten for a new one: a limit per address does not
 * stop anybody who has so many addresses.
 */
const maxCallers = 100_000;

/**
 * Lets every user, or address that is not signed in, through a number of times a minute. The headers `RateLimit` and
 * `RateLimit-Policy` (IETF draft 8) say how many are left. Each process counts for itself: with several replicas the limit is
 * up to as many times higher (docs/decisions/0009).
 */
export function limitRate({ perMinute, toError, max = maxCallers }: RateLimitDeps): RateLimit {
  if (perMinute === 0) return { handlers: [], stop: () => Promise.resolve() };
  const store = new MemoryStore();
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: callerOf,
    handler: (_req, _res, next) => next(toError(perMinute)),
    store,
    // The library's checks run with every request, and print complaints about clients' headers on the console.
    validate: false,
  });
  const forget: RequestHandler = (_req, _res, next) => {
    if (store.previous.size + store.current.size > max) void store.resetKey(oldestIn(store));
    next();
  };
  return { handlers: [forget, limiter], stop: async () => store.shutdown() };
}

/** The caller that has not come for longest is the first one, of the minute before if that has any. */
function oldestIn({ previous, current }: MemoryStore): string {
  const [oldest = ''] = previous.size > 0 ? previous.keys() : current.keys();
  return oldest;
}

function callerOf(req: Request): string {
  // An address is gone when the client is; one of IPv6 counts by the network of its owner.
  return req.user ? `user ${req.user.id}` : `address ${ipKeyGenerator(req.ip ?? '')}`;
}
