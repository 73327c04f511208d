import mongoose, { type Connection } from 'mongoose';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { type OrderRecord, orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../../src/orders/store/order-store.ts';
import { cancelOrder } from '../../src/orders/use-cases/cancel-order.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { settlePayment } from '../../src/orders/use-cases/settle-payment.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { asRequest } from '../support/as-request.ts';
import { newId, storeTicket } from '../support/buyer.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';

/** Without the sweep of a running service, which might end a hold first, and without a relay. */
const start = Date.parse('2030-01-01T00:00:00.000Z');
const holdMs = 900_000;
let database: Connection;
let orders: OrderStore;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => new Date(start)),
  );
});

const at = (time: number) => ({
  orders,
  clock: () => new Date(time),
  holdMs,
  latePayment: 'hold_again' as const,
});
const buy = (time: number, ticketId: string) => placeOrder(at(time), { userId: newId(), ticketId });

async function held(userId = newId()) {
  const ticketId = await storeTicket(database);
  const outcome = await placeOrder(at(start), { userId, ticketId });
  if (outcome.kind !== 'placed') throw new Error(outcome.kind);
  return outcome.order;
}

async function stored(orderId: string): Promise<OrderRecord | null> {
  const _id = new mongoose.Types.ObjectId(orderId);
  return database.collection<OrderRecord>('orders').findOne({ _id });
}

test('When a buyer comes a millisecond before a hold ends, then the hold stands and nothing is written', async () => {
  const order = await held();
  const before = await stored(order.id);
  expect(await buy(start + holdMs - 1, order.ticketId)).toMatchObject({ kind: 'ticket_reserved' });
  expect(await stored(order.id)).toEqual(before);
});

test.each([0, 1])(
  'When a buyer comes %i ms after a hold has ended, then the old order expires once, by a takeover',
  async (late) => {
    const old = await held();
    const time = start + holdMs + late;
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => buy(time, old.ticketId)));
    expect(outcomes.filter(({ kind }) => kind === 'placed')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'ticket_reserved')).toHaveLength(9);

    const record = await stored(old.id);
    expect(record).toMatchObject({ status: 'expired', version: 1 });
    expect(record).not.toHaveProperty('holdsTicket');
    expect(record?.history.slice(1)).toEqual([
      { status: 'expired', version: 1, at: new Date(time), cause: 'takeover' },
    ]);
    expect(record?.outbox.map(({ eventId, subject }) => [eventId, subject])).toEqual([
      [`${old.id}:0`, 'order:created'],
      [`${old.id}:1`, 'order:cancelled'],
    ]);
    expect(record?.outbox[1]?.data).toMatchObject({ status: 'expired', ticket: { id: old.ticketId } });
  },
);

test('When the buyer comes back after the own hold has ended, then it is a new order', async () => {
  const userId = newId();
  const old = await held(userId);
  const again = await placeOrder(at(start + holdMs), { userId, ticketId: old.ticketId });
  expect(again).toMatchObject({ kind: 'placed', order: { version: 0, status: 'pending' } });
  expect(await stored(old.id)).toMatchObject({ status: 'expired' });
});

test('When an order is cancelled up to the end of its hold, then it is; from then on it expires', async () => {
  const [intime, late] = [await held(), await held()];
  const cancel = (order: typeof late, time: number) =>
    cancelOrder(at(time), { userId: order.userId, orderId: order.id });
  expect(await cancel(intime, start + holdMs - 1)).toMatchObject({ kind: 'cancelled' });
  expect(await cancel(late, start + holdMs)).toEqual({ kind: 'final', status: 'expired' });
  expect(await cancel(late, start + holdMs)).toEqual({ kind: 'final', status: 'expired' });
  const record = await stored(late.id);
  expect(record?.history.map(({ cause }) => cause)).toEqual(['buyer', 'expiry']);
  expect(record?.outbox).toHaveLength(2);
});

test('When a hold that is over cannot be ended, then its ticket is refused at once, and other takeovers go on', async () => {
  const [stuck, ...others] = await Promise.all(Array.from({ length: 4 }, () => held()));
  await database.collection('orders').updateOne(
    { _id: new mongoose.Types.ObjectId(stuck?.id) },
    // As a repair by hand leaves it.
    { $set: { history: 'expired by hand' } },
  );
  const apply = jest.fn(orders.apply);
  const watched = { ...at(start + holdMs), orders: { ...orders, apply } };
  const outcomes = await Promise.all(
    [stuck, ...others].map((order) =>
      placeOrder(watched, { userId: newId(), ticketId: order?.ticketId ?? '' }),
    ),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(['conflict', 'placed', 'placed', 'placed']);
  expect(apply).toHaveBeenCalledTimes(4);
});

test('When a request ends a hold, then its id goes along with the event', async () => {
  const [old, late, early] = [await held(), await held(), await held()];
  const userId = newId();
  await asRequest('request-1', () => placeOrder(at(start + holdMs), { userId, ticketId: old.ticketId }));
  const cancel = (order: typeof old, time: number, requestId: string) =>
    asRequest(requestId, () => cancelOrder(at(time), { userId: order.userId, orderId: order.id }));
  await cancel(late, start + holdMs, 'request-2');
  await cancel(early, start, 'request-3');
  const correlated = async ({ id }: typeof old) => (await stored(id))?.outbox.at(-1)?.data;
  expect(await correlated(old)).toMatchObject({ status: 'expired', correlationId: 'request-1' });
  expect(await correlated(late)).toMatchObject({ status: 'expired', correlationId: 'request-2' });
  expect(await correlated(early)).toMatchObject({ status: 'cancelled', correlationId: 'request-3' });
});

test.each([
  ['expires', holdMs],
  ['is cancelled', 0],
])(
  'When a payment wins while an order %s for its buyer, then the answer is that it is paid',
  async (_, later) => {
    const order = await held();
    const rig = at(start + later);
    // The payment comes between what the cancellation has read and its write.
    const apply: OrderStore['apply'] = async (change) => {
      const payment = { id: newId(), stripeChargeId: 'ch' };
      expect(await settlePayment(rig, order.id, payment)).toMatchObject({ kind: 'paid' });
      return orders.apply(change);
    };
    const outcome = await cancelOrder(
      { ...rig, orders: { ...orders, apply } },
      { userId: order.userId, orderId: order.id },
    );
    expect(outcome).toEqual({ kind: 'final', status: 'paid' });
    expect(await stored(order.id)).toMatchObject({ status: 'paid', version: 1 });
  },
);
