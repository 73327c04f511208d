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

const outageMs = 60_000;
const ordersPerSecond = 20;
const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});

function ownConfig() {
  const config = testConfig();
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  return config;
}

/** Places an order for a new ticket, and cancels it right away if it is to. Resolves with the answers' statuses. */
async function order(url: string, database: Connection, turn: number): Promise<number[]> {
  const body = JSON.stringify({ ticketId: await storeTicket(database) });
  const placed = await fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
  if (turn % 4 > 0) return [placed.status];
  const { id } = (await placed.json()) as { id: string };
  return [
    placed.status,
    (await fetch(`${url}/api/orders/${id}`, { method: 'DELETE', headers: buyer })).status,
  ];
}

/** Orders at a steady pace, however long each takes, for as long as the outage lasts. */
async function load(url: string, database: Connection): Promise<number[][]> {
  const answers: Promise<number[]>[] = [];
  const started = Date.now();
  await eventually(
    () => {
      for (; answers.length < ((Date.now() - started) / 1_000) * ordersPerSecond; )
        answers.push(order(url, database, answers.length));
      return Date.now() - started >= outageMs;
    },
    { withinMs: 2 * outageMs },
  );
  return Promise.all(answers);
}

test.each(['while the service runs', 'before the service starts'])(
  'When the broker goes away %s and comes back after a minute, then no request has failed and every event leaves in order',
  async (moment) => {
    const config = ownConfig();
    const database = await openDatabase(config);
    if (moment === 'before the service starts') await nats.server.kill();
    const { url, stop } = await startTestService(config);
    const ready = async () => (await fetch(`${url}/readyz`)).status;
    expect(await ready()).toBe(200);
    await nats.server.kill();
    const answers = await load(url, database);
    expect(new Set(answers.map(String))).toEqual(new Set(['201', '201,204']));

    const before = Date.now();
    await nats.server.restart();
    const returned = Date.now();
    const waiting = () => database.collection('orders').countDocuments({ relayDueAt: { $exists: true } });
    await eventually(async () => (await waiting()) === 0, { withinMs: 60_000, everyMs: 500 });
    const emptied = Date.now();
    const peer = await connectPeer(config, 'all');
    const ids = new Set(
      (
        await database
          .collection('orders')
          .find({}, { projection: { _id: 1 } })
          .toArray()
      ).map(({ _id }) => String(_id)),
    );
    const ours = () => peer.seen.filter(({ data }) => ids.has(String(data['id'])));
    const expected = answers.flat().length;
    await eventually(() => new Set(ours().map(({ data }) => data['eventId'])).size === expected, {
      withinMs: 30_000,
    });
    const last = Math.max(...ours().map(({ at }) => at));
    console.log({
      moment,
      expected,
      seen: ours().length,
      restart: returned - before,
      last: last - returned,
      emptied: emptied - returned,
    });
    const createdAt = new Map(
      ours().flatMap(({ subject, data, at }) => (subject === 'order:created' ? [[data['id'], at]] : [])),
    );
    for (const { subject, data, at } of ours()) {
      if (subject === 'order:cancelled') expect(createdAt.get(data['id'])).toBeLessThan(at);
    }
    await stop();
  },
  4 * outageMs,
);
