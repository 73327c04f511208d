/** The URL of a server without the login, and the decoded login. */
export interface NatsAddress {
  url: string;
  login: { user: string; pass: string } | { token: string } | Record<string, never>;
}

/** The form of a server's URL, for messages to operators. */
export const serverUrlForm =
  'nats://host:port or tls://host:port, before the host user:password@ or token@ if it wants them, percent-encoded';

/**
 * Reads a server's URL, and adds the port if it has none, because the client library has no default. Returns undefined for
 * a text that is not a URL: the library would treat it as a server that is away.
 */
export function readServerUrl(given: string): string | undefined {
  if (!/^(nats|tls):\/\/[^/?#\s]+\/?$/.test(given) || !URL.canParse(given)) return undefined;
  const url = new URL(given);
  url.port ||= '4222';
  return url.hostname !== '' && hasReadableLogin(url) ? url.href : undefined;
}

function hasReadableLogin(url: URL): boolean {
  try {
    readNatsAddress(url.href);
    return true;
  } catch {
    // The error may repeat a part of the password.
    return false;
  }
}

/**
 * Takes the login out of a server's URL, `user:password@` or `token@`, and decodes it. The client library does not, and
 * the server would always refuse a login with an encoded character.
 *
 * @throws URIError when it is not percent-encoded, or a password has no user
 */
export function readNatsAddress(from: string): NatsAddress {
  const url = new URL(from);
  const [user, pass] = [url.username, url.password].map(decodeURIComponent) as [string, string];
  url.username = '';
  url.password = '';
  if (pass !== '' && user === '') throw new URIError('a password without a user');
  if (pass !== '') return { url: url.href, login: { user, pass } };
  return { url: url.href, login: user === '' ? {} : { token: user } };
}
