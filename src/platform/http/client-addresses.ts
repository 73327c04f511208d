import type { IncomingMessage } from 'node:http';
import type { Express, Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Who is at the other end. Addresses of IPv6 count by the network of their owner, as for the rate limit. */
export interface ClientAddresses {
  /**
   * Whose request it is, where a trusted proxy says so. Undefined where none stands in between, and for a trusted proxy's
   * own address: behind that may be everybody.
   */
  clientOf(req: IncomingMessage): string | undefined;
  /** Whose connection it is; undefined for a trusted proxy's. */
  peerOf(address: string): string | undefined;
}

/** By what the application trusts: its setting `trust proxy`. */
export function clientAddresses(app: Express, trustProxy: TrustedProxies): ClientAddresses {
  const trusts = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  // Of a number of proxies it is known how far away they are, and not where.
  const isInside = (address: string) => typeof trustProxy !== 'number' && trusts(address, 0);
  return {
    clientOf(req) {
      const { remoteAddress = '' } = req.socket;
      if (!trusts(remoteAddress, 0)) return undefined;
      // Messages are born with Express's prototype (express-prototypes.ts).
      const { ip = remoteAddress } = req as Request;
      return ip === remoteAddress || isInside(ip) ? undefined : ipKeyGenerator(ip);
    },
    peerOf: (address) => (trusts(address, 0) ? undefined : ipKeyGenerator(address)),
  };
}
