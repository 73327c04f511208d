import { asRequest } from '../../../tests/support/as-request.ts';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import * as transitions from '../domain/transitions.ts';
import { type CancelOrderRequest, cancelOrder } from './cancel-order.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const id = 'a'.repeat(24);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs }, { now: start });
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const request: CancelOrderRequest = { userId: 'anna', orderId: id };

function stored() {
  const model = memoryOrderStore(ticket);
  model.put(order);
  return model;
}

test('When a buyer cancels in time, then the ticket is free, and one event names the request that asked for it', async () => {
  const model = stored();
  const deps = { orders: model.store, clock: () => at(5) };
  const outcome = await asRequest('req-1', () => cancelOrder(deps, request));
  expect(outcome).toEqual({ kind: 'cancelled', order: model.order(id) });
  expect(model.order(id)).toMatchObject({
    status: 'cancelled',
    version: 1,
    history: [{}, { at: at(5), cause: 'buyer' }],
  });
  expect(await model.store.findTicketHold(ticket.id)).toEqual({});

  expect(await cancelOrder(deps, request)).toEqual(outcome);
  expect(model.events).toMatchObject([
    { subject: 'order:cancelled', data: { status: 'cancelled', correlationId: 'req-1' } },
  ]);
});

test('When a buyer cancels after the hold has ended, then the order expires, and the answer says that', async () => {
  const model = stored();
  const deps = { orders: model.store, clock: () => at(holdMs) };
  const outcome = await asRequest('req-1', () => cancelOrder(deps, request));
  expect(outcome).toEqual({ kind: 'final', status: 'expired' });
  expect(model.order(id)).toMatchObject({
    status: 'expired',
    version: 1,
    history: [{}, { at: at(holdMs), cause: 'expiry' }],
  });
  expect(await cancelOrder(deps, request)).toEqual({ kind: 'final', status: 'expired' });
  expect(model.events).toMatchObject([
    { subject: 'order:cancelled', data: { status: 'expired', correlationId: 'req-1' } },
  ]);
});

test('When the cancel or the expiry is written, then the answer is what was written, without another read', async () => {
  for (const ms of [0, holdMs]) {
    const { store } = stored();
    const findById = jest.fn(store.findById);
    await cancelOrder({ orders: { ...store, findById }, clock: () => at(ms) }, request);
    expect(findById).toHaveBeenCalledTimes(1);
  }
});

test('When no request asks for it, then the event names none', async () => {
  const model = stored();
  await cancelOrder({ orders: model.store, clock: () => start }, request);
  expect(model.events[0]?.data).not.toHaveProperty('correlationId');
});

test('When the order is paid, of somebody else, or none, then nothing changes', async () => {
  const model = stored();
  await model.store.apply(transitions.pay(order, payment, { now: at(1) }));
  const deps = { orders: model.store, clock: () => at(2) };
  expect(await cancelOrder(deps, request)).toEqual({ kind: 'final', status: 'paid' });
  expect(await cancelOrder(deps, { ...request, userId: 'bert' })).toEqual({ kind: 'not_owner' });
  expect(await cancelOrder(deps, { ...request, orderId: 'd'.repeat(24) })).toEqual({ kind: 'not_found' });
  expect(model.order(id)).toMatchObject({ status: 'paid', version: 1 });
  expect(model.events).toHaveLength(1);
});

test.each([
  [
    'in time, and a payment',
    5,
    transitions.pay(order, payment, { now: at(4) }),
    { kind: 'final', status: 'paid' },
  ],
  [
    'late, and a payment',
    holdMs,
    transitions.pay(order, payment, { now: at(4) }),
    { kind: 'final', status: 'paid' },
  ],
  [
    'in time, and the end',
    5,
    transitions.expire(order, 'expiry', { now: at(4) }),
    { kind: 'final', status: 'expired' },
  ],
  ['late, and a cancel', holdMs, transitions.cancel(order, { now: at(4) }), { kind: 'cancelled' }],
] as const)(
  'When a buyer cancels %s comes first, then the answer agrees with the order',
  async (_, ms, change, outcome) => {
    const model = stored();
    let reads = 0;
    const findById = async (orderId: string) => {
      const found = await model.store.findById(orderId);
      if (reads++ === 0) await model.store.apply(change);
      return found;
    };
    const deps = { orders: { ...model.store, findById }, clock: () => at(ms) };
    expect(await cancelOrder(deps, request)).toMatchObject(outcome);
    expect(model.order(id)).toMatchObject({ status: change.set?.status, version: 1 });
    expect(model.events).toHaveLength(1);
  },
);

test('When every write comes too late, then the cancel gives up and says so', async () => {
  const orders = { ...stored().store, apply: async () => 'outdated' as const };
  for (const ms of [0, holdMs]) {
    const outcome = await cancelOrder({ orders, clock: () => at(ms) }, request);
    expect(outcome).toEqual({ kind: 'conflict' });
  }
});
