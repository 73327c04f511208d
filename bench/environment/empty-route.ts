import mongoose from 'mongoose';
import pino from 'pino';
import { ownStatusNames } from '../../src/orders/domain/status-names.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { viewOrders } from '../../src/orders/http/order-view.ts';
import { createApp } from '../../src/platform/http/app.ts';
import { reply } from '../../src/platform/http/reply.ts';
import { listen } from '../../src/platform/http/server.ts';
import { readSession, requireUser } from '../../src/platform/http/session.ts';

/** A limit: the service's Express application and middlewares, with a route that only sends a fixed response. */

const id = new mongoose.Types.ObjectId().toHexString();
const purchase = {
  id,
  userId: id,
  ticket: { id, title: 'A ticket', price: 20, version: 0 },
  holdMs: 900_000,
};
const now = new Date();
const body = viewOrders(ownStatusNames).orderView(transitions.place(purchase, { now }).order, now);

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
