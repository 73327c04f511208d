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
  let from: ParkedPosition | Date = new Date(0);
  for (let pages = 1; ; pages++) {
    const { updates, next } = await gaps.page(from, parkedAt, 3);
    seen.push(...updates.map(({ ticketId }) => ticketId));
    if (next === undefined) break;
    expect(pages).toBeLessThan(10);
    from = next;
  }
  expect(seen).toEqual(ids.map(String));
});

test('When what is due is looked for, then an index finds it', async () => {
  commands.length = 0;
  await gaps.page(new Date(0), new Date(1), 3);
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

test('When updates are parked, then the gauges read how many, and the oldest', async () => {
  expect(await gaps.countParked()).toBe(14);
});

test('When gaps are reported, then each comes once, with all that is parked behind it', async () => {
  const found = [];
  for await (const gap of gaps.everyGap()) found.push(gap);
  expect(found).toEqual(
    ids.map((id) => ({ ticketId: String(id), parked: 2, lowestVersion: 2, oldestParkedAt: parkedAt })),
  );
});
