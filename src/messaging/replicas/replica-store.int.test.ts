import mongoose, { type Connection } from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { replicaModel } from './replica-model.ts';
import { createReplicaStore, goneAfterMs, type ReplicaStore } from './replica-store.ts';

let database: Connection;
let replicas: ReplicaStore;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  replicas = createReplicaStore(replicaModel(database));
});
beforeEach(() => database.collection('replicas').deleteMany({}));

const replica = { host: 'orders-1', pid: 1, broker: 'NATS Streaming', paused: false };
const hosts = async () => (await replicas.present()).map(({ host }) => host);

/** Reports one that was last seen then. */
async function reportedAgo(milliseconds: number, host: string): Promise<void> {
  const id = newId();
  await replicas.report(id, { ...replica, host });
  const seenAt = new Date(Date.now() - milliseconds);
  await database
    .collection('replicas')
    .updateOne({ _id: new mongoose.Types.ObjectId(id) }, { $set: { seenAt } });
}

test('When replicas report themselves, then each is present once, as it was last reported', async () => {
  const [first, second] = [newId(), newId()];
  await replicas.report(first, replica);
  await replicas.report(second, { ...replica, host: 'orders-2', paused: true });
  await replicas.report(first, { ...replica, broker: 'JetStream' });
  const present = await replicas.present();
  expect(present).toMatchObject([
    { ...replica, broker: 'JetStream' },
    { ...replica, host: 'orders-2', paused: true },
  ]);
  for (const { secondsAgo } of present) expect(secondsAgo).toBeLessThan(20);
});

test('When a replica was not seen for a while, then it is present for five minutes, and gone after that', async () => {
  await reportedAgo(goneAfterMs - 20_000, 'frozen');
  await reportedAgo(goneAfterMs + 20_000, 'gone');
  expect(await replicas.present()).toEqual([
    { ...replica, host: 'frozen', secondsAgo: expect.closeTo(280, -1.5) },
  ]);
});

test('When a replica has ended, then only that one is gone at once', async () => {
  const [first, second] = [newId(), newId()];
  await replicas.report(first, replica);
  await replicas.report(second, { ...replica, host: 'orders-2' });
  await replicas.remove(first);
  expect(await hosts()).toEqual(['orders-2']);
});

test('When a process has crashed, then what it has left is removed after a day, and not sooner', async () => {
  await reportedAgo(25 * 3_600_000, 'of yesterday');
  await reportedAgo(23 * 3_600_000, 'of today');
  await replicas.removeAbandoned();
  const left = await database.collection('replicas').find().toArray();
  expect(left.map(({ host }) => host)).toEqual(['of today']);
});
