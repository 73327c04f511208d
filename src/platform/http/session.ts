import type { Request, RequestHandler } from 'express';
import { notSignedIn } from './common-errors.ts';
import { sessionReader } from './session-cookies.ts';
import { tokenVerifier, type User } from './verify-token.ts';

declare global {
  namespace Express {
    interface Request {
      user?: User;
    }
  }
}

/**
 * Reads the user of the request from a bearer token or from the session cookie of the auth service; of several cookies the
 * first with a valid token counts. An invalid one means "not signed in". The cookie is never set.
 */
export function readSession(jwtKeys: readonly string[]): RequestHandler {
  const users = tokenVerifier(jwtKeys);
  const cookieUser = sessionReader(users);

  return (req, _res, next) => {
    const token = bearerToken(req);
    const user = token === undefined ? cookieUser(req.headers.cookie) : users.ofToken(token);
    if (user) req.user = user;
    next();
  };
}

/** @throws HttpError 401 without a user, so handlers behind it have one */
export const requireUser: RequestHandler = (req, _res, next) => {
  if (!req.user) throw notSignedIn.error();
  next();
};

/** The user of a request after `requireUser`. */
export function userOf(req: Request): User {
  if (!req.user) throw new Error('this route needs requireUser');
  return req.user;
}

/** The token of the request's `Authorization`; '' when it names none, undefined when the request has no such header. */
export function bearerToken(req: Request): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(req.headers.authorization ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
