import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { authRoutes } from '../stand-ins/auth-routes.ts';
import { demoUrl } from './demo-url.ts';
import { eventStream } from './event-stream.ts';
import { type InsideDeps, insideRoutes } from './inside-routes.ts';
import { type MarketDeps, marketRoutes } from './market-routes.ts';
import { proxyTo } from './orders-proxy.ts';
import { pageRoutes } from './page-routes.ts';

export interface StorefrontDeps extends InsideDeps, MarketDeps {
  /** 0 takes any free port. */
  port: number;
  listenAddress: string;
  /** Where the orders service listens. */
  serviceUrl: string;
}

export interface Storefront {
  url: string;
  stop(): Promise<void>;
}

/** Serves the shop on one origin: its pages, the real orders service behind `/api/orders`, stand-ins for the others. */
export async function startStorefront(deps: StorefrontDeps): Promise<Storefront> {
  const app = express();
  app.disable('x-powered-by');
  app.use('/api/orders', proxyTo(deps.serviceUrl));
  app.get('/events', eventStream(deps.feed));
  authRoutes(deps.jwtKey)(app);
  marketRoutes(deps)(app);
  insideRoutes(deps)(app);
  pageRoutes(app);

  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, deps.listenAddress, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: demoUrl(port, deps.listenAddress),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // The event streams never end by themselves.
      server.closeAllConnections();
      await closed;
    },
  };
}
