import { startStack } from './embedded/stack.ts';
import { untilReplicated } from './replicated.ts';
import { startServiceProcess } from './service-process.ts';
import { sessionCookie } from './session-cookie.ts';
import { readSettings } from './settings.ts';
import { startTicketsService } from './stand-ins/tickets-service.ts';
import { tryIt } from './try-it.ts';

/** Signs the sessions of this demo; a deployment has a secret of its own. */
const jwtKey = 'a key for development, known to everybody';
const priceChangeEveryMs = 5_000;

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
  const settings = await readSettings(process.env, jwtKey);
  const stack = await startStack({ log: (line) => console.log(line) });
  stops.push(() => stack.stop());
  console.log(`using ${stack.mongo.description} and ${stack.nats.description}`);

  const mongoUri = stack.mongo.uri('orders');
  const service = await startServiceProcess({
    ...settings.variables,
    MONGO_URI: mongoUri,
    NATS_URL: stack.nats.url,
    NATS_CLUSTER_ID: stack.nats.clusterId,
  });
  stops.push(() => service.stop());

  const ticketsService = await startTicketsService(stack.nats, priceChangeEveryMs);
  stops.push(() => ticketsService.stop());
  const { tickets } = ticketsService;
  await untilReplicated(
    mongoUri,
    tickets.map(({ id }) => id),
  );

  const ada = sessionCookie({ id: 'ada', email: 'ada@example.com' }, jwtKey);
  const ben = sessionCookie({ id: 'ben', email: 'ben@example.com' }, jwtKey);
  const print = tryIt({ url: service.url, tickets, ada, ben, holdSeconds: settings.orderHoldMs / 1_000 });
  console.log(print);
  await service.ended;
  throw new Error('the service process has ended by itself');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
