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

/** Finds out whose a session is. What is wrong with one makes no difference: it is nobody's. */
export interface TokenVerifier {
  ofToken(token: string): User | undefined;
  /** The same for a text that a token stands in; `tokenIn` finds it, and is not called for a text that is remembered. */
  ofText(text: string, tokenIn: (text: string) => unknown): User | undefined;
}

/**
 * At most 40 MB: of each a copy of the text, one byte a character, and the id from it, two bytes a character. Usual
 * cookies take 4 MB. One that is longer, or has made room for others, is verified each time it comes.
 */
const maxRemembered = 10_000;
const maxLength = 1_500;

/** Three parts in base64url: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies session tokens, HS256 over one of the keys. What had a good token is remembered until the token expires: its
 * owner sends it with every request. What had none never is, so forged ones take no room. Time is in milliseconds.
 */
export function tokenVerifier(
  jwtKeys: readonly string[],
  { now = Date.now, max = maxRemembered }: { now?: () => number; max?: number } = {},
): TokenVerifier {
  // Given text, the library would first try to read it as a public key, which takes longer than all the rest.
  const keys = jwtKeys.map((key) => createSecretKey(Buffer.from(key)));
  // By what a client has sent its user's id. The clock is read each time (0), so that a token counts no longer than it says.
  const userIds = new LRUCache<string, string>({ max, perf: { now }, ttlResolution: 0 });

  function remember(text: string, { id, exp }: Verified): void {
    if (text.length > maxLength) return;
    const ttl = lastGood(exp) - now();
    // To the cache 0 would mean that the token never expires.
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
    // A cookie that is remembered is no token all the same.
    ofToken: (token) => (isToken(token) ? ofText(token, itself) : undefined),
  };
}

const itself = (token: string) => token;

function isToken(token: unknown): token is string {
  return typeof token === 'string' && tokenForm.test(token);
}

/** A slice of a text keeps all of the text in memory: of a header, whatever else stands in it. For text of one byte a character. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** The last millisecond in which a token counts. The library's rule: whole seconds, and the one of `exp` is too late. */
function lastGood(exp = Number.POSITIVE_INFINITY): number {
  return Math.ceil(exp) * 1_000 - 1;
}

/** A key is being rotated when there are two. */
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
    // Expired, forged or garbage: all the same to the caller, who is not signed in.
    return undefined;
  }
}
