import type { IncomingMessage } from 'node:http';
import type { Express, Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import type { TrustedProxies } from './trusted-proxies.ts';

/** The client that a request or a connection counts for. IPv6 addresses count by network, as for the rate limit. */
export interface ClientAddresses {
  /**
   * The client's address as a trusted proxy reports it. Undefined without such a proxy, and for a trusted proxy's own
   * address, which may stand for many clients.
   */
  clientOf(req: IncomingMessage): string | undefined;
  /** The client of a connection; undefined when it comes from a trusted proxy. */
  peerOf(address: string): string | undefined;
}

/** Finds clients by the app's setting `trust proxy`. */
export function clientAddresses(app: Express, trustProxy: TrustedProxies): ClientAddresses {
  const trusts = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  // A number gives only the count of proxies, not their addresses.
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
