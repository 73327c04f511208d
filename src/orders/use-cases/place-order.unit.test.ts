import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { at, buy, holdMs, other, request, start, ticket } from '../../../tests/support/purchases.ts';
import { cancelled, paid, placed } from '../domain/order-change.ts';
import { idempotencyOf, orderIdFor } from '../store/idempotency.ts';
import { placeOrder } from './place-order.ts';

test('When a ticket is free, then its order holds it from now on and keeps what was asked for', async () => {
  const model = memoryOrderStore(ticket);
  const wanted = { ...request, idempotencyKey: 'k', correlationId: 'req-1' };
  const { outcome, calls } = await buy(model.store, wanted, 5);
  const id = orderIdFor({ userId: 'anna', key: 'k' });
  const { order, event } = placed(
    { id, userId: 'anna', ticket, holdMs },
    { now: at(5), correlationId: 'req-1' },
  );
  expect(outcome).toEqual({ kind: 'placed', order, replay: false });
  expect(model.events).toEqual([event]);
  expect(model.order(id)).toEqual({ ...order, fingerprint: idempotencyOf('k', ticket.id)?.fingerprint });
  expect(calls).toEqual(['placed']);
});

test('When no request id is known, then the event names none', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, request);
  expect(model.events[0]?.data).not.toHaveProperty('correlationId');
});

test('When a key comes again, then only the same user and ticket get the order, as it is now', async () => {
  const model = memoryOrderStore(ticket, other);
  const wanted = { ...request, idempotencyKey: 'k' };
  await buy(model.store, wanted);
  const id = orderIdFor({ userId: 'anna', key: 'k' });
  const order = model.order(id);
  if (!order) throw new Error('nothing was placed');
  await model.store.apply(cancelled(order, { now: at(1) }));

  const again = await buy(model.store, wanted, 2);
  expect(again.outcome).toMatchObject({
    kind: 'placed',
    order: { id, status: 'cancelled', version: 1 },
    replay: true,
  });
  expect(again.calls).toEqual([]);

  const elsewhere = await buy(model.store, { ...wanted, ticketId: other.id }, 2);
  expect(elsewhere).toEqual({ outcome: { kind: 'key_reused' }, calls: ['key_reused'] });

  model.put({ ...order, userId: 'erased' });
  expect((await buy(model.store, wanted, 2)).outcome).toEqual({ kind: 'key_reused' });
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
  const [holder] = model.orders();
  if (!holder) throw new Error('nothing was placed');
  expect(await buy(model.store, request, holdMs - 1)).toEqual({
    outcome: { kind: 'ticket_reserved', availableAt: at(holdMs), holder },
    calls: ['ticket_reserved'],
  });
  await model.store.apply(paid(holder, { id: 'p', stripeChargeId: 'c' }, { now: at(1) }));
  const sold = model.order(holder.id);
  expect(await buy(model.store, request, holdMs * 2)).toEqual({
    outcome: { kind: 'ticket_sold', holder: sold },
    calls: ['ticket_sold'],
  });
  expect(model.orders()).toHaveLength(1);
});

test('When the hold of another order is over, then it expires by a takeover and the ticket is the buyer’s', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const { outcome } = await buy(model.store, { ...request, correlationId: 'req-2' }, holdMs);
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
  const parts = { orders: model.store, clock: () => start, holdMs };
  expect((await placeOrder(parts, request)).kind).toBe('placed');
  expect((await placeOrder(parts, request)).kind).toBe('ticket_reserved');
});
