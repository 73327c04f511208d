import mongoose from 'mongoose';
import pino from 'pino';
import { createApp } from '../../src/http/app.ts';
import { reply } from '../../src/http/reply.ts';
import { listen } from '../../src/http/server.ts';
import { readSession, requireUser } from '../../src/http/session.ts';
import { placed } from '../../src/orders/order-change.ts';
import { orderView } from '../../src/orders/order-view.ts';

/** A limit: the service's Express application and middlewares, and a route that does nothing but answer. */

const id = new mongoose.Types.ObjectId().toHexString();
const purchase = {
  id,
  userId: id,
  ticket: { id, title: 'A ticket', price: 20, version: 0 },
  holdMs: 900_000,
};
const now = new Date();
const body = orderView(placed(purchase, { now }).order, now);

const app = createApp({
  log: pino(),
  probes: (app) => app.get('/readyz', (_req, res) => void res.json({})),
  onRequest: () => undefined,
  trustProxy: 0,
  session: readSession([process.env['JWT_KEY'] ?? '']),
  routes: (app) => {
    app.get(
      '/api/orders/:orderId',
      requireUser,
      reply(async () => ({ status: 200, body })),
    );
  },
});

process.on('SIGTERM', () => process.exit(0));
await listen(app, Number(process.env['PORT']));
