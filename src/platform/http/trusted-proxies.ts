import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Express } from 'express';

/** The number of proxies between the client and the service, or the addresses and networks that they come from. */
export type TrustedProxies = number | string[];

/** Only an attacker sends a longer chain, because each address in it is read. */
const maxProxies = 32;
const networkNames = ['loopback', 'linklocal', 'uniquelocal'];

/** The accepted values, for messages to operators. */
export const trustedProxies =
  `the number of proxies in front (0 to ${maxProxies}), or a list of their addresses and networks, ` +
  `such as loopback, 10.0.0.0/8 (names: ${networkNames.join(', ')}); ` +
  'true is not accepted, since any client could then claim any address';

/** The value for Express's `trust proxy`; undefined for a text that it would misread, or that trusts too many. */
export function readTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= maxProxies ? Number(text) : undefined;
  const networks = text.split(',').map((network) => network.trim());
  return networks.every(isNetwork) ? networks : undefined;
}

function isNetwork(text: string): boolean {
  if (networkNames.includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  // A prefix of 0 would trust every address.
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** Whether the service trusts the proxy with this address, so many hops away. */
type Trusts = (address: string, hop: number) => boolean;

/** Sets `req.ip` to the address of the client as the trusted proxies report it, without a port. */
export function trustProxies(app: Express, trusted: TrustedProxies): void {
  // A copy: Express resolves names of networks in place.
  app.set('trust proxy', typeof trusted === 'number' ? trusted : [...trusted]);
  const trusts = app.get('trust proxy fn') as Trusts;
  Object.defineProperty(app.request, 'ip', {
    get(this: IncomingMessage) {
      return clientAddress(this, trusts);
    },
  });
}

/**
 * The first address that is not a trusted proxy, or the last one in the chain. Express uses `X-Forwarded-For` unchanged, but
 * some proxies add the port, which changes with each connection. When an entry is not an address, the proxy that sent it
 * counts as the client.
 */
function clientAddress({ headers, socket }: IncomingMessage, trusts: Trusts): string | undefined {
  const forwardedFor = String(headers['x-forwarded-for'] ?? '').split(',');
  let address = socket.remoteAddress;
  for (let hop = 0; hop < maxProxies && address !== undefined && trusts(address, hop); hop++) {
    const before = readAddress(forwardedFor.pop()?.trim() ?? '');
    if (before === undefined) return address;
    address = before;
  }
  return address;
}

/** The address in `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:443`. */
function readAddress(text: string): string | undefined {
  if (isIP(text) !== 0) return text;
  const [, bracketed = '', plain = ''] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(text) ?? [];
  if (isIPv6(bracketed)) return bracketed;
  return isIPv4(plain) ? plain : undefined;
}
