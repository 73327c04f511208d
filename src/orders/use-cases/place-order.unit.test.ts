import mongoose from 'mongoose';
import { asRequest } from '../../../tests/support/as-request.ts';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import type { PurchaseRequest } from '../domain/purchase.ts';
import * as transitions from '../domain/transitions.ts';
import { identifyPurchase } from '../store/idempotency.ts';
import { type PlaceOrderDeps, placeOrder } from './place-order.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const other = { ...ticket, id: 'd'.repeat(24) };
const request = { userId: 'anna', ticketId: ticket.id };
const { orderId, idempotency } = identifyPurchase({ ...request, idempotencyKey: 'k' });
type Model = ReturnType<typeof memoryOrderStore>;

/** Buys at `ms` after the start, and keeps what the use case calls back with. */
async function buy(
  orders: PlaceOrderDeps['orders'],
  wanted: PurchaseRequest,
  ms = 0,
  settings: Pick<PlaceOrderDeps, 'maxPending'> = {},
) {
  const calls: string[] = [];
  const outcome = await placeOrder(
    {
      orders,
      clock: () => at(ms),
      holdMs,
      ...settings,
      onPlaced: () => calls.push('placed'),
      onRefused: (reason) => calls.push(reason),
    },
    wanted,
  );
  return { outcome, calls };
}

const subjects = ({ events }: Model) => events.map(({ subject }) => subject);

/** Writes what it is given the first time, and says that it has not: what a repeated write of the driver looks like. */
function repeatedWrite({ store }: Model): Model['store'] {
  let inserts = 0;
  return {
    ...store,
    insert: async (...args) => {
      const written = await store.insert(...args);
      return inserts++ === 0 ? 'refused' : written;
    },
  };
}

test('When a purchase without a key has its write repeated by the driver, then it gets its own order', async () => {
  const model = memoryOrderStore(ticket);
  const { outcome, calls } = await buy(repeatedWrite(model), request);
  const [order] = model.orders();
  expect(outcome).toEqual({ kind: 'placed', order, replay: false });
  expect(model.orders()).toHaveLength(1);
  expect(subjects(model)).toEqual(['order:created']);
  expect(calls).toEqual(['placed']);
});

test('When a purchase with a key has its write repeated by the driver, then it gets its own order', async () => {
  const model = memoryOrderStore(ticket);
  const { outcome, calls } = await buy(repeatedWrite(model), { ...request, idempotencyKey: 'k' });
  expect(outcome).toMatchObject({ kind: 'placed', order: { userId: 'anna' }, replay: true });
  expect(model.orders()).toHaveLength(1);
  // It looks like a replay, and is not counted as a new order.
  expect(calls).toEqual([]);
});

test('When a purchase without a key reads for the first time, then it does not ask for an order that cannot be', async () => {
  const model = memoryOrderStore(ticket);
  const asked: (string | undefined)[] = [];
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = (wanted) => {
    asked.push(wanted.orderId);
    return model.store.loadPurchaseContext(wanted);
  };
  await buy({ ...repeatedWrite(model), loadPurchaseContext }, request);
  expect(asked).toEqual([undefined, model.orders()[0]?.id]);

  await buy({ ...model.store, loadPurchaseContext }, { ...request, idempotencyKey: 'k' });
  expect(asked.slice(2)).toEqual([orderId]);
});

test('When a ticket is free, then its order holds it from now on and keeps what was asked for', async () => {
  const model = memoryOrderStore(ticket);
  const wanted = { ...request, idempotencyKey: 'k' };
  const { outcome, calls } = await asRequest('req-1', () => buy(model.store, wanted, 5));
  const { order, event } = transitions.place(
    { id: orderId, userId: 'anna', ticket, holdMs },
    { now: at(5), correlationId: 'req-1' },
  );
  expect(outcome).toEqual({ kind: 'placed', order, replay: false });
  expect(model.events).toEqual([event]);
  expect(model.order(orderId)).toEqual({ ...order, fingerprint: idempotency?.fingerprint });
  expect(calls).toEqual(['placed']);
});

test('When no request asks for it, then the event names none', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, request);
  expect(model.events[0]?.data).not.toHaveProperty('correlationId');
});

test('When a key comes again, then only the same user and ticket get the order, as it is now', async () => {
  const model = memoryOrderStore(ticket, other);
  const wanted = { ...request, idempotencyKey: 'k' };
  await buy(model.store, wanted);
  const order = model.order(orderId);
  if (!order) throw new Error('nothing was placed');
  await model.store.apply(transitions.cancel(order, { now: at(1) }));

  const again = await buy(model.store, wanted, 2);
  expect(again.outcome).toMatchObject({
    kind: 'placed',
    order: { id: orderId, status: 'cancelled', version: 1 },
    replay: true,
  });
  expect(again.calls).toEqual([]);

  const elsewhere = await buy(model.store, { ...wanted, ticketId: other.id }, 2);
  expect(elsewhere).toEqual({ outcome: { kind: 'key_mismatch' }, calls: ['key_mismatch'] });

  model.put({ ...order, userId: 'erased' });
  expect((await buy(model.store, wanted, 2)).outcome).toEqual({ kind: 'key_mismatch' });
  expect(model.orders()).toHaveLength(1);
});

