import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import type { TokenVerifier, User } from './verify-token.ts';

/**
 * The auth service's options, but for `secure`, which says how a cookie is set, and none is set here. The name is given
 * because the package's own has changed.
 */
const readSession = cookieSession({ name: 'express:sess', signed: false });

/** More than a browser keeps for the paths and domains of one site; each is parsed. */
const maxSessions = 4;

/** Finds in a header what the package finds, and those that follow. */
const sessionCookies = /(?:^|;) *(express:sess=[^;]*)/g;

/**
 * Finds whose the first good session in the cookies of a request is; at most 4 of them are looked at, in their order. A
 * browser sends several cookies of one name when their paths or domains differ, and the package cookie-session reads the
 * first alone, so it is given each by itself. A cookie that was good is remembered, since a browser sends it with every
 * request; the package reads it but once.
 */
export function sessionReader({
  ofText,
}: Pick<TokenVerifier, 'ofText'>): (cookieHeader: string | undefined) => User | undefined {
  return (cookieHeader = '') => {
    let read = 0;
    for (const [, cookie = ''] of cookieHeader.matchAll(sessionCookies)) {
      const user = ofText(cookie, tokenIn);
      read++;
      if (user || read === maxSessions) return user;
    }
    return undefined;
  };
}

/**
 * The package answers a session that it would have written otherwise (JSON with spaces, or no object) with a
 * `Set-Cookie`, which would replace the auth service's. So it is given a response that is never sent. And its request is
 * not the client's: the getter that it adds makes all that is read from a request slow (docs/decisions/0046).
 */
function tokenIn(cookie: string): unknown {
  const request = { headers: { cookie } } as Request;
  void readSession(request, {} as Response, () => undefined);
  return request.session?.['jwt'];
}
