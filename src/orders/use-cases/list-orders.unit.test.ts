import type { ListedOrder } from '../domain/order.ts';
import {
  type ListOrdersDeps,
  type ListOrdersRequest,
  type ListSort,
  listOrders,
  maxPageSize,
} from './list-orders.ts';
import { readCursor } from './order-cursor.ts';

type Query = Parameters<ListOrdersDeps['orders']['list']>[0];

const cursor = { createdAt: new Date(5), id: 'a'.repeat(24) };

/** A store with so many orders, which records what it is asked for. */
function storeOf(count: number) {
  const queries: Query[] = [];
  const list = async (query: Query) => {
    queries.push(query);
    return Array.from({ length: Math.min(count, query.limit) }, (_, index) => orderOf(index));
  };
  return { queries, orders: { list }, listSort: '-createdAt' as ListSort };
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
  const { queries, ...deps } = storeOf(3);
  const outcome = await listOrders(deps, { userId: 'anna', limit: 2 });
  expect(outcome).toMatchObject({
    ...{ kind: 'page', rel: 'next', sort: '-createdAt', limit: 2 },
    orders: [orderOf(0), orderOf(1)],
  });
  const { id, createdAt } = orderOf(1);
  expect(outcome.kind === 'page' && readCursor(outcome.cursor)).toEqual({ id, createdAt });
  expect(queries).toEqual([{ userId: 'anna', limit: 3, first: 'newest' }]);
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
  const { queries, ...deps } = storeOf(0);
  await listOrders(deps, { userId: 'anna', statuses: ['paid'], limit: 7, cursor });
  expect(queries).toEqual([{ userId: 'anna', statuses: ['paid'], limit: 8, first: 'newest', after: cursor }]);
});

type Wanted = Omit<ListOrdersRequest, 'userId'>;

test.each<[string, ListSort, Wanted, 'newest' | 'oldest', 'next' | 'prev']>([
  ['nothing', '-createdAt', {}, 'newest', 'next'],
  ['a status', '-createdAt', { statuses: ['paid'] }, 'newest', 'next'],
  ['the oldest first', '-createdAt', { sort: 'createdAt' }, 'oldest', 'next'],
  ['the page before', '-createdAt', { cursor, page: 'prev' }, 'oldest', 'prev'],
  ['the page before', '-createdAt', { sort: 'createdAt', cursor, page: 'prev' }, 'newest', 'prev'],
  ['nothing', 'createdAt', {}, 'newest', 'prev'],
  ['a status', 'createdAt', { statuses: ['paid'] }, 'newest', 'prev'],
  ['the page before', 'createdAt', { cursor, page: 'prev' }, 'newest', 'prev'],
  ['a limit', 'createdAt', { limit: 1 }, 'oldest', 'next'],
  ['a cursor', 'createdAt', { cursor }, 'oldest', 'next'],
  ['the oldest first', 'createdAt', { sort: 'createdAt' }, 'oldest', 'next'],
  ['the newest first', 'createdAt', { sort: '-createdAt' }, 'newest', 'next'],
])(
  'When %s is asked for and LIST_SORT is %s, then with %j the %s orders are read and there is rel="%s"',
  async (_, listSort, wanted, first, rel) => {
    const { queries, orders } = storeOf(200);
    const outcome = await listOrders({ orders, listSort }, { userId: 'anna', ...wanted });
    expect(queries).toMatchObject([{ first }]);
    expect(outcome).toMatchObject({ kind: 'page', rel, sort: wanted.sort ?? listSort });
    const { limit = maxPageSize } = wanted;
    const read = Array.from({ length: limit }, (_, index) => orderOf(index));
    // The page is in its order, and its cursor the last one that was read.
    expect(outcome.orders).toEqual(rel === 'next' ? read : read.toReversed());
    const { id, createdAt } = orderOf(limit - 1);
    expect(outcome.kind === 'page' && readCursor(outcome.cursor)).toEqual({ id, createdAt });
  },
);
