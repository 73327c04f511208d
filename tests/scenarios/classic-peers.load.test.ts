import type { Connection } from 'mongoose';
import { classicAckWaitMs } from '../../dev/stand-ins/classic-peer.ts';
import { randomFrom } from '../faults/random.ts';
import { createBuyers, type Journey } from '../support/classic-buyers.ts';
import {
  type ClassicMarketplace,
  offerTickets,
  startClassicMarketplace,
} from '../support/classic-marketplace.ts';
import { findOutcome, untilSettled } from '../support/classic-outcome.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  secondInstance,
  type TestConfig,
  testConfig,
} from '../support/running-service.ts';
import { environmentOf, runService, type ServiceProcess } from '../support/service-process.ts';

/** The whole of a classic marketplace, where orders end while the next buyer is asking for the ticket. */

const seed = Number(process.env['SEED']) || Date.now() % 1_000_000;
const journeys: Record<Journey, number> = {
  'runs out': 50,
  cancelled: 50,
  'cancelled at once': 100,
  'paid at once': 20,
  'paid with the cancel': 20,
  'paid at the end': 20,
};
/** Longer than the second buyer of a ticket keeps it. */
const orderHoldMs = 11_000;
const outageMs = 60_000;

interface Marketplace extends ClassicMarketplace {
  database: Connection;
  config: TestConfig;
  nats: OwnBroker;
  replicas: { url: string; process: ServiceProcess }[];
}

/** Starts it, each replica of the service a process, and nothing set for its peers but `PEERS`. */
async function startMarketplace(count: number): Promise<Marketplace> {
  const nats = await startOwnBroker();
  const config = testConfig({ orderHoldMs, logLevel: 'info' });
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  const run = async (replica: TestConfig) => {
    const { EVENT_SPACING_SECONDS: _, ...environment } = environmentOf(replica);
    const process = runService({ ...environment, PEERS: 'classic' });
    return { process, url: await process.url() };
  };
  const replicas = [];
  for (let index = 0; index < count; index++)
    replicas.push(await run(index === 0 ? config : secondInstance(config)));
  return { ...(await startClassicMarketplace(config)), config, database, nats, replicas };
}

/** Every journey as often as it is wanted, each on a ticket of its own, until all of them are over and nothing is under way. */
async function runLoad(marketplace: Marketplace): Promise<void> {
  const { database, tickets, payments, replicas } = marketplace;
  const wanted = (Object.entries(journeys) as [Journey, number][]).flatMap(([journey, count]) =>
    Array.from({ length: count }, () => journey),
  );
  const ticketIds = await offerTickets(tickets, wanted.length);
  await eventually(async () => (await database.collection('tickets').countDocuments()) === wanted.length);
  const live = createBuyers({ urls: replicas.map(({ url }) => url), payments });
  await Promise.all(
    wanted.map((journey, index) =>
      live(ticketIds[index] ?? '', journey, randomFrom(seed, `${journey} ${index}`)),
    ),
  );
  await untilSettled(marketplace);
}

/** Kills a replica in the midst of it, and soon afterwards the broker, which is away for a minute. Resolves with its absence. */
async function disturb({
  replicas,
  nats,
  tickets,
  database,
}: Marketplace): Promise<{ from: number; to: number }> {
  const placed = (count: number) =>
    eventually(async () => (await database.collection('orders').countDocuments()) >= count, {
      withinMs: 60_000,
    });
  await placed(120);
  replicas[0]?.process.kill('SIGKILL');
  await placed(200);
  const from = Date.now();
  await nats.server.kill();
  await eventually(() => Date.now() - from > outageMs, { withinMs: 2 * outageMs, everyMs: 500 });
  await nats.server.restart();
  await eventually(() => tickets.peer.isConnected(), { withinMs: 60_000 });
  return { from, to: Date.now() };
}

/**
 * No spacing helps a peer that is down when an event's turn comes: it gets this one when it is back, together with those that
 * came after. Returns whether an order, or a ticket, had such an event.
 */
async function excusedBy({ from, to }: { from: number; to: number }, { config, database }: Marketplace) {
  const peer = await connectPeer(config, 'all');
  const versions = await database
    .collection('orders')
    .find()
    .project<{ version: number }>({ version: 1 })
    .toArray();
  const events = versions.reduce((sum, { version }) => sum + version + 1, 0);
  const states = () => peer.seen.filter(({ subject }) => subject !== 'order:refund-required');
  await eventually(() => new Set(states().map(({ data }) => data['eventId'])).size === events);
  const inDanger = states().filter(({ at }) => at > from - classicAckWaitMs && at < to + classicAckWaitMs);
  const ids = {
    id: new Set(inDanger.map(({ data }) => data['id'])),
    ticketId: new Set(inDanger.map(({ data }) => (data['ticket'] as { id: string }).id)),
  };
  return (kind: keyof typeof ids, id: string) => ids[kind].has(id);
}

const patient = 420_000;

test(
  'When holds end while others ask for their tickets, then no dead order has a lock, and no charge in time is lost',
  async () => {
    const marketplace = await startMarketplace(1);
    await runLoad(marketplace);
    const { orders, paid, ...faults } = await findOutcome(marketplace);
    console.info(`SEED=${seed}: ${orders} orders, ${paid} paid`);
    expect(faults).toEqual({ staleLocks: [], unlocked: [], lostCharges: [] });
    expect(orders).toBeGreaterThanOrEqual(360);
  },
  patient,
);

test(
  'When a replica is killed and the broker is away for a minute in between, then that is so, too',
  async () => {
    const marketplace = await startMarketplace(2);
    const [absence] = await Promise.all([disturb(marketplace), runLoad(marketplace)]);
    const { orders, paid, staleLocks, unlocked, lostCharges } = await findOutcome(marketplace);
    const hasExcuse = await excusedBy(absence, marketplace);
    const counted = {
      staleLocks: staleLocks.filter(({ orderId }) => !hasExcuse('id', orderId)),
      unlocked: unlocked.filter(({ ticketId }) => !hasExcuse('ticketId', ticketId)),
    };
    const excused = staleLocks.length + unlocked.length - counted.staleLocks.length - counted.unlocked.length;
    console.info(
      `SEED=${seed}: ${orders} orders, ${paid} paid, ${excused} wrong locks of events while their peer was down`,
    );
    expect({ ...counted, lostCharges }).toEqual({ staleLocks: [], unlocked: [], lostCharges: [] });
  },
  patient,
);
