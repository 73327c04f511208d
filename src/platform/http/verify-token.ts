import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';

export interface User {
  id: string;
}

interface Verified extends User {
  /** In seconds since 1970, as in the token; undefined when it does not expire. */
  exp: number | undefined;
}

/** Finds the user of a session. An invalid session has no user. */
export interface TokenVerifier {
  ofToken(token: string): User | undefined;
  /** The same for a text that contains a token. `tokenIn` finds the token; it is not called for a cached text. */
  ofText(text: string, tokenIn: (text: string) => unknown): User | undefined;
}

/**
 * At most 40 MB: for each text a copy with one byte a character, and the id with two bytes a character. Usual cookies take
 * 4 MB. A longer text, or one that was evicted, is verified with every request.
 */
const maxRemembered = 10_000;
const maxLength = 1_500;

/** Three parts in base64url: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies session tokens, HS256 with one of the keys. A text with a valid token is cached until the token expires, because
 * clients send it with every request. Other texts are not cached, so forged ones take no memory. Time is in milliseconds.
 */
export function tokenVerifier(
  jwtKeys: readonly string[],
  { now = Date.now, max = maxRemembered }: { now?: () => number; max?: number } = {},
): TokenVerifier {
  // From a string the library would first try to read a public key, which takes longer than the verification.
  const keys = jwtKeys.map((key) => createSecretKey(Buffer.from(key)));
  // The user's id by the text that the client sends. With 0 the clock is read each time: no token is used after its `exp`.
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
    // A cached cookie is not a token.
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

/** The last millisecond in which a token is valid. The library uses whole seconds, and refuses in the second of `exp`. */
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
