import mongoose from 'mongoose';
import { type KnownOrder, keepNewest } from '../../examples/peers/keep-newest.ts';
import { type Provider, startPaymentsService } from '../../examples/peers/payments.ts';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { newId, placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { connectStan } from '../support/connect-stan.ts';
import { eventually } from '../support/eventually.ts';
import { type PeerExample, startBesideExample } from '../support/peer-example.ts';

/** The payments service of docs/peers.md, beside the real orders service. */

/** A payment provider that does a thing once for each key. */
const provider = {
  charges: new Map<string, { id: string; amount: number }>(),
  refunds: new Map<string, string>(),
  /** Called while a charge is made. */
  beforeCharged: async (): Promise<void> => undefined,
  refundRequests: 0,
  refundsToFail: 0,
};
const api: Provider = {
  async charge({ amount, idempotencyKey }) {
    const charge = provider.charges.get(idempotencyKey) ?? { id: `ch_${newId()}`, amount };
    provider.charges.set(idempotencyKey, charge);
    await provider.beforeCharged();
    return charge.id;
  },
  async refund({ chargeId, idempotencyKey }) {
    provider.refundRequests += 1;
    if (provider.refundsToFail > 0) {
      provider.refundsToFail -= 1;
      throw new Error('the provider is away');
    }
    provider.refunds.set(idempotencyKey, chargeId);
  },
};

let example: PeerExample;
let service: Awaited<ReturnType<typeof startPaymentsService>>;
beforeAll(async () => {
  example = await startBesideExample(['payment:created', 'payment:refunded']);
  service = await startPaymentsService({ ...example, provider: api });
});
beforeEach(() => {
  provider.beforeCharged = async () => undefined;
});

const stored = (orderId: string) =>
  example.connection
    .collection<{ _id: string; state: string; version: number }>('orders')
    .findOne({ _id: orderId });
const payments = () => example.connection.collection('payments');
const sentOf = (sent: string) => (orderId: string) =>
  example.sent
    .filter(({ subject, data }) => subject === sent && data['orderId'] === orderId)
    .map(({ data }) => data);
const paymentsSent = sentOf('payment:created');
const refundsSent = sentOf('payment:refunded');
const refundsRequired = (orderId: string) =>
  example.peer.seen.filter(
    ({ subject, data }) => subject === 'order:refund-required' && data['id'] === orderId,
  );

/** A buyer with an order that the payments service knows. */
async function buyer(price = 19.99) {
  const userId = newId();
  const session = signedIn(userId);
  const ticketId = await storeTicket(example.api.database, { price });
  const orderId = await placeOrder(example.api.service.url, ticketId, session);
  await eventually(async () => (await stored(orderId)) !== null);
  const path = `/api/orders/${orderId}`;
  return {
    orderId,
    userId,
    cancel: () => example.api.http.delete(path).set(session).expect(204),
    pay: (token = newId()) => service.pay({ orderId, userId, token }),
    statusIs: (status: string) =>
      eventually(async () => (await example.api.http.get(path).set(session)).body.status === status),
  };
}

/** Each `order:refund-required` of the order was dealt with. */
async function refunded(orderId: string, count: number): Promise<void> {
  await eventually(() => refundsRequired(orderId).length === count);
  await example.settled();
}

test('When a buyer pays, then the order is complete, the charge is in cents, and the same click again charges nothing more', async () => {
  const { orderId, pay, statusIs } = await buyer();
  expect(await pay('token')).toBe('paid');
  expect(provider.charges.get(`${orderId}:token`)?.amount).toBe(1_999);
  expect(paymentsSent(orderId)).toEqual([
    { id: expect.any(String), orderId, stripeId: provider.charges.get(`${orderId}:token`)?.id },
  ]);
  await statusIs('complete');
  await eventually(async () => (await stored(orderId))?.state === 'paid');
  expect(await pay('token')).toBe('refused');
  expect(refundsRequired(orderId)).toEqual([]);
});

test('When one click comes twice at once, then it is one charge and one payment', async () => {
  const { orderId, pay, statusIs } = await buyer();
  expect(await Promise.all([pay('token'), pay('token')])).toEqual(['paid', 'paid']);
  await statusIs('complete');
  expect(new Set(paymentsSent(orderId).map(({ id }) => id)).size).toBe(1);
  expect(refundsRequired(orderId)).toEqual([]);
});

test('When the order was cancelled while the buyer paid, then the charge is given back, once, however often it is asked for', async () => {
  const { orderId, cancel, pay } = await buyer();
  provider.beforeCharged = async () => void (await cancel());
  await pay('token');
  await refunded(orderId, 1);
  const [required] = refundsRequired(orderId);
  const chargeId = provider.charges.get(`${orderId}:token`)?.id;
  const requests = provider.refundRequests;
  expect(provider.refunds.get(String(required?.data['eventId']))).toBe(chargeId);
  for (let count = 0; count < 3; count += 1)
    await example.peer.publish('order:refund-required', required?.data);
  await refunded(orderId, 4);
  expect(provider.refundRequests).toBe(requests);
  expect([...provider.refunds.values()].filter((id) => id === chargeId)).toHaveLength(1);
  // A reminder is answered, too.
  await eventually(() => refundsSent(orderId).length === 4);
  const { eventId, paymentId } = required?.data ?? {};
  expect(refundsSent(orderId)[0]).toEqual({ id: eventId, orderId, paymentId });
  await eventually(async () => {
    const order = await example.api.database
      .collection<OrderRecord>('orders')
      .findOne({ _id: new mongoose.Types.ObjectId(orderId) });
    return order?.payments[0]?.refundCompletedAt !== undefined;
  });
});

test('When the process ended between the refund and its note, then the next try has the same key', async () => {
  const { orderId, cancel, pay } = await buyer();
  provider.beforeCharged = async () => void (await cancel());
  await pay();
  await refunded(orderId, 1);
  const before = new Set(provider.refunds.keys());
  const requests = provider.refundRequests;
  await payments().updateOne({ orderId }, { $unset: { refundedAt: 1 } });
  await example.peer.publish('order:refund-required', refundsRequired(orderId)[0]?.data);
  await refunded(orderId, 2);
  expect(provider.refundRequests).toBe(requests + 1);
  expect(new Set(provider.refunds.keys())).toEqual(before);
});

test('When the provider is away, then the refund is made when the event comes again', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { orderId, cancel, pay } = await buyer();
  provider.beforeCharged = async () => void (await cancel());
  provider.refundsToFail = 1;
  await pay('token');
  const chargeId = provider.charges.get(`${orderId}:token`)?.id;
  await eventually(() => [...provider.refunds.values()].includes(String(chargeId)), { withinMs: 20_000 });
  await example.settled();
  expect(await payments().findOne({ orderId })).toHaveProperty('refundedAt');
  expect(errors).toHaveBeenCalledTimes(1);
  errors.mockRestore();
});

