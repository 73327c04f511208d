import type { Connection } from 'mongoose';
import pino from 'pino';
import { Registry } from 'prom-client';
import { storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { startOwnDatabase } from '../../tests/support/own-database.ts';
import { startTestService, testConfig } from '../../tests/support/running-service.ts';
import { type Sample, scrape, sumOf } from '../../tests/support/scrape.ts';
import {
  runTraffic,
  type ServiceWithTraffic,
  startServiceWithTraffic,
} from '../../tests/support/service-with-traffic.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { backlogMetrics } from './backlog-metrics.ts';
import { receivedSubjects } from './counted-subjects.ts';

let run: ServiceWithTraffic;
let samples: Sample[];
const lines: string[] = [];

beforeAll(async () => {
  run = await startServiceWithTraffic({ log: pino({}, { write: (line: string) => void lines.push(line) }) });
  await runTraffic(run);
  samples = await run.reached(0, 'orders_outbox_depth');
}, 120_000);

/** The number of status changes in the orders' histories. */
async function changes(database: Connection, status: string, cause: string): Promise<number> {
  const orders = await database.collection<OrderRecord>('orders').find().toArray();
  const history = orders.flatMap((order) => order.history);
  return history.filter((change) => change.status === status && change.cause === cause).length;
}

describe('When much has happened, also twice', () => {
  test('then each change of an order counts once', async () => {
    const { database } = run;
    const expected = {
      placed: await changes(database, 'pending', 'buyer'),
      cancelled: await changes(database, 'cancelled', 'buyer'),
      expired: await changes(database, 'expired', 'expiry'),
      takenOver: await changes(database, 'expired', 'takeover'),
      paid: await changes(database, 'paid', 'payment'),
    };
    expect({
      placed: sumOf(samples, 'orders_placed_total'),
      cancelled: sumOf(samples, 'orders_cancelled_total'),
      expired: sumOf(samples, 'orders_expired_total', { cause: 'expiry' }),
      takenOver: sumOf(samples, 'orders_expired_total', { cause: 'takeover' }),
      paid: sumOf(samples, 'orders_paid_total'),
    }).toEqual(expected);
    expect(expected).toMatchObject({ placed: 6, cancelled: 1, paid: 2 });
    expect(expected.expired + expected.takenOver).toBe(3);
    expect(sumOf(samples, 'orders_refunds_due_total')).toBe(1);
    expect(sumOf(samples, 'orders_hold_to_pay_seconds_count')).toBe(2);
    // One was paid in the moment it was placed, the other when its hold had ended.
    expect(sumOf(samples, 'orders_hold_to_pay_seconds_sum')).toBe(900);
  });

  test.each([
    ['ticket_reserved', 1],
    ['ticket_not_found', 1],
    ['ticket_sold', 0],
    ['key_reused', 0],
    ['too_many_pending', 0],
    ['cooldown', 0],
    ['contended', 0],
  ])('then %s was the reason of %i refusals', (reason, count) => {
    expect(sumOf(samples, 'orders_refused_total', { reason })).toBe(count);
  });

  test.each([
    ['payment:created', 'paid', 2],
    ['payment:created', 'known', 1],
    ['payment:created', 'refund_due', 1],
    ['payment:created', 'dead_letter', 1],
    ['expiration:complete', 'not_due', 1],
    ['ticket:created', 'applied', 1],
    ['ticket:created', 'duplicate', 1],
    ['ticket:updated', 'parked', 1],
    ['ticket:updated', 'dead_letter', 0],
  ])('then of the messages %s, with the outcome %s, there were %i', (subject, outcome, count) => {
    expect(sumOf(samples, 'orders_message_handling_seconds_count', { subject, outcome })).toBe(count);
  });

  test.each([
    ['order:created', 6],
    ['order:cancelled', 4],
    ['order:paid', 2],
    ['order:refund-required', 1],
  ])('then events %s were published %i times', (subject, count) => {
    expect(sumOf(samples, 'orders_publish_duration_seconds_count', { subject })).toBe(count);
    expect(sumOf(samples, 'orders_publish_failures_total', { subject })).toBe(0);
  });

  test.each([
    [{ method: 'POST', route: '/api/orders', status: '201' }, 7],
    [{ method: 'POST', route: '/api/orders', status: '409' }, 1],
    [{ method: 'DELETE', route: '/api/orders/:orderId', status: '204' }, 2],
    [{ method: 'any', route: 'unknown', status: '404' }, 1],
  ])('then requests count by %j: %i', (labels, count) => {
    expect(sumOf(samples, 'orders_http_request_duration_seconds_count', labels)).toBe(count);
  });

  test('then neither a label nor the log shows more than it should', () => {
    const routes = samples.flatMap(({ labels }) => labels['route'] ?? []);
    expect(new Set(routes)).toEqual(new Set(['/api/orders', '/api/orders/:orderId', 'unknown']));
    expect(JSON.stringify(samples)).not.toMatch(/[0-9a-f]{24}/);
    expect(lines.filter((line) => line.includes('/metrics'))).toEqual([]);
  });

  test('then the gauges show that nothing waits but a dead letter', () => {
    const state = ['outbox_depth', 'outbox_oldest_seconds', 'parked_updates', 'parked_oldest_seconds'];
    for (const name of [...state, 'hold_overdue_seconds']) expect(sumOf(samples, `orders_${name}`)).toBe(0);
    for (const name of ['database_up', 'broker_up', 'dead_letters', 'payments_set_aside'])
      expect(sumOf(samples, `orders_${name}`)).toBe(1);
    for (const subject of receivedSubjects)
      expect(sumOf(samples, 'orders_subscription_up', { subject })).toBe(1);
    expect(sumOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(sumOf(samples, 'orders_heap_limit_bytes')).toBeGreaterThan(
      sumOf(samples, 'nodejs_heap_size_used_bytes') ?? Infinity,
    );
  });

  test('then another service of this process has counted nothing', async () => {
    const other = await startTestService(testConfig());
    expect(sumOf(await scrape(other.url), 'orders_placed_total')).toBe(0);
  });
});

test('When many scrape at once and again, then the database is read once', async () => {
  const registry = new Registry();
  let reads = 0;
  const read = async <Value>(value: Value) => {
    reads++;
    return value;
  };
  const refresh = backlogMetrics(registry, {
    clock: () => new Date(),
    pingDatabase: () => read({}),
    outboxes: { backlog: () => read({ waiting: 0, since: undefined }) },
    orders: { oldestOverdue: () => read(undefined) },
    parked: () => ({ count: 3, since: undefined }),
    deadLetters: { count: () => read(0), countPayments: () => read(0) },
  });
  await Promise.all([refresh(), refresh()]);
  await refresh();
  expect(reads).toBe(5);
  expect(await registry.metrics()).toContain('orders_parked_updates 3');
});

test('When the broker goes away, then the gauges show it, and how much waits for it and for how long', async () => {
  await run.nats.server.kill();
  await run.reached(0, 'orders_broker_up');
  await run.reached(0, 'orders_subscription_up');
  await run.place(await storeTicket(run.database));
  run.pass(90_000);
  const now = await run.reached(1, 'orders_outbox_depth');
  expect(sumOf(now, 'orders_outbox_oldest_seconds')).toBe(90);
});

test('When the database goes away, then the metrics come without what only it knows, and later with it again', async () => {
  const { uri, server } = await startOwnDatabase();
  const { url } = await startTestService({ ...testConfig(), mongoUri: uri });
  server.freeze();
  const away = await scrape(url);
  expect(sumOf(away, 'orders_database_up')).toBe(0);
  expect(sumOf(away, 'orders_placed_total')).toBe(0);
  for (const name of ['outbox_depth', 'dead_letters', 'payments_set_aside', 'hold_overdue_seconds'])
    expect(sumOf(away, `orders_${name}`)).toBeUndefined();
  server.resume();
  await eventually(
    async () => {
      const back = await scrape(url);
      return sumOf(back, 'orders_database_up') === 1 && sumOf(back, 'orders_dead_letters') !== undefined;
    },
    { withinMs: 30_000, everyMs: 200 },
  );
}, 120_000);
