import { startDemo, stopAll } from './demo.ts';
import { instructions } from './instructions.ts';
import { readPeers } from './peers.ts';
import { readSettings } from './settings.ts';
import { sessionCookie } from './stand-ins/session-cookie.ts';

/** Signs the sessions of this demo. A deployment has a secret of its own. */
const jwtKey = 'a key for development, known to everybody';
const changePricesEveryMs = 5_000;
/** Long enough to be seen. */
const refundsTakeMs = 8_000;

/** Runs the demo until a signal comes. */
async function main(): Promise<void> {
  const stops: (() => Promise<unknown>)[] = [];
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    await Promise.race([signalled, run(stops)]);
  } finally {
    await stopAll(stops);
  }
}

async function run(stops: (() => Promise<unknown>)[]): Promise<void> {
  const peers = readPeers(process.argv.slice(2));
  const settings = await readSettings(process.env, jwtKey, peers);
  const log = (line: string) => console.log(line);
  const demo = await startDemo({ ...settings, jwtKey, changePricesEveryMs, refundsTakeMs, log }, stops);
  const ada = sessionCookie({ id: 'ada', email: 'ada@example.com' }, jwtKey);
  const ben = sessionCookie({ id: 'ben', email: 'ben@example.com' }, jwtKey);
  const holdSeconds = settings.orderHoldMs / 1_000;
  console.log(instructions({ ...demo, ada, ben, holdSeconds, ...(peers && { peers }) }));
  await demo.ended;
  throw new Error('the service process has ended by itself');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
