import { deadLetterCollection } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import { orderCollection, pendingLimitOf } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { parkedUpdateCollection, ticketCollection } from '../../src/tickets/store/ticket-model.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

test('When the service has started, then it has every index it wants, as it wants it', async () => {
  const config = testConfig({ maxPendingOrdersPerUser: 1 });
  const database = await openDatabase(config);
  await startTestService(config);
  for (const collectionOf of [
    orderCollection,
    pendingLimitOf,
    ticketCollection,
    parkedUpdateCollection,
    deadLetterCollection,
  ]) {
    const { model, indexes } = collectionOf(database);
    const found = await model.collection.listIndexes().toArray();
    expect(indexes.length).toBeGreaterThan(0);
    for (const wanted of indexes) {
      expect(found.find(({ name }) => name === wanted.name)).toMatchObject(wanted);
    }
  }
});

test('When pending orders are not limited, then there is no index for it', async () => {
  const config = testConfig({ maxPendingOrdersPerUser: 0 });
  const database = await openDatabase(config);
  await startTestService(config);
  const found = await orderCollection(database).model.collection.listIndexes().toArray();
  expect(found.map(({ name }) => name)).not.toContain('one_pending_order_per_slot');
});

test('When several collections differ, then every difference is named at once and nothing is created', async () => {
  const database = await openDatabase(testConfig());
  await database.collection('a').createIndex({ y: 1, x: 1 }, { name: 'xy' });
  await database.collection('b').createIndex({ x: 1 }, { name: 'x', sparse: true });
  const wanted = (name: string, key: Record<string, 1>) => ({
    model: { collection: database.collection(name) },
    indexes: [{ name: Object.keys(key).join(''), key }],
  });
  const ensured = ensureIndexes([wanted('c', { z: 1 }), wanted('a', { x: 1, y: 1 }), wanted('b', { x: 1 })]);
  await expect(ensured).rejects.toMatchObject({
    name: 'IndexConflict',
    problems: [expect.stringMatching(/^a: found .*"xy"/), expect.stringMatching(/^b: found .*"x"/)],
  });
  expect(await database.listCollections()).not.toContainEqual(expect.objectContaining({ name: 'c' }));
});

test('When an index is taken out of the list, then it is noticed here', async () => {
  const database = await openDatabase(testConfig());
  const namesOf = (of: typeof orderCollection) => of(database).indexes.map(({ name }) => name);
  expect(namesOf(orderCollection)).toEqual([
    'one_holder_per_ticket',
    'own_orders_newest_first',
    'own_orders_by_status',
    'holds_by_end',
    'outboxes_by_due_time',
    'ticket_orders_newest_first',
    'all_orders_newest_first',
  ]);
  expect(namesOf(pendingLimitOf)).toEqual(['one_pending_order_per_slot']);
  expect(namesOf(ticketCollection)).toEqual(['unreported_jumps', 'withdrawn_tickets']);
  expect(namesOf(parkedUpdateCollection)).toEqual(['one_per_ticket_and_version', 'parked_longest_first']);
  expect(namesOf(deadLetterCollection)).toEqual(['one_per_message']);
});
