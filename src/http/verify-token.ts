import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';

export interface User {
  id: string;
}

interface Verified extends User {
  /** In seconds since 1970, as in the token; none: it does not expire. */
  exp: number | undefined;
}

/**
 * At most 25 MB: of each a copy of the token, one byte a character, and the id from it, two bytes a character. Usual ones
 * take 4 MB. What comes on top, or is longer, is verified each time.
 */
const mostRemembered = 10_000;
const longestRemembered = 1_024;

/** Three parts in base64url: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const tokenForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Verifies session tokens, HS256 over one of the keys. A token that was good is remembered until it expires: its owner
 * sends it with every request. A bad one never is, so forged ones take no room. Time is in milliseconds.
 */
export function tokenVerifier(
  jwtKeys: readonly string[],
  { now = Date.now, most = mostRemembered }: { now?: () => number; most?: number } = {},
): (token: string) => User | undefined {
  // Given text, the library would first try to read it as a public key, which takes longer than all the rest.
  const keys = jwtKeys.map((key) => createSecretKey(Buffer.from(key)));
  const remembered = new Map<string, Verified>();

  function recall(token: string): User | undefined {
    const known = remembered.get(token);
    if (!known) return undefined;
    // The library's rule: whole seconds, and the last one is too late.
    if (known.exp === undefined || Math.floor(now() / 1_000) < known.exp) return { id: known.id };
    remembered.delete(token);
    return undefined;
  }

  function remember(token: string, verified: Verified): void {
    if (token.length > longestRemembered) return;
    const [oldest] = remembered.keys();
    if (remembered.size >= most && oldest !== undefined) remembered.delete(oldest);
    remembered.set(copyOf(token), verified);
  }

  return (token) => {
    if (!tokenForm.test(token)) return undefined;
    const known = recall(token);
    if (known) return known;
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

/** A slice of a text keeps all of the text in memory: of a header, whatever else stands in it. */
function copyOf(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1');
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
