import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import type { TokenVerifier, User } from './verify-token.ts';

/** The name of the auth service's cookie. */
export const sessionCookieName = 'express:sess';

/**
 * The auth service's options, but for `secure`, which says how a cookie is set, and none is set here. The name is given
 * because the package's own has changed.
 */
const readSession = cookieSession({ name: sessionCookieName, signed: false });

/** More than a browser keeps for the paths and domains of one site; each is parsed. */
const maxSessions = 4;

/** Matches the cookie that the package finds in a header, and those of its name that follow. */
const sessionCookies = new RegExp(`(?:^|;) *(${sessionCookieName}=[^;]*)`, 'g');

/**
 * Finds the user of the first good session in the cookies of a request; at most 4 of them are read, in their order. A
 * browser sends several cookies of one name when their paths or domains differ, and the package cookie-session reads the
 * first alone, so it is given one at a time. A good cookie is remembered, since a browser sends it with every request; the
 * package reads it once.
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
