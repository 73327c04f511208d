import type { Connection } from 'mongoose';
import { signedIn, storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../../tests/support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../tests/support/running-service.ts';

const ordersPerSecond = 20;
/** Longer outages need a database that does not slow down with every order stored, as the stand-in does. */
const outageSeconds = Number(process.env['OUTAGE_SECONDS'] ?? 30);
/** The promise is 10 s for a thousand events, by the broker's clock; the rest is for a machine with other work. */
const acknowledgedWithinMs = 30_000;
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

test.each(['while the service runs', 'before the service starts'])(
  'When the broker goes away %s, then no order is refused and every event leaves soon after its return, in order',
  async (moment) => {
    const config = testConfig();
    config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
    const database = await openDatabase(config);
    const ticketIds = await Promise.all(
      Array.from({ length: outageSeconds * ordersPerSecond }, () => storeTicket(database)),
    );
    if (moment === 'before the service starts') await nats.server.kill();
    const { url, stop } = await startTestService(config);
    if (moment === 'while the service runs') {
      await eventually(async () => (await (await fetch(`${url}/readyz`)).text()).includes('"broker":"up"'));
      await nats.server.kill();
    }
    const answers = await orderAll(url, ticketIds);
    expect(new Set(answers.map(String))).toEqual(new Set(['201', '201,204']));

    await nats.server.restart();
    const returned = Date.now();
    const waiting = () => database.collection('orders').countDocuments({ relayDueAt: { $exists: true } });
    await eventually(async () => (await waiting()) === 0, { withinMs: 60_000, everyMs: 500 });
    await stop();

    const peer = await connectPeer(config, 'all');
    const wanted = new Set(await eventsIn(database));
    expect(wanted.size).toBe(answers.flat().length);
    const arrived = () => peer.seen.filter(({ data }) => wanted.has(String(data['eventId'])));
    await eventually(() => new Set(arrived().map(({ data }) => data['eventId'])).size === wanted.size);
    // Of an event that came twice, the first counts.
    const at = new Map(
      arrived()
        .toReversed()
        .map((event) => [event.data['eventId'], event.at]),
    );
    expect(Math.max(...at.values()) - returned).toBeLessThan(acknowledgedWithinMs);
    for (const { subject, data } of arrived()) {
      if (subject !== 'order:cancelled') continue;
      expect(at.get(`${data['id']}:0`)).toBeLessThan(at.get(`${data['id']}:1`) ?? 0);
    }
  },
  240_000,
);
