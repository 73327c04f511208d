import { isIP } from 'node:net';

/** The number of proxies between the client and the service, or the addresses and networks that they come from. */
export type TrustedProxies = number | string[];

const mostProxies = 32;
const networkNames = ['loopback', 'linklocal', 'uniquelocal'];

/** What is accepted, for people. */
export const trustedProxies =
  `the number of proxies in front (0 to ${mostProxies}), or a list of their addresses and networks, ` +
  `such as loopback, 10.0.0.0/8 (names: ${networkNames.join(', ')}); ` +
  'true is not accepted, since any client could then claim any address';

/** What Express's `trust proxy` is set to; undefined for what it would misunderstand, or trust too far. */
export function readTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= mostProxies ? Number(text) : undefined;
  const networks = text.split(',').map((network) => network.trim());
  return networks.every(isNetwork) ? networks : undefined;
}

function isNetwork(text: string): boolean {
  if (networkNames.includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  // A prefix of 0 would be everybody.
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
}
