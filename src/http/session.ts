import cookieSession from 'cookie-session';
import type { Request, RequestHandler } from 'express';
import onHeaders from 'on-headers';
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
export function readSession(jwtKeys: readonly string[]): RequestHandler[] {
  return [keepCookie, cookieSession({ name: 'express:sess', signed: false }), identify(jwtKeys)];
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

/** cookie-session answers a malformed cookie with a new one, which would overwrite the auth service's. */
const keepCookie: RequestHandler = (_req, res, next) => {
  // Listeners run last to first, so this one comes after cookie-session's.
  onHeaders(res, () => res.removeHeader('Set-Cookie'));
  next();
};

function identify(jwtKeys: readonly string[]): RequestHandler {
  const verify = tokenVerifier(jwtKeys);
  return (req, _res, next) => {
    const token: unknown = bearerToken(req) ?? req.session?.['jwt'];
    const user = typeof token === 'string' ? verify(token) : undefined;
    if (user) req.user = user;
    next();
  };
}

function bearerToken(req: Request): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(req.headers.authorization ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
