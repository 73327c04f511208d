import cookieSession from 'cookie-session';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { copyOf } from './copy-of.ts';

/**
 * The auth service's options, but for `secure`, which says how a cookie is set, and none is set here. The name is given
 * because the package's own has changed.
 */
const readSession = cookieSession({ name: 'express:sess', signed: false });

/** More than a browser keeps for the paths and domains of one site; each is parsed. */
const maxSessions = 4;

/** Finds in a header what the package finds, and those that follow. */
const sessionCookies = /(?:^|;) *(express:sess=[^;]*)/g;

/** Of each a copy of the cookie and its token: usual ones take 6 MB, and 30 MB is the most. */
const maxRemembered = 10_000;
const maxLength = 1_500;

/**
 * Finds whose the first good session in the cookies of a request is; the package cookie-session reads at most 4 of them, in
 * their order, and the rest is not read. A browser sends several cookies of one name when their paths or domains differ,
 * and the package reads the first alone, so it is given each by itself. The token of a session that was good is remembered
 * by its cookie, since a browser sends it with every request; the token is verified each time.
 */
export function sessionReader<User>(
  verify: (token: string) => User | undefined,
): (cookieHeader: string | undefined) => User | undefined {
  const tokens = new LRUCache<string, string>({ max: maxRemembered });
  return (cookieHeader = '') => {
    let read = 0;
    for (const [, cookie = ''] of cookieHeader.matchAll(sessionCookies)) {
      const known = tokens.get(cookie);
      const token: unknown = known ?? sessionIn(cookie)?.['jwt'];
      const user = typeof token === 'string' ? verify(token) : undefined;
      if (user && known === undefined && cookie.length <= maxLength)
        tokens.set(copyOf(cookie), copyOf(String(token)));
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
function sessionIn(cookie: string): Request['session'] {
  const request = { headers: { cookie } } as Request;
  void readSession(request, {} as Response, () => undefined);
  return request.session;
}
