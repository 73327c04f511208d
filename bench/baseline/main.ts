import { randomUUID } from 'node:crypto';
import cookieSession from 'cookie-session';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import nats from 'node-nats-streaming';
import { connect, models } from './models.ts';
import { RequestError, routes } from './routes.ts';

/** The baseline's process (see models.ts). It has no log, no metrics and no security headers, which makes it faster. */

const { PORT, MONGO_URI = '', NATS_URL = '', NATS_CLUSTER_ID = '', JWT_KEY = '' } = process.env;

const stan = nats.connect(NATS_CLUSTER_ID, `baseline-${randomUUID().slice(0, 8)}`, { url: NATS_URL });
await new Promise<void>((resolve, reject) => {
  stan.once('connect', () => resolve());
  stan.once('error', reject);
});

function publish(subject: string, event: object): Promise<void> {
  return new Promise((resolve, reject) => {
    stan.publish(subject, JSON.stringify(event), (error) => (error ? reject(error) : resolve()));
  });
}

const currentUser: RequestHandler = (req, _res, next) => {
  const token: unknown = req.session?.['jwt'];
  if (typeof token !== 'string') return next();
  try {
    req.user = jwt.verify(token, JWT_KEY) as { id: string };
  } catch {
    // Not signed in: the routes refuse it.
  }
  next();
};

const errorHandler: ErrorRequestHandler = (error, _req, res, _next) => {
  const status = error instanceof RequestError ? error.status : 500;
  if (status === 500) console.error(error);
  res.status(status).send({ errors: [{ message: status === 500 ? 'Something went wrong' : String(error) }] });
};

const connection = await connect(MONGO_URI);
const { Ticket, Order } = models(connection);
await Promise.all([Ticket.init(), Order.init()]);

const app = express();
app.set('trust proxy', true);
app.get('/readyz', (_req, res) => void res.json({}));
app.use(express.json());
app.use(cookieSession({ name: 'express:sess', signed: false, secure: false }));
app.use(currentUser);
routes(app, { Ticket, Order, publish });
app.use(errorHandler);
process.on('SIGTERM', () => process.exit(0));
app.listen(Number(PORT));
