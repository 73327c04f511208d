/** The URL of a server without the login, and the decoded login. */
export interface NatsAddress {
  url: string;
  login: { user: string; pass: string } | { token: string } | Record<string, never>;
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
