import type { Collection } from 'mongoose';
import { openDatabase, startTestService, testConfig } from '../../../tests/support/running-service.ts';
import { ensureIndexes, type WantedIndex } from './indexes.ts';

const wanted: WantedIndex[] = [
  { name: 'holds', key: { ticketId: 1 }, unique: true, partialFilterExpression: { holdsTicket: true } },
];

async function collectionOf(name: string): Promise<Collection> {
  const database = await openDatabase(testConfig());
  return database.collection(name);
}

async function namesOf(collection: Collection): Promise<string[]> {
  return (await collection.listIndexes().toArray()).map(({ name }) => String(name)).toSorted();
}

test('When indexes are missing, then they are created, a second time without harm, and other indexes stay', async () => {
  const collection = await collectionOf('orders');
  await collection.createIndex({ title: 1 }, { name: 'of the operator' });
  await ensureIndexes([{ model: { collection }, indexes: wanted }]);
  await ensureIndexes([{ model: { collection }, indexes: wanted }]);
  expect(await namesOf(collection)).toEqual(['_id_', 'holds', 'of the operator']);
});

test('When an index is listed, as it also is while another replica builds it, then its end is waited for, unless it has another name', async () => {
  const collection = await collectionOf('orders');
  await ensureIndexes([{ model: { collection }, indexes: wanted }]);
  const create = jest.spyOn(collection, 'createIndexes');
  await ensureIndexes([{ model: { collection }, indexes: wanted }]);
  expect(create).toHaveBeenCalledWith(wanted);
  create.mockClear();
  const renamed = wanted.map((index) => ({ ...index, name: 'another name' }));
  await ensureIndexes([{ model: { collection }, indexes: renamed }]);
  expect(create).not.toHaveBeenCalled();
});

test.each([
  ['name with another key', { otherId: 1 }, { name: 'holds' }],
  ['key without uniqueness', { ticketId: 1 }, { name: 'old' }],
  [
    'key and another filter',
    { ticketId: 1 },
    { name: 'holds', unique: true, partialFilterExpression: { paid: true } },
  ],
] as const)(
  'When an index has the same %s, then it is named and nothing is dropped',
  async (_, key, options) => {
    const collection = await collectionOf('orders');
    await collection.createIndex(key, options);
    await expect(ensureIndexes([{ model: { collection }, indexes: wanted }])).rejects.toThrow(
      `"name":"${options.name}"`,
    );
    expect(await namesOf(collection)).toEqual(['_id_', options.name]);
  },
);

test('When the service has started, then the hold is unique, and with a different index it does not start', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  await startTestService(config);
  const orders = database.collection('orders');
  expect(await namesOf(orders)).toContain('one_holder_per_ticket');
  await orders.dropIndex('one_holder_per_ticket');
  await orders.createIndex({ ticketId: 1 });
  await expect(startTestService(config)).rejects.toThrow('one_holder_per_ticket');
});
