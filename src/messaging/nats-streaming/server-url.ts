import { readNatsAddress } from './login.ts';

/** What a server's URL must be, for those who write one. */
export const serverUrl =
  'the URL of one NATS Streaming server, nats://host:port or tls://host:port, before the host user:password@ or token@ if it wants them, percent-encoded';

/**
 * Reads a server's URL and adds the port where it has none: the client library knows no default port, and takes what is no
 * URL for a server that is away. Returns undefined for what is not one.
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
