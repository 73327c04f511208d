import { type NatsAddress, readNatsAddress, readServerUrl } from '../nats-server-url.ts';

/** The servers of one cluster. */
export interface ServerAddresses {
  /** Without the login. */
  servers: string[];
  /** Whether one of them is given as `tls://`. The client does not read the scheme. */
  tls: boolean;
  /** Decoded; the same for all servers. */
  login: NatsAddress['login'];
}

/**
 * Reads the URLs of a cluster's servers, separated by commas. Returns undefined when one is not a URL, or two have
 * different logins: the client sends one login to all of them.
 */
export function readServerUrls(given: string): ServerAddresses | undefined {
  const urls = given.split(',').map((url) => readServerUrl(url.trim()));
  const addresses = urls.flatMap((url) => (url === undefined ? [] : [readNatsAddress(url)]));
  if (addresses.length < urls.length) return undefined;
  const logins = new Map(addresses.map(({ login }) => [JSON.stringify(login), login]));
  logins.delete('{}');
  if (logins.size > 1) return undefined;
  const [login = {}] = logins.values();
  return {
    servers: addresses.map(({ url }) => url),
    tls: addresses.some(({ url }) => url.startsWith('tls:')),
    login,
  };
}
