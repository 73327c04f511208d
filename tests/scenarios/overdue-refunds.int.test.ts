import type { Connection } from 'mongoose';
import type { Order } from '../../src/orders/domain/order.ts';
import { completeRefund } from '../../src/orders/domain/refund-transitions.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { eventually } from '../support/eventually.ts';
import { pastOrders } from '../support/past-orders.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';
import { scrape } from '../support/scrape.ts';

const alertMs = 60_000;
const start = Date.now();
const patient = { withinMs: 30_000, everyMs: 200 };

async function overdueIn(url: string): Promise<number[]> {
  const samples = await scrape(url);
  return samples.filter(({ name }) => name === 'orders_refunds_overdue').map(({ value }) => value);
}

const indexNames = async (database: Connection) =>
  (await database.collection('orders').indexes()).map(({ name }) => name);

/** An expired order, and a payment for it that is to be given back. */
async function refundDue(past: ReturnType<typeof pastOrders>): Promise<Order> {
  const order = await past.place(new Date(start));
  const expired = await past.change(transitions.expire(order, 'expiry', { now: new Date(start) }));
  return past.change(
    transitions.requireRefund(expired, { id: 'p1' }, 'order_expired', { now: new Date(start) }),
  );
}

test('When refunds take too long, then they are counted until they are completed', async () => {
  let now = start + alertMs - 1;
  const config = testConfig({ refundAlertMs: alertMs });
  const database = await openDatabase(config);
  const past = pastOrders(database);
  const { url } = await startTestService(config, { clock: () => new Date(now) });
  const [first] = [await refundDue(past), await refundDue(past)];
  // The values are read at most every five seconds, and not before there is the index.
  const becomes = (count: number) =>
    eventually(async () => (await overdueIn(url)).join() === String(count), patient);
  await becomes(0);
  expect(await indexNames(database)).toContain('open_refunds_by_due_time');
  now += 1;
  await becomes(2);
  await past.change(completeRefund(first, { id: 'p1' }, { now: new Date(now) }));
  await becomes(1);
}, 60_000);

test('When nobody is to be alerted, then there is neither the index nor the gauge', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  await eventually(
    async () => (await scrape(url)).some(({ name }) => name === 'orders_outbox_depth'),
    patient,
  );
  expect(await overdueIn(url)).toEqual([]);
  expect(await indexNames(database)).not.toContain('open_refunds_by_due_time');
});
