import type { Logger } from 'pino';

/** A key of HS256 must be at least as long as its hash: https://www.rfc-editor.org/rfc/rfc7518#section-3.2 */
const minBytes = 32;

export interface JwtKeys {
  jwtKey: string;
  jwtKeyPrevious?: string;
}

/** The keys that a session may be signed with, the current one first. */
export function acceptedKeys({ jwtKey, jwtKeyPrevious }: JwtKeys): readonly string[] {
  return jwtKeyPrevious === undefined ? [jwtKey] : [jwtKey, jwtKeyPrevious];
}

/** Logs which variable has a key that is short enough to be guessed, but never the key. */
export function warnOfShortKeys({ jwtKey, jwtKeyPrevious }: JwtKeys, log: Logger): void {
  for (const [variable, key] of Object.entries({ JWT_KEY: jwtKey, JWT_KEY_PREVIOUS: jwtKeyPrevious })) {
    if (key !== undefined && Buffer.byteLength(key) < minBytes) {
      log.warn({ variable }, `the key has under ${minBytes} bytes and can be guessed: use a longer one`);
    }
  }
}
