import type { IncomingMessage } from 'node:http';
import type { Express, Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Which client a request or a connection counts for. IPv6 addresses count by network, as for the rate limit. */
export interface ClientAddresses {
  /**
   * Whose request it is, where a trusted proxy says so. Undefined where none stands in between, and for a trusted proxy's
   * own address: behind that may be everybody.
   */
  clientOf(req: IncomingMessage): string | undefined;
  /** Whose connection it is; undefined for a trusted proxy's. */
  peerOf(address: string): string | undefined;
}

/** Finds clients by the app's setting `trust proxy`. */
export function clientAddresses(app: Express, trustProxy: TrustedProxies): ClientAddresses {
  const trusts = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  // A number says how many proxies there are, not their addresses.
  const isInside = (address: string) => typeof trustProxy !== 'number' && trusts(address, 0);
  return {
    clientOf(req) {
      const { remoteAddress = '' } = req.socket;
      if (!trusts(remoteAddress, 0)) return undefined;
      // Requests have Express's prototype from the start (express-prototypes.ts).
      const { ip = remoteAddress } = req as Request;
      return ip === remoteAddress || isInside(ip) ? undefined : ipKeyGenerator(ip);
    },
    peerOf: (address) => (trusts(address, 0) ? undefined : ipKeyGenerator(address)),
  };
}
