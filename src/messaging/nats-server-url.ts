import { readNatsAddress } from './nats-login.ts';

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
