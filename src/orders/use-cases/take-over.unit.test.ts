import mongoose from 'mongoose';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as transitions from '../domain/transitions.ts';
import { endKeptHold, takeOver } from './take-over.ts';

const start = new Date('2030-01-01T00:00:00Z');
const now = new Date('2030-01-01T00:00:05Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place(
  { id: 'a'.repeat(24), userId: 'bert', ticket, holdMs: 1_000 },
  { now: start },
);
const context = { now, correlationId: 'req-1' };

test.each(['takeover', 'expiry'] as const)(
  'When an order past its time is in the way, then it expires by %s, for the request that it was in the way of',
  async (cause) => {
    const { store: orders, put, order: stored, events } = memoryOrderStore(ticket);
    put(order);
    expect(await takeOver({ orders, order, cause, context })).toEqual({ isReleased: true });
    expect(stored(order.id)?.history.at(-1)).toEqual({ status: 'expired', version: 1, at: now, cause });
    expect(events).toMatchObject([{ subject: 'order:cancelled', data: { correlationId: 'req-1' } }]);
  },
);

test('When somebody else has changed the order, then it is out of the way', async () => {
  const { store: orders, put, events } = memoryOrderStore(ticket);
  put(order);
  await orders.apply(transitions.cancel(order, { now: start }));
  expect(await takeOver({ orders, order, cause: 'takeover', context })).toEqual({ isReleased: true });
  expect(events).toHaveLength(1);
});

const failing = (error: Error) => ({ apply: (_: OrderChange) => Promise.reject(error) });

test('When the order cannot be changed, then it stays in the way, and the caller has the reason', async () => {
  const problem = new Error('its history is no array');
  const outcome = await takeOver({ orders: failing(problem), order, cause: 'takeover', context });
  expect(outcome).toEqual({ isReleased: false, problem });
});

test('When the database is away, then the takeover fails', async () => {
  const orders = failing(new mongoose.mongo.MongoNetworkError('the database is away'));
  await expect(takeOver({ orders, order, cause: 'expiry', context })).rejects.toThrow('the database is away');
});

const keptHold: KeptHold = {
  ...{ orderId: order.id, status: 'cancelled', version: 1 },
  ...{ until: now, isEventPending: false },
};

test('When a kept hold is in the way, then it is that one which ends', async () => {
  const end = jest.fn(async () => undefined);
  expect(await endKeptHold({ endKeptHold: end }, keptHold)).toEqual({ isReleased: true });
  expect(end.mock.calls).toEqual([[keptHold]]);
});

test('When a kept hold cannot be ended, then it stays in the way; with the database away, that fails', async () => {
  const problem = new Error('its keptUntil is no date');
  const ending = (error: Error) => endKeptHold({ endKeptHold: () => Promise.reject(error) }, keptHold);
  expect(await ending(problem)).toEqual({ isReleased: false, problem });
  const away = new mongoose.mongo.MongoNetworkError('the database is away');
  await expect(ending(away)).rejects.toThrow('the database is away');
});
