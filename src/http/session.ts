import type { Request, RequestHandler } from 'express';
import { Refusal } from './errors.ts';
import { tokenVerifier, type User } from './verify-token.ts';

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
  }
}

/**
 * Reads who has sent the request, from a bearer token or from the session cookie of the auth service. Anything
 * wrong with it means "not signed in". The cookie is the auth service's: it is read and never set.
 */
export function readSession(jwtKeys: readonly string[]): RequestHandler {
  const verify = tokenVerifier(jwtKeys);
  return (req, _res, next) => {
    const token = bearerToken(req) ?? cookieToken(req);
    const user = typeof token === 'string' ? verify(token) : undefined;
    if (user) req.user = user;
    next();
  };
}

export const requireUser: RequestHandler = (req, _res, next) => {
  if (!req.user) throw new Refusal(401, { message: 'You are not signed in', code: 'not_signed_in' });
  next();
};

/** The user of a request that `requireUser` has let through. */
export function userOf(req: Request): User {
  if (!req.user) throw new Error('this route needs requireUser');
  return req.user;
}

/**
 * The token in the cookie of the auth service, as the package cookie-session writes it there without a signature:
 * base64 of JSON. The package itself would answer a malformed cookie with a new one, over the auth service's.
 */
function cookieToken(req: Request): unknown {
  const cookie = /(?:^|;) *express:sess="?([^;"]*)/.exec(req.headers.cookie ?? '')?.[1];
  if (cookie === undefined) return undefined;
  try {
    const session: unknown = JSON.parse(Buffer.from(cookie, 'base64').toString('utf8'));
    return (session as { jwt?: unknown } | null)?.jwt;
  } catch {
    // Not a session: nobody is signed in.
    return undefined;
  }
}

function bearerToken(req: Request): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(req.headers.authorization ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