test('When an order is paid by two cards at once, then the second charge is given back and the first is kept', async () => {
  const { orderId, pay, statusIs } = await buyer();
  await Promise.all([pay('a'), pay('b')]);
  await refunded(orderId, 1);
  await statusIs('complete');
  const charges = ['a', 'b'].map((token) => provider.charges.get(`${orderId}:${token}`)?.id);
  const given = [...provider.refunds.values()].filter((id) => charges.includes(id));
  expect(given).toHaveLength(1);
  const paidBy = await example.api.database
    .collection('orders')
    .findOne({ _id: new mongoose.Types.ObjectId(orderId) });
  const kept = await payments().findOne({ orderId, refundedAt: { $exists: false } });
  expect(paidBy?.['paymentId'] ?? paidBy?.['payments'][0].id).toBe(String(kept?._id));
});

test('When a payment named no charge, then the one that is known of it is given back; when none is, then that is said', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { orderId } = await buyer();
  const paymentId = new mongoose.Types.ObjectId();
  await payments().insertOne({ _id: paymentId, orderId, stripeId: 'ch_known', published: true });
  const required = (id: string) => ({
    ...{ eventId: `${orderId}:refund:${id}`, id: orderId, orderId, paymentId: id, userId: 'ada' },
    ...{ amount: 20, reason: 'order_cancelled' },
  });
  await example.peer.publish('order:refund-required', required(paymentId.toHexString()));
  await example.peer.publish('order:refund-required', required(newId()));
  await refunded(orderId, 2);
  expect(provider.refunds.get(`${orderId}:refund:${paymentId}`)).toBe('ch_known');
  expect(errors).toHaveBeenCalledWith(expect.stringContaining('no charge is known'));
  errors.mockRestore();
});

test('When the events of an order come backwards, twice and at once, then it is known as of the newest, and is not charged for', async () => {
  const event = (id: string, version: number, status: string) => ({
    ...{
      eventId: `${id}:${version}`,
      id,
      version,
      status,
      userId: 'ada',
      ticket: { id: newId(), price: 20 },
    },
  });
  const ids = Array.from({ length: 30 }, newId);
  await Promise.all(
    ids.flatMap((id) =>
      [1, 2].flatMap(() => [
        example.peer.publish('order:cancelled', event(id, 1, 'cancelled')),
        example.peer.publish('order:created', event(id, 0, 'created')),
      ]),
    ),
  );
  await eventually(() =>
    ids.every((id) => example.peer.seen.filter(({ data }) => data['id'] === id).length === 4),
  );
  await example.settled();
  for (const orderId of ids) {
    expect(await stored(orderId)).toMatchObject({ version: 1, state: 'over' });
    expect(await service.pay({ orderId, userId: 'ada', token: 'token' })).toBe('refused');
    expect(provider.charges.has(`${orderId}:token`)).toBe(false);
  }
});

test('When another process stores an older event in the moment in which the newer one finds nothing, then the newer one is kept', async () => {
  const orders = example.connection.model('Order');
  const known = { _id: newId(), userId: 'ada' };
  const older = { ...known, version: 0, state: 'pending', price: 20 };
  jest.spyOn(orders, 'updateOne').mockImplementationOnce(() => {
    const meanwhile = async () => {
      await orders.create(older);
      // The server's own error, as for an insert that comes second.
      await orders.create(older);
    };
    return meanwhile() as never;
  });
  await keepNewest<KnownOrder & { state: string }>(orders as never, { ...known, version: 1, state: 'over' });
  expect(await stored(known._id)).toMatchObject({ version: 1, state: 'over', price: 20 });
  await keepNewest<KnownOrder & { state: string }>(orders as never, {
    ...known,
    version: 0,
    state: 'pending',
  });
  expect(await stored(known._id)).toMatchObject({ version: 1, state: 'over' });
  jest.restoreAllMocks();
});

test('When the process ends between the charge and the publish, then the next start publishes the payment', async () => {
  const { orderId, pay, statusIs } = await buyer();
  example.failNextPublish();
  await expect(pay()).rejects.toThrow('the test has this one fail');
  expect(paymentsSent(orderId)).toEqual([]);
  await startPaymentsService({ ...example, stan: await connectStan(example.api.config.nats), provider: api });
  await statusIs('complete');
});
