import mongoose, { type Connection } from 'mongoose';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { createLease } from './lease-store.ts';

const now = new Date('2030-01-01T00:00:00Z');
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);
const times = { now, until: later(10_000) };
let database: Connection;

beforeEach(async () => {
  database = await openDatabase(testConfig());
});

test('When twenty processes want the lease at once, then one has it, and may prolong it', async () => {
  const processes = Array.from({ length: 20 }, () => createLease(database, 'a job'));
  const taken = await Promise.all(processes.map((lease) => lease.take(times)));
  expect(taken.filter(Boolean)).toHaveLength(1);
  const again = await Promise.all(
    processes.map((lease) => lease.take({ now: later(1), until: later(10_001) })),
  );
  expect(again).toEqual(taken);
});

test('When the lease has expired, then twenty others race for it and one has it', async () => {
  const first = createLease(database, 'a job');
  await first.take(times);
  const others = Array.from({ length: 20 }, () => createLease(database, 'a job'));
  const tooEarly = await Promise.all(
    others.map((lease) => lease.take({ now: later(9_999), until: later(20_000) })),
  );
  expect(tooEarly.filter(Boolean)).toHaveLength(0);
  const taken = await Promise.all(
    others.map((lease) => lease.take({ now: later(10_000), until: later(20_000) })),
  );
  expect(taken.filter(Boolean)).toHaveLength(1);
  // Too late: the lease that it releases belongs to another process by now.
  await first.release();
  expect(await first.take({ now: later(10_000), until: later(20_000) })).toBe(false);
});

test('When the lease is released, then another has it at once, and only once', async () => {
  const [first, second] = [createLease(database, 'a job'), createLease(database, 'a job')];
  await first.take(times);
  expect(await second.take(times)).toBe(false);
  await first.release();
  expect(await second.take(times)).toBe(true);
  await first.release();
  expect(await first.take(times)).toBe(false);
});

test('When leases have different names, then they are independent', async () => {
  expect(await createLease(database, 'a job').take(times)).toBe(true);
  expect(await createLease(database, 'another job').take(times)).toBe(true);
});

test('When the database fails, then that does not look like a lease of another process', async () => {
  const options = { bufferCommands: false, autoCreate: false, autoIndex: false };
  const connection = await mongoose.createConnection(testConfig().mongoUri, options).asPromise();
  const lease = createLease(connection, 'a job');
  await connection.close();
  await expect(lease.take(times)).rejects.toThrow();
});
