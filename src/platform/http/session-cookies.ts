import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import type { TokenVerifier, User } from './verify-token.ts';

/** The name of the auth service's cookie. */
export const sessionCookieName = 'express:sess';

/**
 * The auth service's options, without `secure`: it is only for setting cookies, and none is set here. The name is explicit
 * because the package's default has changed.
 */
const readSession = cookieSession({ name: sessionCookieName, signed: false });

/** More than a browser keeps for the paths and domains of one site. Limited because each is parsed. */
const maxSessions = 4;

/** Matches all cookies with the session's name; the package finds only the first. */
const sessionCookies = new RegExp(`(?:^|;) *(${sessionCookieName}=[^;]*)`, 'g');

/**
 * Finds the user of the first valid session in the cookies of a request; at most 4 of them are read, in their order. A
 * browser sends several cookies with the same name when their paths or domains differ. The package cookie-session reads only
 * the first, so it gets one at a time. Valid cookies are cached, because a browser sends them with every request.
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
 * The package responds to a session that it would have written in another form (JSON with spaces, or no object) with a
 * `Set-Cookie`, which would replace the auth service's. So it gets a response that is never sent. Its request is not the
 * client's either: the getter that it adds makes every read of a request slow (docs/decisions/0046).
 */
function tokenIn(cookie: string): unknown {
  const request = { headers: { cookie } } as Request;
  void readSession(request, {} as Response, () => undefined);
  return request.session?.['jwt'];
}
