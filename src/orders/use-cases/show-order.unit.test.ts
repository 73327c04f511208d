import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import * as transitions from '../domain/transitions.ts';
import { showOrder } from './show-order.ts';

const id = 'a'.repeat(24);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs: 1_000 }, { now: new Date(0) });
const { store: orders, put } = memoryOrderStore(ticket);
put(order);

test('When a user asks for an order, then it is found if it is their own', async () => {
  expect(await showOrder({ orders }, { userId: 'anna', orderId: id })).toMatchObject({
    kind: 'found',
    order,
  });
  expect(await showOrder({ orders }, { userId: 'bert', orderId: id })).toEqual({ kind: 'not_owner' });
  expect(await showOrder({ orders }, { userId: 'anna', orderId: 'c'.repeat(24) })).toEqual({
    kind: 'not_found',
  });
});
