import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { newId } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnBroker } from '../support/own-broker.ts';
import { connectPeer, openDatabase, startTestService, testConfig } from '../support/running-service.ts';

const ticketCount = 100;
const versions = 15;
const duplicates = 500;

/** The same order on every run. */
function shuffled<Item>(items: Item[], seed: string): Item[] {
  const rank = (index: number) => createHash('sha256').update(`${seed}:${index}`).digest('hex');
  const ranked = items.map((item, index) => ({ item, rank: rank(index) }));
  return ranked.sort((one, other) => (one.rank < other.rank ? -1 : 1)).map(({ item }) => item);
}

test('When 2,000 events of 100 tickets come twice and out of order, then every copy comes to its last version', async () => {
  const nats = await startOwnBroker();
  const config = testConfig();
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  await startTestService(config);
  const peer = await connectPeer(config);
  const ids = Array.from({ length: ticketCount }, newId);
  const once = ids.flatMap((id) =>
    Array.from({ length: versions }, (_, version) => {
      const subject = version === 0 ? 'ticket:created' : 'ticket:updated';
      return { subject, data: { id, version, title: `v${version}`, price: version, userId: 'seller' } };
    }),
  );
  const again = shuffled(once, 'duplicates').slice(0, duplicates);
  const events = shuffled([...once, ...again], 'order of arrival');
  expect(events).toHaveLength(2_000);

  await Promise.all(events.map(({ subject, data }) => peer.publish(subject, data)));
  const copies = database.collection('tickets');
  const mine = { _id: { $in: ids.map((id) => new mongoose.Types.ObjectId(id)) } };
  await eventually(
    async () => (await copies.countDocuments({ ...mine, version: versions - 1 })) === ticketCount,
    { withinMs: 30_000, everyMs: 250 },
  );
  await eventually(async () => (await database.collection('parked_ticket_updates').countDocuments()) === 0);
  const last = { title: `v${versions - 1}`, price: versions - 1, version: versions - 1 };
  // Nothing else is in a copy but the mark of its last write: no gap was closed on the way.
  const withMark = { ...last, lastWrite: expect.any(mongoose.Types.ObjectId) as unknown };
  for (const { _id, ...copy } of await copies.find(mine).toArray()) expect(copy).toEqual(withMark);
  expect(await database.collection('dead_letters').countDocuments()).toBe(0);
}, 90_000);
