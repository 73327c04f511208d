import type { Connection } from 'mongoose';
import mongoose from 'mongoose';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { type OrderStatus, orderStatuses } from '../domain/order.ts';
import { orderCollection } from './order-indexes.ts';
import { type OrderRecord, orderModel } from './order-model.ts';
import { type OrderQuery, orderQueries } from './order-queries.ts';

const start = Date.parse('2030-01-01T00:00:00Z');
const [ours, other] = ['anna', 'bert'];
const one = new mongoose.Types.ObjectId();
const after = { createdAt: new Date(start + 60_000), id: 'f'.repeat(24) };
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  const orders = Array.from({ length: 120 }, (_, index) => {
    const status = orderStatuses[index % 4] as OrderStatus;
    return {
      ...{ userId: index % 3 === 0 ? other : ours, status },
      ticketId: index === 7 ? one : new mongoose.Types.ObjectId(),
      ...{ createdAt: new Date(start + index * 1_000), expiresAt: new Date(start + index * 2_000) },
      ...(['pending', 'paid'].includes(status) && { holdsTicket: true }),
    };
  });
  await database.collection('orders').insertMany(orders);
});

/** The plan of the server for a query; undefined where it is no mongod, whose plans are what counts. */
async function planOf({ filter, sort = {} }: OrderQuery): Promise<string | undefined> {
  const { secantusVersion } = (await database.db?.command({ buildInfo: 1 })) ?? {};
  const plan: unknown = await orderModel(database).find(filter).sort(sort).lean().explain('queryPlanner');
  if (secantusVersion === undefined)
    return JSON.stringify((plan as { queryPlanner: { winningPlan: object } }).queryPlanner.winningPlan);
  process.stderr.write('plans: not looked at (the server is no mongod)\n');
  return undefined;
}

test.each<[string, string, OrderQuery, number]>([
  ['own', 'own_orders_newest_first', orderQueries.ofUser({ userId: ours }), 80],
  ['own, from a page on', 'own_orders_newest_first', orderQueries.ofUser({ userId: ours, after }), 40],
  [
    'own, oldest first',
    'own_orders_newest_first',
    orderQueries.ofUser({ userId: ours, first: 'oldest' }),
    80,
  ],
  [
    ...(['own, oldest first, from a page on', 'own_orders_newest_first'] as const),
    ...([orderQueries.ofUser({ userId: ours, first: 'oldest', after }), 40] as const),
  ],
  [
    ...(['own, paid, oldest first', 'own_orders_by_status'] as const),
    ...([orderQueries.ofUser({ userId: ours, statuses: ['paid'], first: 'oldest' }), 20] as const),
  ],
  ['own, paid', 'own_orders_by_status', orderQueries.ofUser({ userId: ours, statuses: ['paid'] }), 20],
  [
    ...(['own, cancelled or expired, from a page on', 'own_orders_by_status'] as const),
    ...([orderQueries.ofUser({ userId: ours, statuses: ['cancelled', 'expired'], after }), 20] as const),
  ],
  [
    ...(['own, cancelled or expired, oldest first', 'own_orders_by_status'] as const),
    ...([
      orderQueries.ofUser({ userId: ours, statuses: ['cancelled', 'expired'], first: 'oldest' }),
      40,
    ] as const),
  ],
  ['pending', 'own_orders_by_status', orderQueries.pending(ours), 20],
  ['since then', 'all_orders_newest_first', orderQueries.search({ since: new Date(start + 60_000) }), 60],
  ['paid, of all users', 'all_orders_newest_first', orderQueries.search({ status: 'paid' }), 30],
  ['all that are pending', 'holds_by_end', orderQueries.search({ status: 'pending' }), 30],
  ['of a ticket', 'ticket_orders_newest_first', orderQueries.search({ ticketId: one.toHexString() }), 1],
  ['overdue', 'holds_by_end', orderQueries.overdue({ until: new Date(start + 120_000) }), 16],
])(
  'When orders are read that are %s, then the index %s has them in order, in the plan of a mongod, too',
  async (_, index, query, count) => {
    const { filter, sort = {} } = query;
    const found = await orderModel(database).find(filter).sort(sort).lean<OrderRecord[]>();
    expect(found).toHaveLength(count);
    const [field, direction] = Object.entries(sort)[0] ?? [];
    const times = found.map((order) => Number(order[field as 'createdAt']) * Number(direction));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const plan = await planOf(query);
    if (plan === undefined) return;
    expect(plan).toContain(`"indexName":"${index}"`);
    expect(plan).not.toMatch(/"stage":"(SORT|COLLSCAN)"/);
  },
);