test('When there is no such ticket, then the purchase is refused', async () => {
  const model = memoryOrderStore();
  expect(await buy(model.store, request)).toEqual({
    outcome: { kind: 'ticket_not_found' },
    calls: ['ticket_not_found'],
  });
});

test('When somebody holds or has bought the ticket, then the purchase is refused and changes nothing', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const [holdingOrder] = model.orders();
  if (!holdingOrder) throw new Error('nothing was placed');
  expect(await buy(model.store, request, holdMs - 1)).toEqual({
    outcome: { kind: 'ticket_reserved', availableAt: at(holdMs), holdingOrder },
    calls: ['ticket_reserved'],
  });
  await model.store.apply(transitions.pay(holdingOrder, { id: 'p', stripeChargeId: 'c' }, { now: at(1) }));
  const sold = model.order(holdingOrder.id);
  expect(await buy(model.store, request, holdMs * 2)).toEqual({
    outcome: { kind: 'ticket_sold', holdingOrder: sold },
    calls: ['ticket_sold'],
  });
  expect(model.orders()).toHaveLength(1);
});

test('When the hold of another order is over, then it expires by a takeover and the ticket is the buyer’s', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const { outcome } = await asRequest('req-2', () => buy(model.store, request, holdMs));
  expect(outcome).toMatchObject({ kind: 'placed', order: { userId: 'anna', createdAt: at(holdMs) } });
  const [before] = model.orders();
  expect(before?.history.at(-1)).toEqual({
    status: 'expired',
    version: 1,
    at: at(holdMs),
    cause: 'takeover',
  });
  expect(model.events.slice(1)).toMatchObject([
    { subject: 'order:cancelled', data: { id: before?.id, correlationId: 'req-2' } },
    { subject: 'order:created', data: { userId: 'anna', correlationId: 'req-2' } },
  ]);
});

test('When somebody else is faster with the write, then the purchase is decided on what is there then', async () => {
  const model = memoryOrderStore(ticket);
  let views = 0;
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = async (wanted) => {
    const view = await model.store.loadPurchaseContext(wanted);
    if (views++ === 0) await buy(model.store, { ...request, userId: 'bert' });
    return view;
  };
  const { outcome, calls } = await buy({ ...model.store, loadPurchaseContext }, request);
  expect(outcome).toMatchObject({ kind: 'ticket_reserved', holdingOrder: { userId: 'bert' } });
  expect(calls).toEqual(['ticket_reserved']);
});

test('When every write comes too late, then the purchase gives up and says so', async () => {
  const model = memoryOrderStore(ticket);
  let inserts = 0;
  const insert = async () => {
    inserts++;
    return 'refused' as const;
  };
  const { outcome, calls } = await buy({ ...model.store, insert }, request);
  expect(outcome).toEqual({ kind: 'conflict' });
  expect(calls).toEqual(['conflict']);
  expect(inserts).toBe(8);
});

test('When a user has as many pending orders as are allowed, then the next waits for the first end', async () => {
  const model = memoryOrderStore(ticket, other);
  expect((await buy(model.store, request, 0, { maxPending: 1 })).calls).toEqual(['placed']);
  expect(model.orders()[0]?.pendingSlot).toBe(0);

  const next = { ...request, ticketId: other.id };
  expect(await buy(model.store, next, holdMs - 1, { maxPending: 1 })).toEqual({
    outcome: { kind: 'too_many_pending', limit: 1, availableAt: at(holdMs) },
    calls: ['too_many_pending'],
  });
  const { outcome } = await buy(model.store, next, holdMs, { maxPending: 1 });
  expect(outcome).toMatchObject({ kind: 'placed', order: { ticketId: other.id } });
  expect(model.orders().map(({ status }) => status)).toEqual(['expired', 'pending']);
  expect(model.orders()[1]?.pendingSlot).toBe(0);
});

test('When there is no limit, then an order takes none of its user’s slots', async () => {
  const model = memoryOrderStore(ticket, other);
  await buy(model.store, request);
  await buy(model.store, { ...request, ticketId: other.id }, 0, { maxPending: 0 });
  expect(model.orders().map(({ pendingSlot }) => pendingSlot)).toEqual([undefined, undefined]);
});

test('When nobody wants to be called, then purchases are placed and refused all the same', async () => {
  const model = memoryOrderStore(ticket);
  const deps = { orders: model.store, clock: () => start, holdMs };
  expect((await placeOrder(deps, request)).kind).toBe('placed');
  expect((await placeOrder(deps, request)).kind).toBe('ticket_reserved');
});

test('When the database is away as a hold is to be taken over, then the purchase fails and nothing is placed', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const apply = async () => {
    throw new mongoose.mongo.MongoNetworkError('the database is away');
  };
  await expect(buy({ ...model.store, apply }, request, holdMs)).rejects.toThrow('the database is away');
  expect(model.orders()).toHaveLength(1);
});

test('When a repair by hand has left a hold whose end is no time, then the next buyer is to come back', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = async (wanted) => {
    const { holdingOrder: order, ...found } = await model.store.loadPurchaseContext(wanted);
    return {
      ...found,
      ...(order && { holdingOrder: { ...order, expiresAt: 'tomorrow' as unknown as Date } }),
    };
  };
  expect(await buy({ ...model.store, loadPurchaseContext }, request)).toEqual({
    outcome: { kind: 'conflict' },
    calls: ['conflict'],
  });
});
