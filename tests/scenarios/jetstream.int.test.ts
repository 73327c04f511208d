import { randomUUID } from 'node:crypto';
import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import supertest from 'supertest';
import { brokerStreams } from '../../src/broker-streams.ts';
import { patient } from '../conformance/broker-under-test.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type JetStreamService, startJetStream } from '../support/jetstream-service.ts';
import { startTestService } from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';

let system: JetStreamService;
let peer: JetStreamClient;
/** The events of orders that a peer has received, with the id of the message. */
const seen: { subject: string; messageId: string | undefined; data: Record<string, unknown> }[] = [];

beforeAll(async () => {
  system = await startJetStream();
  const connection = await connect({ servers: system.broker.url });
  atEnd(() => connection.close());
  connection.subscribe('order:created', { callback: (_, message) => note(message) });
  connection.subscribe('order:paid', { callback: (_, message) => note(message) });
  peer = jetstream(connection);
}, 120_000);

function note(message: { subject: string; string(): string; headers?: { get(name: string): string } }): void {
  const { subject, headers } = message;
  seen.push({ subject, messageId: headers?.get('Nats-Msg-Id'), data: JSON.parse(message.string()) });
}

test('When the service runs on JetStream, then a ticket is replicated, sold, and paid, with the events of the contract', async () => {
  const { url } = await startTestService(system.config());
  await eventually(async () => (await supertest(url).get('/readyz')).body.broker === 'up', patient);
  const ticket = { id: newId(), version: 0, title: 'Concert', price: 20, userId: newId() };
  await peer.publish('ticket:created', JSON.stringify(ticket));
  const buyer = signedIn();
  let order = { id: '', status: '' };
  await eventually(async () => {
    const answer = await supertest(url).post('/api/orders').set(buyer).send({ ticketId: ticket.id });
    order = answer.body;
    return answer.status === 201;
  }, patient);
  await eventually(() => seen.some(({ data }) => data['id'] === order.id));
  const payment = { id: randomUUID(), orderId: order.id, stripeChargeId: 'ch_1' };
  await peer.publish('payment:created', JSON.stringify(payment));
  await eventually(() => seen.length === 2);
  expect(seen).toMatchObject([
    { subject: 'order:created', messageId: `${order.id}:0`, data: { version: 0, status: 'pending' } },
    { subject: 'order:paid', messageId: `${order.id}:1`, data: { version: 1, status: 'paid' } },
  ]);
  expect((await supertest(url).get('/readyz')).body).toEqual({
    status: 'ready',
    database: 'up',
    broker: 'up',
  });
}, 60_000);

test('When a stream’s configuration breaks a promise, then the service is ready, and says so until it does not', async () => {
  const manager = await jetstreamManager(
    await connect({ servers: system.broker.url }).then((connection) => {
      atEnd(() => connection.close());
      return connection;
    }),
  );
  const [, events] = brokerStreams;
  const name = events?.name ?? '';
  await manager.streams.update(name, { duplicate_window: 1_000_000_000 });
  const { url } = await startTestService(system.config());
  const readiness = async () => (await supertest(url).get('/readyz')).body as Record<string, unknown>;
  await eventually(async () => 'brokerProblems' in (await readiness()), patient);
  expect(await readiness()).toMatchObject({
    status: 'ready',
    brokerProblems: [`stream ${name} looks for duplicates for less than 2 minutes (duplicate_window)`],
  });
  expect(sumOf(await scrape(url), 'orders_broker_problems')).toBe(1);
}, 60_000);
