import mongoose from 'mongoose';
import { serves } from '../../../tests/support/index-serves-query.ts';
import type { WantedIndex } from '../../platform/mongo/indexes.ts';
import { orderStatuses } from '../domain/order.ts';
import { cooldownIndex, keptHoldsIndex, orderIndexes } from './order-indexes.ts';
import { type OrderQuery, type OrderSearch, orderQueries } from './order-queries.ts';

const [userId, now] = ['anna', new Date('2030-01-01T00:00:00Z')];
const after = { createdAt: now, id: 'a'.repeat(24) };
const namesOf = (query: OrderQuery) =>
  [...orderIndexes, keptHoldsIndex, cooldownIndex]
    .filter((index) => serves(index, query))
    .map(({ name }) => name);

test('When a list, with or without a status, is read, then an index has its fields and its order, in either direction', () => {
  for (const first of ['newest', 'oldest'] as const) {
    for (const position of [{}, { after }]) {
      const list = { userId, first, ...position };
      expect(namesOf(orderQueries.ofUser(list))).toEqual(['own_orders_newest_first']);
      // Several are the statuses that have one name outside.
      for (const statuses of [...orderStatuses.map((status) => [status]), ['cancelled', 'expired'] as const])
        expect(namesOf(orderQueries.ofUser({ ...list, statuses }))).toEqual(['own_orders_by_status']);
    }
  }
});

test('When one status is asked for, then by equality, and only several need a merge', () => {
  const statuses = ['cancelled', 'expired'] as const;
  expect(orderQueries.ofUser({ userId, statuses }).filter['status']).toEqual({ $in: statuses });
  expect(orderQueries.ofUser({ userId, statuses: ['paid'] }).filter['status']).toBe('paid');
});

test('When a purchase reads what its user has pending, then it reads none of the other orders', () => {
  expect(namesOf(orderQueries.pending(userId))).toEqual(['own_orders_by_status']);
});

test('When holders and overdue holds are read, then an index has them alone', () => {
  expect(namesOf(orderQueries.holders([new mongoose.Types.ObjectId()]))).toEqual(['one_holder_per_ticket']);
  expect(namesOf(orderQueries.overdue({ until: now }))).toEqual(['holds_by_end']);
  expect(namesOf(orderQueries.overdue({ after: now, until: now }))).toEqual(['holds_by_end']);
  expect(namesOf(orderQueries.oldestOverdue(now))).toEqual(['holds_by_end']);
});

test('When an operator looks for orders, then an index has what is asked for, and its order', () => {
  const [ticketId, since] = ['b'.repeat(24), now];
  const searched = (wanted: OrderSearch) => namesOf(orderQueries.search(wanted));
  for (const more of [{}, { since }]) {
    expect(searched({ userId, ...more })).toEqual(['own_orders_newest_first']);
    expect(searched({ ticketId, ...more })).toEqual(['ticket_orders_newest_first']);
    for (const status of orderStatuses)
      expect(searched({ userId, status, ...more })).toEqual(['own_orders_by_status']);
  }
  expect(searched({ since })).toEqual(['all_orders_newest_first']);
  expect(searched({ status: 'pending' })).toEqual(['holds_by_end']);
});

test('When an operator looks for a status of a ticket or a time, then an index has these, and the status is looked at in each', () => {
  const ticketId = 'b'.repeat(24);
  for (const [wanted, index] of [
    [{ ticketId, status: 'paid' }, 'ticket_orders_newest_first'],
    [{ since: now, status: 'pending' }, 'all_orders_newest_first'],
    [{ since: now, status: 'paid' }, 'all_orders_newest_first'],
    [{ status: 'paid' }, 'all_orders_newest_first'],
  ] as const) {
    const { filter, sort = {} } = orderQueries.search(wanted);
    const { status, ...others } = filter;
    expect([status, namesOf({ filter: others, sort })]).toEqual([wanted.status, [index]]);
  }
});

test('When a purchase reads the orders of its user for a ticket, then an index has them alone, newest first', () => {
  const query = orderQueries.ofUserAndTicket(userId, 'b'.repeat(24));
  expect(namesOf(query)).toEqual(['own_orders_of_ticket']);
});

test('When kept holds are read, then an index has them alone', () => {
  const { keptHoldsWithEnd, keptHoldsWithoutEnd } = orderQueries;
  for (const query of [keptHoldsWithEnd(now), keptHoldsWithEnd()])
    expect(namesOf(query)).toEqual(['kept_holds_by_end']);
  for (const query of [keptHoldsWithoutEnd('any'), keptHoldsWithoutEnd('empty')])
    expect(namesOf(query)).toEqual(['kept_holds_by_end']);
});

const index = (key: WantedIndex['key'], more: Partial<WantedIndex> = {}): WantedIndex => ({
  name: 'one',
  key,
  ...more,
});

test.each<[string, boolean, WantedIndex, OrderQuery]>([
  ['backwards', true, index({ userId: 1, createdAt: -1 }), { filter: { userId }, sort: { createdAt: 1 } }],
  [
    'in the order of another field',
    false,
    index({ userId: 1 }),
    { filter: { userId }, sort: { createdAt: 1 } },
  ],
  ['half backwards', false, index({ createdAt: 1, _id: -1 }), { filter: {}, sort: { createdAt: 1, _id: 1 } }],
  [
    'behind a field that is not asked for',
    false,
    index({ userId: 1, status: 1 }),
    { filter: { status: 'paid' } },
  ],
  ['with a condition that is in no key', false, index({ userId: 1 }), { filter: { userId, status: 'paid' } }],
  [
    'in a range behind the sort',
    false,
    index({ userId: 1, createdAt: 1, expiresAt: 1 }),
    { filter: { userId, expiresAt: { $lte: now } }, sort: { createdAt: 1 } },
  ],
  [
    'in a part of the orders',
    false,
    index({ userId: 1 }, { partialFilterExpression: { status: 'paid' } }),
    { filter: { userId, status: 'pending' } },
  ],
  ['where the field is', false, index({ relayDueAt: 1 }, { sparse: true }), { filter: {} }],
])('When an index is read %s, then it serves the query: %s', (_, expected, one, query) => {
  expect(serves(one, query)).toBe(expected);
});
