import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import type { HttpError } from './http-error.ts';

export interface RateLimit {
  /** For the limited routes; empty without a limit. They set `Retry-After`, `RateLimit` and `RateLimit-Policy`. */
  handlers: RequestHandler[];
  stop(): Promise<void>;
}

interface RateLimitDeps {
  /** 0: no limit. */
  perMinute: number;
  /** The error for a caller that has reached the limit. */
  toError(perMinute: number): HttpError;
  /** How many callers are counted. */
  max?: number;
}

/**
 * How many callers are counted at a time, some 20 MB. A new one replaces the oldest: a limit per address cannot stop an
 * attacker with so many addresses.
 */
const maxCallers = 100_000;

/**
 * Limits the requests per minute of every user, or of every address without a session. The headers `RateLimit` and
 * `RateLimit-Policy` (IETF draft 8) show how many are left. Each process counts separately: with n replicas the limit is up
 * to n times higher (docs/decisions/0009).
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
    // The library's checks would run with every request, and print warnings about clients' headers to the console.
    validate: false,
  });
  const forget: RequestHandler = (_req, _res, next) => {
    if (store.previous.size + store.current.size > max) void store.resetKey(oldestIn(store));
    next();
  };
  return { handlers: [forget, limiter], stop: async () => store.shutdown() };
}

/** The caller whose last request is oldest: the first one of the previous minute, or else of this one. */
function oldestIn({ previous, current }: MemoryStore): string {
  const [oldest = ''] = previous.size > 0 ? previous.keys() : current.keys();
  return oldest;
}

function callerOf(req: Request): string {
  // The address is undefined after the client has left. An IPv6 address counts by its network.
  return req.user ? `user ${req.user.id}` : `address ${ipKeyGenerator(req.ip ?? '')}`;
}
