import mongoose, { type Connection } from 'mongoose';
import { withDatabase } from '../../../dev/embedded/mongo-uri.ts';
import { atEnd } from '../../../tests/support/at-end.ts';
import { startOwnDatabase } from '../../../tests/support/own-database.ts';
import { startTestService, testConfig } from '../../../tests/support/running-service.ts';
import { refuseMisplacedData } from './misplaced-data.ts';

let server: string;
let unnamed: Connection;

beforeAll(async () => {
  server = (await startOwnDatabase()).uri;
  unnamed = await mongoose.createConnection(withDatabase(server, 'test')).asPromise();
  atEnd(() => unnamed.close());
  await unnamed.collection('orders').insertOne({ status: 'paid' });
}, 60_000);

const databaseCalled = (name: string) => unnamed.useDb(name);
const start = (database: string) =>
  startTestService(testConfig({ mongoUri: withDatabase(server, database) }));

test('When the database is new and `test` of its server has orders, then the start fails and says what to write', async () => {
  await expect(start('orders')).rejects.toThrow(
    /"orders" of MONGO_URI has no collection "orders", but "test" of the same server has one.*write \/test/,
  );
  // No collection was created, so the next start is refused as well.
  expect(await databaseCalled('orders').listCollections()).toEqual([]);
});

test('When the database of MONGO_URI is `test`, then the service starts', async () => {
  await expect(start('test')).resolves.toHaveProperty('url');
});

test('When the orders of `test` are not the service’s, then an empty collection in the other database lets it start', async () => {
  await databaseCalled('market').createCollection('orders');
  await expect(start('market')).resolves.toHaveProperty('url');
});

test('When `test` has other collections only, then a new database is fine', async () => {
  await unnamed.collection('tickets').insertOne({});
  await expect(refuseMisplacedData(databaseCalled('new'), 'payments')).resolves.toBeUndefined();
  await expect(refuseMisplacedData(databaseCalled('new'), 'tickets')).rejects.toThrow(
    'has no collection "tickets"',
  );
});
