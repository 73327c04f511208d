import mongoose, { type Connection } from 'mongoose';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { createGapStore, type GapStore, type ParkedPosition } from './gap-store.ts';
import { parkedUpdateCollection, parkedUpdateModel, ticketCollection, ticketModel } from './ticket-model.ts';

const parkedAt = new Date('2030-01-01T00:00:00Z');
const later = new Date('2030-01-01T00:00:01Z');
let database: Connection;
let gaps: GapStore;
let ids: mongoose.Types.ObjectId[];
const commands: Record<string, unknown>[] = [];

beforeAll(async () => {
  const config = testConfig();
  await openDatabase(config);
  database = await watchDatabase(config);
  await ensureIndexes([ticketCollection(database), parkedUpdateCollection(database)]);
  gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
  ids = Array.from({ length: 7 }, () => new mongoose.Types.ObjectId());
  const update = { title: 'A', price: 1 };
  await parkedUpdateModel(database).collection.insertMany([
    ...ids.map((ticketId) => ({ ...update, ticketId, version: 4, parkedAt })),
    ...ids.map((ticketId) => ({ ...update, ticketId, version: 2, parkedAt: later })),
  ]);
  database
    .getClient()
    .on('commandStarted', ({ command }) => void commands.push(command as Record<string, unknown>));
});

test('When many were parked in the same moment, then pages of any size come to each of them once', async () => {
  const seen: string[] = [];
  let from: ParkedPosition | Date = parkedAt;
  for (let pages = 1; ; pages++) {
    const { updates, next } = await gaps.page({ from, backTo: new Date(0) }, 3);
    seen.push(...updates.map(({ ticketId }) => ticketId));
    if (next === undefined) break;
    expect(pages).toBeLessThan(10);
    from = next;
  }
  expect(seen).toEqual(ids.map(String).reverse());
});

test('When what is parked for many tickets does not fit, then those that it leaves out are named', async () => {
  const wanted = ids.map(String);
  const all = await gaps.parkedFor(wanted, 15);
  expect(all.unread).toEqual([]);
  expect([...all.byTicket.keys()]).toEqual(wanted);
  for (const parked of all.byTicket.values()) expect(parked).toMatchObject([{ version: 2 }, { version: 4 }]);
  const some = await gaps.parkedFor(wanted, 5);
  expect([...some.byTicket.values()].map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(some.unread).toEqual(wanted.slice(3));
});

test('When what is due is looked for, then an index finds it', async () => {
  commands.length = 0;
  await gaps.page({ from: new Date(1), backTo: new Date(0) }, 3);
  await gaps.unreported.find(3);
  for (const [place, index] of ['parked_longest_first', 'unreported_jumps'].entries()) {
    const { find, filter, sort, limit } = commands[place] ?? {};
    const explained = await database.db?.command({
      explain: { find, filter, sort, limit },
      verbosity: 'executionStats',
    });
    expect(JSON.stringify(explained)).toContain(index);
    expect(explained?.['executionStats']).toMatchObject({ totalDocsExamined: 0 });
  }
});

test('When gaps are reported, then each comes once, with all that is parked behind it', async () => {
  const found = [];
  for await (const gap of gaps.everyGap()) found.push(gap);
  expect(found).toEqual(
    ids.map((id) => ({ ticketId: String(id), parked: 2, lowestVersion: 2, oldestParkedAt: parkedAt })),
  );
});
