import type { Connection } from 'mongoose';
import { pastOrders } from '../../../tests/support/past-orders.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { ensureIndexes, hasIndexes } from '../../platform/mongo/indexes.ts';
import type { Order } from '../domain/order.ts';
import { completeRefund, markAhead } from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { createOpenRefundStore, type OpenRefundStore } from './open-refund-store.ts';
import { openRefundsIndex, openRefundsOf, orderCollection } from './order-indexes.ts';
import { orderModel } from './order-model.ts';
import { orderQueries } from './order-queries.ts';
import type { ReadOrder } from './order-record.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
let database: Connection;
let past: ReturnType<typeof pastOrders>;
let refunds: OpenRefundStore;

beforeEach(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  past = pastOrders(database);
  refunds = createOpenRefundStore(orderModel(database));
});

async function idsOf(found: AsyncIterable<ReadOrder>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of found) ids.push(id);
  return ids;
}

/** A paid order, and one more payment for it that is to be given back since then. */
async function refundDue(ms: number): Promise<Order> {
  const paid = await past.change(transitions.pay(await past.place(at(0)), { id: 'p1' }, { now: at(1) }));
  return past.change(transitions.requireRefund(paid, { id: 'p2' }, 'already_paid', { now: at(ms) }));
}

/** As 0.1 has left it. */
async function refundOf01(): Promise<Order> {
  const order = await refundDue(2);
  const filter = { userId: order.userId };
  await database.collection('orders').updateOne(filter, { $unset: { 'payments.1.refundDueAt': 1 } });
  return order;
}

test('When refunds are open, then they are counted from their time on, and those are not that are completed or of 0.1', async () => {
  await ensureIndexes([openRefundsOf(database)]);
  expect(await hasIndexes(openRefundsOf(database))).toBe(true);
  await refundDue(100);
  const completed = await refundDue(200);
  await refundDue(300);
  await refundOf01();
  const pending = await past.place(at(0));
  await past.change(markAhead(pending, { id: 'p9' }, { now: at(50) }));
  const counts = () => Promise.all([99, 100, 200, 300].map((ms) => refunds.countOverdueRefunds(at(ms))));
  expect(await counts()).toEqual([0, 1, 2, 3]);
  await past.change(completeRefund(completed, { id: 'p2' }, { now: at(400) }));
  expect(await counts()).toEqual([0, 1, 1, 2]);
});

test('When an order has one refund that is completed and one that is not, then the times of the two are not mixed', async () => {
  const order = await refundDue(100);
  const two = await past.change(
    transitions.requireRefund(order, { id: 'p3' }, 'already_paid', { now: at(500) }),
  );
  await past.change(completeRefund(two, { id: 'p2' }, { now: at(600) }));
  expect(await refunds.countOverdueRefunds(at(499))).toBe(0);
  expect(await refunds.countOverdueRefunds(at(500))).toBe(1);
});

test('When open refunds are listed, then since a time, and those of 0.1 only where they are asked for', async () => {
  const [first, second, old] = [await refundDue(100), await refundDue(200), await refundOf01()];
  const completed = await refundDue(300);
  await past.change(completeRefund(completed, { id: 'p2' }, { now: at(400) }));
  await past.change(transitions.pay(await past.place(at(0)), { id: 'p1' }, { now: at(1) }));
  expect(await idsOf(refunds.withOpenRefunds({ undated: 'without' }))).toEqual([first.id, second.id]);
  expect(await idsOf(refunds.withOpenRefunds({ since: at(200), undated: 'without' }))).toEqual([second.id]);
  expect(await idsOf(refunds.withOpenRefunds({ undated: 'with' }))).toEqual([first.id, second.id, old.id]);
});

test('When the index is there, then it has what the count asks for, first what is open and then its time', () => {
  const { filter } = orderQueries.openRefunds(at(0));
  const payment = (filter['payments'] as { $elemMatch: Record<string, unknown> }).$elemMatch;
  expect(Object.keys(openRefundsIndex.key)).toEqual(Object.keys(payment).map((name) => `payments.${name}`));
  // MongoDB takes a partial index only for a filter that implies its condition: this one does, by a field of its own.
  for (const field of Object.keys(openRefundsIndex.partialFilterExpression ?? {}))
    expect(filter[field]).toEqual({ $gt: new Date(0) });
});

test('When nobody counts overdue refunds, then there is no such index', async () => {
  expect(await hasIndexes(openRefundsOf(database))).toBe(false);
});
