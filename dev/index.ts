import { startStack } from './embedded/stack.ts';
import { startServiceProcess } from './service-process.ts';
import { sessionCookie } from './session-cookie.ts';
import { startTicketsService } from './stand-ins/tickets-service.ts';
import { tryIt } from './try-it.ts';

/** Signs the sessions of this demo; a deployment has a secret of its own. */
const jwtKey = 'a key for development, known to everybody';
const priceChangeEveryMs = 5_000;

const port = process.env['PORT'] ?? '3000';
const holdSeconds = process.env['ORDER_HOLD_SECONDS'] ?? '900';

/** Starts the servers, the service and the stand-in for the tickets service, until a signal comes. */
async function main(): Promise<void> {
  const stops: (() => Promise<unknown>)[] = [];
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    await Promise.race([signalled, start(stops)]);
  } finally {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  }
}

async function start(stops: (() => Promise<unknown>)[]): Promise<void> {
  const stack = await startStack({ log: (line) => console.log(line) });
  stops.push(() => stack.stop());
  console.log(`using ${stack.mongo.description} and ${stack.nats.description}`);

  const service = await startServiceProcess({
    PORT: port,
    MONGO_URI: stack.mongo.uri('orders'),
    NATS_URL: stack.nats.url,
    NATS_CLUSTER_ID: stack.nats.clusterId,
    NATS_CLIENT_ID: `orders-dev-${process.pid}`,
    JWT_KEY: jwtKey,
    ORDER_HOLD_SECONDS: holdSeconds,
    SHUTDOWN_DELAY_SECONDS: '0',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
  });
  stops.push(() => service.stop());

  const ticketsService = await startTicketsService(stack.nats, priceChangeEveryMs);
  stops.push(() => ticketsService.stop());
  const { tickets } = ticketsService;
  const ada = sessionCookie({ id: 'ada', email: 'ada@example.com' }, jwtKey);
  const ben = sessionCookie({ id: 'ben', email: 'ben@example.com' }, jwtKey);
  const print = tryIt({ url: service.url, tickets, ada, ben, holdSeconds: Number(holdSeconds) });
  console.log(print);
  await service.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
