import type { ListedOrder } from '../domain/order.ts';
import { type ListOrdersDeps, listOrders, maxPageSize } from './list-orders.ts';
import { readCursor } from './order-cursor.ts';

type Query = Parameters<ListOrdersDeps['orders']['list']>[0];

/** A store with so many orders, which records what it is asked for. */
function storeOf(count: number) {
  const queries: Query[] = [];
  const list = async (query: Query) => {
    queries.push(query);
    return Array.from({ length: Math.min(count, query.limit) }, (_, index) => orderOf(index));
  };
  return { queries, orders: { list } };
}

const orderOf = (index: number): ListedOrder => ({
  id: String(index).padStart(24, '0'),
  userId: 'anna',
  status: 'pending',
  version: 0,
  createdAt: new Date(1_000 - index),
  expiresAt: new Date(2_000),
  ticketId: 'b'.repeat(24),
  ticket: { title: 'Concert', price: 20, version: 0 },
});

test('When there are more orders than the page holds, then its cursor stands for the last of them', async () => {
  const { orders, queries } = storeOf(3);
  const outcome = await listOrders({ orders }, { userId: 'anna', limit: 2 });
  expect(outcome).toMatchObject({ kind: 'page', limit: 2, orders: [orderOf(0), orderOf(1)] });
  const { id, createdAt } = orderOf(1);
  expect(outcome.kind === 'page' && readCursor(outcome.cursor)).toEqual({ id, createdAt });
  expect(queries).toEqual([{ userId: 'anna', limit: 3 }]);
});

test('When the page is full and there are no more, then it is the last one', async () => {
  const outcome = await listOrders(storeOf(2), { userId: 'anna', limit: 2 });
  expect(outcome).toEqual({ kind: 'last_page', orders: [orderOf(0), orderOf(1)] });
  expect(await listOrders(storeOf(0), { userId: 'anna' })).toEqual({ kind: 'last_page', orders: [] });
});

test('When no limit is given, then a page has as many orders as one may have', async () => {
  const outcome = await listOrders(storeOf(1_000), { userId: 'anna' });
  expect(outcome).toMatchObject({ kind: 'page', limit: maxPageSize });
  expect(outcome.orders).toHaveLength(maxPageSize);
});

test('When a status and a position are given, then the store is asked for those orders of the user alone', async () => {
  const { orders, queries } = storeOf(0);
  const after = { createdAt: new Date(5), id: 'a'.repeat(24) };
  await listOrders({ orders }, { userId: 'anna', statuses: ['paid'], limit: 7, after });
  expect(queries).toEqual([{ userId: 'anna', statuses: ['paid'], limit: 8, after }]);
});
