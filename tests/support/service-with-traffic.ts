import type { Logger } from 'pino';
import supertest from 'supertest';
import { ackWaitMs } from '../../src/messaging/broker.ts';
import { newId, signedIn, storeTicket } from './buyer.ts';
import { eventually } from './eventually.ts';
import { type OrdersApi, startOrdersApi } from './orders-api.ts';
import { type OwnBroker, startOwnBroker } from './own-broker.ts';
import { connectPeer, type Peer } from './running-service.ts';
import { type Sample, scrape, sumOf } from './scrape.ts';

export interface ServiceWithTraffic extends Pick<OrdersApi, 'service' | 'database' | 'pass'> {
  peer: Peer;
  nats: OwnBroker;
  /** Moves the clock on in small steps: a service that misses more than 10 s takes itself for frozen, and closes no gap. */
  passSteadily(milliseconds: number): Promise<void>;
  place(ticketId: string): Promise<string>;
  /** Resolves once a sample, or the sum of several, has this value. */
  reached(value: number, name: string, labels?: Record<string, string>): Promise<Sample[]>;
}

const holdMs = 900_000;
const gapTimeoutMs = 60_000;
const stepMs = 9_000;

/** A service on a broker of its own, so that it sees no message but those of its test. */
export async function startServiceWithTraffic(options: { log?: Logger } = {}): Promise<ServiceWithTraffic> {
  const nats = await startOwnBroker();
  const { service, database, pass, config } = await startOrdersApi(
    {
      orderHoldMs: holdMs,
      ticketGapTimeoutMs: gapTimeoutMs,
      nats: { url: nats.url, clusterId: nats.clusterId, clientId: 'orders-with-traffic' },
    },
    options,
  );
  const peer = await connectPeer(config);
  return {
    ...{ service, database, pass, peer, nats },
    async passSteadily(milliseconds) {
      for (let passed = 0; passed < milliseconds; passed += stepMs) {
        pass(stepMs);
        await scrape(service.url);
      }
    },
    async place(ticketId) {
      const request = supertest(service.url).post('/api/orders').set(signedIn());
      return ((await request.send({ ticketId }).expect(201)).body as { id: string }).id;
    },
    async reached(value, name, labels) {
      let samples: Sample[] = [];
      await eventually(
        async () => {
          samples = await scrape(service.url);
          return sumOf(samples, name, labels) === value;
        },
        { withinMs: 30_000, everyMs: 100 },
      );
      return samples;
    },
  };
}

/** Makes everything happen that a metric counts, except outages. */
export async function runTraffic(run: ServiceWithTraffic): Promise<void> {
  await runPurchases(run);
  await runPayments(run);
  await runTicketEvents(run);
  await run.peer.publishRaw('payment:created', Buffer.from('not JSON'));
  await run.reached(1, 'orders_dead_letters');
}

/** 2 placed, 1 cancelled, 1 refused for each of two reasons; a replay, and a second try to cancel. */
async function runPurchases({ service, database }: ServiceWithTraffic): Promise<void> {
  const http = supertest(service.url);
  const [ada, ben] = [signedIn(), signedIn()];
  const ticketId = await storeTicket(database);
  const buy = (user: { Authorization: string }, ticket: string, key: string) =>
    http.post('/api/orders').set(user).set('Idempotency-Key', key).send({ ticketId: ticket });
  const { body } = await buy(ada, ticketId, 'one').expect(201);
  await buy(ada, ticketId, 'one').expect(201);
  await buy(ben, ticketId, 'two').expect(409);
  await buy(ben, newId(), 'three').expect(404);
  const { id } = body as { id: string };
  await http.delete(`/api/orders/${id}`).set(ada).expect(204);
  await http.delete(`/api/orders/${id}`).set(ada).expect(204);
  await buy(ben, ticketId, 'two').expect(201);
  await http.get('/api/unknown').expect(404);
}

/** 4 placed, of which 1 is paid and 1 paid late; 1 payment too many; 3 holds end, 1 of them probably by takeover. */
async function runPayments(run: ServiceWithTraffic): Promise<void> {
  const { database, peer, place, pass, reached } = run;
  const pay = (orderId: string, id: string) =>
    peer.publish('payment:created', { id, orderId, stripeChargeId: `ch_${id}` });
  const tickets = await Promise.all([1, 2, 3].map(() => storeTicket(database)));
  const [paidTicket = '', lateTicket = '', takenTicket = ''] = tickets;

  const paid = await place(paidTicket);
  await pay(paid, 'first');
  await reached(1, 'orders_paid_total', { from: 'pending' });
  await pay(paid, 'first');
  await reached(1, 'orders_message_handling_seconds_count', { outcome: 'known' });
  await pay(paid, 'second');
  await reached(1, 'orders_refunds_due_total', { reason: 'already_paid' });

  const late = await place(lateTicket);
  await place(takenTicket);
  pass(holdMs);
  await place(takenTicket);
  // With the purchase that was left pending by the others.
  await reached(3, 'orders_expired_total');
  await peer.publish('expiration:complete', { orderId: late });
  await pay(late, 'late');
  await reached(1, 'orders_paid_total', { from: 'expired' });
}

/** An update that comes too early, whose gap is jumped after a while. */
async function runTicketEvents({ peer, passSteadily, reached }: ServiceWithTraffic): Promise<void> {
  const ticket = { id: newId(), version: 0, title: 'Concert', price: 20, userId: newId() };
  await peer.publish('ticket:created', ticket);
  await peer.publish('ticket:created', ticket);
  await reached(1, 'orders_message_handling_seconds_count', { outcome: 'duplicate' });
  await peer.publish('ticket:updated', { ...ticket, version: 5 });
  await reached(1, 'orders_parked_updates');
  await passSteadily(gapTimeoutMs + 3 * ackWaitMs);
  await reached(1, 'orders_ticket_gaps_jumped_total');
}
