import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';

export interface User {
  id: string;
}

interface Verified extends User {
  /** In seconds since 1970, as in the token; none: it does not expire. */
  exp: number | undefined;
}

/** Finds the user of a session. Whatever is wrong with a session, the result is the same: no user. */
export interface TokenVerifier {
  ofToken(token: string): User | undefined;
  /** The same for a text that has a token in it. `tokenIn` finds the token; it is not called for a remembered text. */
  ofText(text: string, tokenIn: (text: string) => unknown): User | undefined;
}

/**
 * At most 40 MB: of each a copy of the text, one byte a character, and the id from it, two bytes a character. Usual
 * cookies take 4 MB. A longer text, or one that was removed for others, is verified each time it comes.
 */
const maxRemembered = 10_000;
const maxLength = 1_500;

/** Three parts in base64url: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies session tokens, HS256 over one of the keys. A text with a good token is remembered until the token expires, since
 * clients send it with every request. Other texts are not, so forged ones take no memory. Time is in milliseconds.
 */
export function tokenVerifier(
  jwtKeys: readonly string[],
  { now = Date.now, max = maxRemembered }: { now?: () => number; max?: number } = {},
): TokenVerifier {
  // The library would first try to read a text as a public key, which takes longer than all the rest.
  const keys = jwtKeys.map((key) => createSecretKey(Buffer.from(key)));
  // The user's id by the text that the client sends. The clock is read each time (0), so that a token counts no longer than it says.
  const userIds = new LRUCache<string, string>({ max, perf: { now }, ttlResolution: 0 });

  function remember(text: string, { id, exp }: Verified): void {
    if (text.length > maxLength) return;
    const ttl = lastGood(exp) - now();
    // The cache takes 0 for "never expires".
    if (ttl > 0) userIds.set(copyOf(text), id, { ttl });
  }

  function ofText(text: string, tokenIn: (text: string) => unknown): User | undefined {
    const known = userIds.get(text);
    if (known !== undefined) return { id: known };
    const token = tokenIn(text);
    const verified = isToken(token) ? verifyByAny(keys, token, now()) : undefined;
    if (!verified) return undefined;
    remember(text, verified);
    return { id: verified.id };
  }

  return {
    ofText,
    // A remembered cookie is still no token.
    ofToken: (token) => (isToken(token) ? ofText(token, itself) : undefined),
  };
}

const itself = (token: string) => token;

function isToken(token: unknown): token is string {
  return typeof token === 'string' && tokenForm.test(token);
}

/** A copy of a text of one byte a character. A slice would keep the whole header in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** The last millisecond in which a token counts. The library's rule: whole seconds, and that of `exp` is too late. */
function lastGood(exp = Number.POSITIVE_INFINITY): number {
  return Math.ceil(exp) * 1_000 - 1;
}

/** There are two keys while one is being rotated. */
function verifyByAny(keys: readonly KeyObject[], token: string, now: number): Verified | undefined {
  for (const key of keys) {
    const verified = verify(token, key, now);
    if (verified) return verified;
  }
  return undefined;
}

function verify(token: string, key: KeyObject, now: number): Verified | undefined {
  try {
    const clockTimestamp = Math.floor(now / 1_000);
    const payload = jwt.verify(token, key, { algorithms: ['HS256'], clockTimestamp });
    if (typeof payload !== 'object') return undefined;
    const id: unknown = payload['id'];
    return typeof id === 'string' && id !== '' ? { id, exp: payload.exp } : undefined;
  } catch {
    // Expired, forged or garbage: in each case the client is not signed in.
    return undefined;
  }
}
