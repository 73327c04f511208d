import type { Connection } from 'mongoose';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { createLog } from '../../src/platform/logging/log.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { asRequest } from '../support/as-request.ts';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
  watchDatabase,
} from '../support/running-service.ts';

interface Line {
  msg: string;
  requestId?: string;
  [field: string]: unknown;
}

function collectingLog() {
  const lines: Line[] = [];
  return { lines, log: createLog('debug', { write: (line) => void lines.push(JSON.parse(line) as Line) }) };
}

const config = testConfig();
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(config);
});

const requestIds = ['first', 'second', 'third'];

test('When purchases share a batch, then each event and each log line has the id of its own request', async () => {
  const tickets = await Promise.all(requestIds.map(() => storeTicket(database)));
  const watched = await watchDatabase(config);
  const commands: string[] = [];
  watched.getClient().on('commandStarted', ({ commandName }) => void commands.push(commandName));
  const orders = createOrderStore(orderModel(watched), ticketModel(watched), leaveToSweep(systemClock));
  const { lines, log } = collectingLog();
  const deps = { orders, clock: systemClock, holdMs: 60_000 };
  const placing = requestIds.map((requestId, index) =>
    asRequest(requestId, () => {
      const onPlaced = () => log.info({ ticketId: tickets[index] }, 'placed');
      return placeOrder({ ...deps, onPlaced }, { userId: newId(), ticketId: tickets[index] ?? '' });
    }),
  );
  expect((await Promise.all(placing)).map(({ kind }) => kind)).toEqual(['placed', 'placed', 'placed']);
  expect(commands.filter((command) => command === 'insert')).toHaveLength(1);

  const stored = await database.collection('orders').find().toArray();
  const correlations = stored.map((order) => [
    String(order['ticketId']),
    (order['outbox'] as { data: { correlationId: string } }[])[0]?.data.correlationId,
  ]);
  const expected = tickets.map((ticketId, index) => [ticketId, requestIds[index]]);
  expect(correlations).toHaveLength(tickets.length);
  expect(correlations).toEqual(expect.arrayContaining(expected));
  expect(lines.map(({ ticketId, requestId }) => [ticketId, requestId])).toEqual(
    expect.arrayContaining(expected),
  );
});

test('When many buy at once over HTTP, then each event names its request, and what is not a request’s names none', async () => {
  const config = testConfig();
  const { lines, log } = collectingLog();
  const { url } = await startTestService(config, { log });
  const peer = await connectPeer(config);
  const stored = await openDatabase(config);
  const buys = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => ({
      requestId: `buy-${index}`,
      ticketId: await storeTicket(stored),
    })),
  );
  await Promise.all(
    buys.map(async ({ requestId, ticketId }) => {
      const headers = { ...signedIn(), 'Content-Type': 'application/json', 'X-Request-Id': requestId };
      const body = JSON.stringify({ ticketId });
      const { status } = await fetch(`${url}/api/orders`, { method: 'POST', headers, body });
      expect(status).toBe(201);
    }),
  );
  const unknown = newId();
  await peer.publish('payment:created', { id: 'p', orderId: unknown, stripeChargeId: 'ch' });
  // Other tests use the same broker, and this service sets their malformed messages aside, too.
  const aside = () =>
    lines.find(
      ({ msg, reason }) =>
        msg === 'message set aside as a dead letter' && reason === `there is no order ${unknown}`,
    );
  const own = new Set(buys.map(({ ticketId }) => ticketId));
  const ticketOf = (data: Record<string, unknown>) =>
    (data['ticket'] as { id: string } | undefined)?.id ?? '';
  const events = () => peer.seen.filter(({ data }) => own.has(ticketOf(data)));
  await eventually(() => aside() !== undefined && events().length === buys.length);
  const seen = events().map(({ data }) => [ticketOf(data), data['correlationId'] as string]);
  expect(seen).toEqual(expect.arrayContaining(buys.map(({ requestId, ticketId }) => [ticketId, requestId])));
  expect(aside()).toMatchObject({ subject: 'payment:created', sequence: expect.any(Number), attempt: 1 });
  const ofRequests = lines.filter(({ requestId }) => requestId !== undefined);
  expect(ofRequests.map(({ msg }) => msg)).toEqual(buys.map(() => 'request answered'));
});
