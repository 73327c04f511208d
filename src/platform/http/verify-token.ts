import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { copyOf } from './copy-of.ts';

export interface User {
  id: string;
}

interface Verified extends User {
  /** In seconds since 1970, as in the token; none: it does not expire. */
  exp: number | undefined;
}

/**
 * At most 25 MB: of each a copy of the token, one byte a character, and the id from it, two bytes a character. Usual ones
 * take 4 MB. One that is longer, or has made room for others, is verified each time it comes.
 */
const maxRemembered = 10_000;
const maxLength = 1_024;

/** Three parts in base64url: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies session tokens, HS256 over one of the keys. A token that was good is remembered until it expires: its owner
 * sends it with every request. A bad one never is, so forged ones take no room. Time is in milliseconds.
 */
export function tokenVerifier(
  jwtKeys: readonly string[],
  { now = Date.now, max = maxRemembered }: { now?: () => number; max?: number } = {},
): (token: string) => User | undefined {
  // Given text, the library would first try to read it as a public key, which takes longer than all the rest.
  const keys = jwtKeys.map((key) => createSecretKey(Buffer.from(key)));
  // By the token its user's id. The clock is read each time (0), so that a token counts no longer than it says.
  const userIds = new LRUCache<string, string>({ max, perf: { now }, ttlResolution: 0 });

  function remember(token: string, { id, exp }: Verified): void {
    if (token.length > maxLength) return;
    const ttl = lastGood(exp) - now();
    // To the cache 0 would mean that the token never expires.
    if (ttl > 0) userIds.set(copyOf(token), id, { ttl });
  }

  return (token) => {
    if (!tokenForm.test(token)) return undefined;
    const known = userIds.get(token);
    if (known !== undefined) return { id: known };
    // A key is being rotated when there are two.
    for (const key of keys) {
      const verified = verify(token, key, now());
      if (!verified) continue;
      remember(token, verified);
      return { id: verified.id };
    }
    return undefined;
  };
}

/** The last millisecond in which a token counts. The library's rule: whole seconds, and the one of `exp` is too late. */
function lastGood(exp = Number.POSITIVE_INFINITY): number {
  return Math.ceil(exp) * 1_000 - 1;
}

function verify(token: string, key: KeyObject, now: number): Verified | undefined {
  try {
    const clockTimestamp = Math.floor(now / 1_000);
    const payload = jwt.verify(token, key, { algorithms: ['HS256'], clockTimestamp });
    if (typeof payload !== 'object') return undefined;
    const id: unknown = payload['id'];
    return typeof id === 'string' && id !== '' ? { id, exp: payload.exp } : undefined;
  } catch {
    // Expired, forged or garbage: all the same to the caller, who is not signed in.
    return undefined;
  }
}
