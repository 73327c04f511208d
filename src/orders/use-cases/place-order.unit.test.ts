import { asRequest } from '../../../tests/support/as-request.ts';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { at, buy, holdMs, other, request, start, ticket } from '../../../tests/support/purchases.ts';
import * as transitions from '../domain/transitions.ts';
import { identifyPurchase } from '../store/idempotency.ts';
import { placeOrder } from './place-order.ts';

const { orderId, idempotency } = identifyPurchase({ ...request, idempotencyKey: 'k' });

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

test('When several slots are free, then each of them is taken now and then, and no other', async () => {
  const taken = new Set<number | undefined>();
  for (let time = 0; time < 200; time++) {
    const model = memoryOrderStore(ticket);
    await buy(model.store, request, 0, { maxPending: 3 });
    taken.add(model.orders()[0]?.pendingSlot);
  }
  expect([...taken].toSorted((a = -1, b = -1) => a - b)).toEqual([0, 1, 2]);
});
