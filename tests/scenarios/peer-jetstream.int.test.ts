import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import supertest from 'supertest';
import { connectToJetStream, listen, publish } from '../../examples/peers/jetstream.ts';
import type { OrderEvent } from '../../examples/peers/listen.ts';
import { patient } from '../conformance/broker-under-test.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type JetStreamService, startJetStream } from '../support/jetstream-service.ts';
import { startTestService } from '../support/running-service.ts';

/** The consumer and the publisher of docs/peers.md, beside the real orders service. */

let system: JetStreamService;
let orders: supertest.Agent;
/** Two processes of one peer. */
let processes: [NatsConnection, NatsConnection];
const received: { by: number; id: string; again: boolean }[] = [];
const errors: string[] = [];
/** The orders whose next event the peer fails to store. */
const failing = new Set<string>();

async function connect(): Promise<NatsConnection> {
  const connection = await connectToJetStream([system.broker.url]);
  atEnd(() => connection.close());
  return connection;
}

beforeAll(async () => {
  jest.spyOn(console, 'error').mockImplementation((...parts) => void errors.push(parts.join(' ')));
  system = await startJetStream();
  processes = [await connect(), await connect()];
  for (const [by, connection] of processes.entries())
    void listen<OrderEvent>({
      connection,
      subject: 'order:created',
      queueGroup: 'tickets-service',
      async onMessage({ id }, again) {
        if (failing.delete(id)) throw new Error('the database is away');
        received.push({ by, id, again });
      },
    });
  // The peers were first: there is no stream yet.
  await eventually(() => errors.length >= 2, patient);
  const { url } = await startTestService(system.config());
  orders = supertest(url);
}, 120_000);

const [receivedOf, newTicket] = [
  (orderId: string) => received.filter(({ id }) => id === orderId),
  () => ({ id: newId(), version: 0, title: 'Concert', price: 20, userId: newId() }),
];

async function publishTicket(ticket: { id: string; version: number }): Promise<void> {
  await publish(processes[0], 'ticket:created', ticket, `${ticket.id}:${ticket.version}`);
}

/** Puts a ticket on sale and buys it. */
async function buy(buyer = signedIn()): Promise<string> {
  const ticket = newTicket();
  await eventually(() => publishTicket(ticket).then(() => true), patient);
  let orderId = '';
  await eventually(async () => {
    const { status, body } = await orders.post('/api/orders').set(buyer).send({ ticketId: ticket.id });
    orderId = body.id;
    return status === 201;
  }, patient);
  return orderId;
}

test('When a ticket is published, bought and paid, then the peer gets the event once, in one of its processes', async () => {
  const buyer = signedIn();
  const orderId = await buy(buyer);
  await eventually(() => receivedOf(orderId).length === 1, patient);
  const payment = { id: randomUUID(), orderId, stripeChargeId: 'ch_1' };
  await publish(processes[1], 'payment:created', payment, payment.id);
  await eventually(async () => {
    const { body } = await orders.get(`/api/orders/${orderId}`).set(buyer);
    return body.status === 'paid';
  }, patient);
  expect(receivedOf(orderId)).toEqual([{ by: expect.any(Number), id: orderId, again: false }]);
}, 60_000);

test('When many orders are placed, then both processes take their part, and none is taken twice', async () => {
  const orderIds = await Promise.all(Array.from({ length: 40 }, () => buy()));
  await eventually(() => orderIds.every((id) => receivedOf(id).length > 0), patient);
  const parts = orderIds.flatMap(receivedOf);
  expect(parts.length).toBe(orderIds.length);
  expect(new Set(parts.map(({ by }) => by)).size).toBe(2);
}, 90_000);

test('When the peer cannot store an event, then it comes again, and says so', async () => {
  const ticket = newTicket();
  const created = { id: newId(), version: 0, userId: newId(), ticket: { id: ticket.id } };
  failing.add(created.id);
  await publish(processes[0], 'order:created', created, `${created.id}:0`);
  await eventually(() => receivedOf(created.id).length === 1, patient);
  expect(receivedOf(created.id)).toMatchObject([{ again: true }]);
  expect(errors).toContainEqual(expect.stringContaining('comes again: Error: the database is away'));
}, 60_000);

test('When an event is sent again with its id, then the stream has it once', async () => {
  const manager = await jetstreamManager(processes[0]);
  const ticket = newTicket();
  const stored = async () => (await manager.streams.info('ORDERS_TICKETS')).state.messages;
  const before = await stored();
  await publishTicket(ticket);
  await publishTicket(ticket);
  expect(await stored()).toBe(before + 1);
});

test('When a message is no JSON, then it is logged and done with', async () => {
  const manager = await jetstreamManager(processes[0]);
  processes[0].publish('order:created', '{"half":');
  await eventually(() => errors.some((line) => line.includes('is no JSON: {"half":')), patient);
  await eventually(async () => {
    const { num_ack_pending, num_pending } = await manager.consumers.info(
      'ORDERS_EVENTS',
      'tickets-service-order-created',
    );
    return num_ack_pending + num_pending === 0;
  }, patient);
}, 60_000);

test.each([
  [
    'the server is killed and comes back',
    async () => {
      await system.broker.server.kill();
      await system.broker.server.restart();
    },
  ],
  [
    'the durable is deleted',
    async () => {
      const manager = await jetstreamManager(processes[0]);
      await manager.consumers.delete('ORDERS_EVENTS', 'tickets-service-order-created');
    },
  ],
])(
  'When %s, then the peer goes on by itself',
  async (_, trouble) => {
    await trouble();
    const orderId = await buy();
    await eventually(() => receivedOf(orderId).length > 0, patient);
  },
  120_000,
);
