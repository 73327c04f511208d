import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { Refusal } from './errors.ts';

export interface RateLimit {
  /** For the routes that are limited; empty when there is no limit. */
  handlers: RequestHandler[];
  stop(): Promise<void>;
}

/**
 * Lets every user, or address that is not signed in, through so many times in a minute, and tells by the headers
 * `RateLimit` and `RateLimit-Policy` (IETF draft 8) how often still. The count is this process's own: over several
 * replicas a user comes through up to as many times as often (docs/decisions/0009).
 */
export function limitRate(perMinute: number): RateLimit {
  if (perMinute === 0) return { handlers: [], stop: () => Promise.resolve() };
  const store = new MemoryStore();
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: caller,
    handler: (_req, _res, next) => next(tooOften(perMinute)),
    store,
    // They look for mistakes in the set-up with every request, and complain about clients' headers on the console.
    validate: false,
  });
  return { handlers: [limiter], stop: async () => store.shutdown() };
}

function caller(req: Request): string {
  // An address is gone when the client is; one of IPv6 counts by the network of its owner.
  return req.user ? `user ${req.user.id}` : `address ${ipKeyGenerator(req.ip ?? '')}`;
}

function tooOften(perMinute: number): Refusal {
  return new Refusal(429, {
    message: `Too many purchases: at most ${perMinute} a minute are taken, see Retry-After`,
    code: 'rate_limited',
  });
}
