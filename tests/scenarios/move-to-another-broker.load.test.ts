import type { Connection } from 'mongoose';
import { freePort } from '../../dev/embedded/free-port.ts';
import { readBrokerConfig } from '../../src/broker-config.ts';
import type { Config } from '../../src/config.ts';
import { sleep } from '../../src/platform/time/repeat.ts';
import type { Service } from '../../src/service.ts';
import { type BrokerUnderTest, kinds, patient } from '../conformance/broker-under-test.ts';
import { type LagRun, runBroker } from '../support/broker-lag.ts';
import { signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { createMovingPeers } from '../support/moving-peers.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

/** docs/moving-to-jetstream.md, step by step: there and back, while buyers buy. */
const buyers = 6;
const { nats: _, ...common } = testConfig();
const peers = createMovingPeers();
let brokers: Record<'NATS Streaming' | 'JetStream', BrokerUnderTest>;
let monitoring: string[];
let database: Connection;
let replicas: Service[] = [];

beforeAll(async () => {
  const port = await freePort();
  monitoring = ['--monitoring', `http://127.0.0.1:${port}`];
  const [natsStreaming, jetStream] = await Promise.all([
    kinds['NATS Streaming'](['-m', String(port)]),
    kinds.JetStream(),
  ]);
  brokers = { 'NATS Streaming': natsStreaming, JetStream: jetStream };
  database = await openDatabase(common);
}, 120_000);

type Kind = keyof typeof brokers;

/** Replaces the replicas one by one, as a rolling update does. */
async function rollOut(kind: Kind, publishing: 'on' | 'paused'): Promise<void> {
  for (const old of replicas.length > 0 ? [...replicas] : [undefined, undefined]) {
    const broker = readBrokerConfig(brokers[kind].environment(), `orders-${crypto.randomUUID()}`);
    const config: Config = {
      ...common,
      ...broker,
      brokerPaused: publishing === 'paused',
      shutdownDelayMs: 500,
    };
    const replica = await startTestService(config);
    await eventually(async () => {
      const readiness = (await (await fetch(`${replica.url}/readyz`)).json()) as { broker: string };
      return readiness.broker === 'up';
    }, patient);
    replicas = [...replicas.filter((one) => one !== old), replica];
    // It is asked for nothing more, and finishes what it has.
    await old?.stop();
  }
}

async function lag(kind: Kind): Promise<LagRun> {
  const environment = { MONGO_URI: common.mongoUri, ...brokers[kind].environment() };
  return runBroker(environment, 'lag', ...(kind === 'JetStream' ? [] : monitoring));
}

/** Orders that buyers have placed so far; every other answer than a success is kept. */
const load: { placed: string[]; refused: string[]; ends: boolean; paying: boolean } = {
  placed: [],
  refused: [],
  ends: false,
  paying: true,
};

async function request(
  path: string,
  method: string,
  headers: object,
  body?: object,
): Promise<{ id: string }> {
  const replica = replicas[load.placed.length % replicas.length];
  const response = await fetch(`${replica?.url}/api/orders${path}`, {
    method,
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) load.refused.push(`${method} ${response.status} ${text}`);
  return response.ok ? (JSON.parse(text) as { id: string }) : { id: 'refused' };
}

/** Places orders of tickets that nobody else wants. Some are cancelled, some are paid: while there is a payments service. */
async function buyUntilTheEnd(ticketIds: string[]): Promise<void> {
  const user = signedIn();
  for (let round = 0; !load.ends; round++) {
    const mayPay = load.paying && round % 4 === 3 && ticketIds.length > 1;
    const ticketId = mayPay ? ticketIds.pop() : ticketIds[0];
    const { id } = await request('', 'POST', user, { ticketId });
    load.placed.push(id);
    if (!mayPay) await request(`/${id}`, 'PATCH', user, { status: 'cancelled' });
    else peers.pay(id);
    await sleep(20);
  }
}

/** Resolves once the buyers have placed so many more. */
async function moreOrders(count: number): Promise<void> {
  const wanted = load.placed.length + count;
  await eventually(() => load.placed.length >= wanted, { withinMs: 30_000 });
}

async function move(from: Kind, to: Kind): Promise<void> {
  expect(await lag(from)).toMatchObject({ exitCode: 1, problems: '' });
  // 1. Nobody pays, nothing is sent; what is under way is handled.
  load.paying = false;
  await rollOut(from, 'paused');
  await eventually(async () => (await lag(from)).exitCode === 0, { withinMs: 60_000, everyMs: 1_000 });
  await moreOrders(20);
  expect((await lag(from)).lines.at(-1)).toBe('0');
  await peers.leave();
  // 2. The other broker, still paused.
  await rollOut(to, 'paused');
  const there = await lag(to);
  expect(
    there.lines.filter((line) => line.startsWith('replica') && !line.includes(`on ${to}  paused`)),
  ).toEqual([]);
  await brokers[from].server.kill();
  await moreOrders(20);
  // 3. The pause ends.
  await peers.join(brokers[to]);
  await rollOut(to, 'on');
  load.paying = true;
  await moreOrders(60);
}

/** The events that an order's history stands for. */
async function eventsOfAllOrders(): Promise<{ subject: string; eventId: string }[]> {
  const subjects = { pending: 'order:created', paid: 'order:paid' } as Record<string, string>;
  const orders = await database.collection('orders').find().toArray();
  return orders.flatMap(({ _id, history }) =>
    (history as { version: number; status: string }[]).map(({ version, status }) => ({
      subject: subjects[status] ?? 'order:cancelled',
      eventId: `${_id}:${version}`,
    })),
  );
}

test('When a marketplace goes to the other broker and back while buyers buy, then no order is refused and every event reaches each peer once', async () => {
  await rollOut('NATS Streaming', 'on');
  await peers.join(brokers['NATS Streaming']);
  const offered = Array.from({ length: buyers }, () => Array.from({ length: 60 }, () => peers.offer()));
  const ticketCount = buyers * 60;
  await eventually(
    async () => (await database.collection('tickets').countDocuments()) === ticketCount,
    patient,
  );
  const buying = Promise.all(offered.map(buyUntilTheEnd));
  await moreOrders(60);

  await move('NATS Streaming', 'JetStream');
  await brokers['NATS Streaming'].server.restart();
  await move('JetStream', 'NATS Streaming');

  load.ends = true;
  await buying;
  expect(load.refused).toEqual([]);
  expect(await database.collection('orders').countDocuments()).toBe(new Set(load.placed).size);

  const key = (peer: string, eventId: string) => `${peer} ${eventId}`;
  const due = async () =>
    (await eventsOfAllOrders()).flatMap(({ subject, eventId }) => [
      ...(subject === 'order:paid' ? [] : [key('tickets-service', eventId)]),
      key('payments-service', eventId),
    ]);
  const done = () => peers.effects.map(({ peer, eventId }) => key(peer, eventId));
  const missing = async () => {
    const handled = new Set(done());
    return (await due()).filter((one) => !handled.has(one));
  };
  await eventually(async () => (await missing()).length === 0, { withinMs: 30_000, everyMs: 500 });
  expect(new Set(done())).toEqual(new Set(await due()));
  // Nothing that one broker had acknowledged was sent again, to either.
  expect(peers.deliveries).toHaveLength(peers.effects.length);

  // What peers have sent on either broker has arrived, too, in the order of its versions.
  await eventually(async () => {
    const copies = await database.collection('tickets').find().toArray();
    return copies.every(({ _id, version }) => version === peers.ticket(String(_id))?.version);
  }, patient);
  expect(await database.collection('orders').countDocuments({ status: 'paid' })).toBeGreaterThan(10);
}, 300_000);
