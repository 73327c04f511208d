import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { demoUrl } from '../demo-url.ts';
import { authRoutes } from '../stand-ins/auth-routes.ts';
import { eventStream } from './event-stream.ts';
import { type InsideDeps, insideRoutes } from './inside-routes.ts';
import { type MarketDeps, marketRoutes } from './market-routes.ts';
import { pageRoutes } from './pages.ts';
import { passThrough } from './pass-through.ts';

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
export async function startStorefront(parts: StorefrontDeps): Promise<Storefront> {
  const app = express();
  app.disable('x-powered-by');
  app.use('/api/orders', passThrough(parts.serviceUrl));
  app.get('/events', eventStream(parts.feed));
  authRoutes(parts.jwtKey)(app);
  marketRoutes(parts)(app);
  insideRoutes(parts)(app);
  pageRoutes(app);

  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.listenAddress, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: demoUrl(port, parts.listenAddress),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // The event streams never end by themselves.
      server.closeAllConnections();
      await closed;
    },
  };
}
