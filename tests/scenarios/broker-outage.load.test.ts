import type { Connection } from 'mongoose';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTestService,
  testConfig,
} from '../support/running-service.ts';

const ordersPerSecond = 20;
const outageSeconds = 60;
const ordersEach = outageSeconds * ordersPerSecond;
/** Every eighth order is cancelled. */
const eventsEach = ordersEach + ordersEach / 8;
/** By the broker's clock, from its return to the last event of the outage: 2,700, of two services. */
const acknowledgedWithinMs = 10_000;
const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});

/** Places an order, and cancels every eighth right away. Resolves with the answers' statuses. */
async function order(url: string, ticketId: string, turn: number): Promise<number[]> {
  const body = JSON.stringify({ ticketId });
  const placed = await fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
  const { id } = (await placed.json()) as { id: string };
  if (turn % 8 > 0) return [placed.status];
  const cancelled = await fetch(`${url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
  return [placed.status, cancelled.status];
}

/** Orders at a steady pace, however long each takes, for as long as the tickets last. */
async function orderAll(url: string, ticketIds: string[]): Promise<number[][]> {
  const answers: Promise<number[]>[] = [];
  const started = Date.now();
  const due = () => Math.min(ticketIds.length, ((Date.now() - started) / 1_000) * ordersPerSecond);
  await eventually(
    () => {
      for (const ticketId of ticketIds.slice(answers.length, due()))
        answers.push(order(url, ticketId, answers.length));
      return answers.length === ticketIds.length;
    },
    { withinMs: 120_000 },
  );
  return Promise.all(answers);
}

async function eventsIn(database: Connection): Promise<string[]> {
  const orders = await database.collection('orders').find().toArray();
  return orders.flatMap(({ _id, version }) =>
    Array.from({ length: (version as number) + 1 }, (_, index) => `${_id.toHexString()}:${index}`),
  );
}

/** A database of its own for a service, with tickets for the whole outage. */
async function prepare() {
  const config = testConfig();
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  const ticketIds = await Promise.all(Array.from({ length: ordersEach }, () => storeTicket(database)));
  return { config, database, ticketIds };
}

/** When the broker had each of these events first, by its own clock, by event id; @throws when one came out of order. */
async function firstArrivals(peer: Peer, wanted: Set<string>): Promise<Map<string, number>> {
  const arrived = () => peer.seen.filter(({ data }) => wanted.has(String(data['eventId'])));
  await eventually(() => new Set(arrived().map(({ data }) => data['eventId'])).size === wanted.size, {
    withinMs: 60_000,
    everyMs: 250,
  });
  // Of an event that came twice, the first counts.
  const at = new Map(
    arrived()
      .toReversed()
      .map((event) => [String(event.data['eventId']), event.at]),
  );
  for (const { subject, data } of arrived()) {
    if (subject !== 'order:cancelled') continue;
    expect(at.get(`${data['id']}:0`)).toBeLessThan(at.get(`${data['id']}:1`) ?? 0);
  }
  return at;
}

test('When the broker is away for a minute, then no order is refused, and every event leaves soon after its return', async () => {
  const [running, late] = [await prepare(), await prepare()];
  const first = await startTestService(running.config);
  await eventually(async () => (await (await fetch(`${first.url}/readyz`)).text()).includes('"broker":"up"'));
  await nats.server.kill();
  // The second one starts while the broker is away.
  const second = await startTestService(late.config);
  const answers = await Promise.all([
    orderAll(first.url, running.ticketIds),
    orderAll(second.url, late.ticketIds),
  ]);
  for (const ofOne of answers) expect(new Set(ofOne.map(String))).toEqual(new Set(['201', '201,204']));

  const sent = await Promise.all([running, late].map(({ database }) => eventsIn(database)));
  await nats.server.restart();
  const returned = Date.now();
  // Asked of the broker alone: reading the outboxes now would slow down the database that empties them.
  const peer = await connectPeer(running.config, 'all');
  for (const events of sent) {
    expect(new Set(events).size).toBe(eventsEach);
    const at = await firstArrivals(peer, new Set(events));
    expect(Math.max(...at.values()) - returned).toBeLessThan(acknowledgedWithinMs);
  }
  for (const { database } of [running, late]) {
    const waiting = () => database.collection('orders').countDocuments({ relayDueAt: { $gt: new Date(0) } });
    await eventually(async () => (await waiting()) === 0, { withinMs: 60_000, everyMs: 500 });
  }
  await Promise.all([first.stop(), second.stop()]);
}, 240_000);
