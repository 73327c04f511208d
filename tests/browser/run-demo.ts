import { type Demo, startDemo, stopAll } from '../../dev/demo.ts';
import type { BrokerKind } from '../../dev/embedded/embedded-server.ts';
import { readSettings } from '../../dev/settings.ts';
import type { TicketView } from '../../dev/stand-ins/tickets-service.ts';
import { atEnd } from '../support/at-end.ts';

const jwtKey = 'the key of the browser tests';
/** Long: a test that counts versions makes its own. */
const changePricesEveryMs = 3_600_000;

interface DemoSettings {
  holdSeconds: number;
  peers?: 'classic';
  broker?: BrokerKind;
  cooldownSeconds?: number;
  refundsTakeMs?: number;
}

/** The demo of a test file. */
export interface TestedDemo extends Demo {
  /** A ticket that no test of the file has had yet, as it was when the demo had started. */
  nextTicket(): TicketView;
}

/** The demo, as `npm run dev` starts it, with servers of its own and on free ports; it ends with the test file. */
export async function runDemo({
  holdSeconds,
  peers,
  broker = 'nats-streaming',
  cooldownSeconds = 0,
  refundsTakeMs = 0,
}: DemoSettings): Promise<TestedDemo> {
  // A broker that is not the test's own could not be stopped.
  for (const name of ['MONGO_URI', 'NATS_URL', 'JETSTREAM_URL']) delete process.env[name];
  const stops: (() => Promise<unknown>)[] = [];
  atEnd(() => stopAll(stops));
  const variables = {
    BROKER: broker,
    PORT: '0',
    STOREFRONT_PORT: '0',
    ORDER_HOLD_SECONDS: String(holdSeconds),
    ORDER_COOLDOWN_SECONDS: String(cooldownSeconds),
    LOG_LEVEL: 'silent',
  };
  const settings = await readSettings(variables, jwtKey, peers);
  const demo = await startDemo(
    { ...settings, jwtKey, changePricesEveryMs, refundsTakeMs, log: () => undefined },
    stops,
  );
  return { ...demo, nextTicket: handOut(demo.tickets) };
}

function handOut(tickets: readonly TicketView[]): () => TicketView {
  const unused = [...tickets];
  return () => {
    const ticket = unused.shift();
    if (!ticket) throw new Error('there are more tests than tickets');
    return ticket;
  };
}
