import fc from 'fast-check';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { ensureIndexes } from '../database/indexes.ts';
import { type ReplicationParts, replicateTicket, tendGaps } from './replicate-ticket.ts';
import type { Jump, TicketNews } from './ticket.ts';
import { parkedUpdateCollection, parkedUpdateModel, ticketModel } from './ticket-model.ts';
import { createTicketStore } from './ticket-store.ts';

let database: Connection;
let parts: ReplicationParts;
let now = new Date('2030-01-01T00:00:00Z');
let logged: Record<string, unknown>[] = [];
let jumps: [string, Jump][] = [];
const gapTimeoutMs = 60_000;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([parkedUpdateCollection(database)]);
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  const write = (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>);
  parts = { tickets, clock: () => now, log: pino({ level: 'warn' }, { write }), gapTimeoutMs };
  parts.onJump = (...jump) => void jumps.push(jump);
});

beforeEach(async () => {
  logged = [];
  jumps = [];
  await parkedUpdateModel(database).deleteMany({});
});

function event(id: string, version: number): TicketNews {
  return { kind: version === 0 ? 'created' : 'updated', id, version, title: `v${version}`, price: version };
}

function copyOf(id: string) {
  return database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });
}

function parkedVersions(id: string): Promise<number[]> {
  return parkedUpdateModel(database).distinct('version', { ticketId: id });
}

function pass(milliseconds: number): void {
  now = new Date(now.getTime() + milliseconds);
}

const versions = fc
  .array(fc.nat(5), { maxLength: 6 })
  .chain((again) => fc.shuffledSubarray([0, 1, 2, 3, 4, 5, ...again], { minLength: 6 + again.length }));

test('When events come in any order and again, one by one or at once, then the copy is at the last', async () => {
  await fc.assert(
    fc.asyncProperty(versions, fc.boolean(), async (deliveries, atOnce) => {
      const id = newId();
      const handle = (version: number) => replicateTicket(parts, event(id, version));
      if (atOnce) await Promise.all(deliveries.map(handle));
      else for (const version of deliveries) await handle(version);
      expect(await copyOf(id)).toMatchObject({ version: 5, title: 'v5', price: 5 });
      expect(await parkedVersions(id)).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test('When an update comes before the ticket, then it waits and follows at once', async () => {
  const id = newId();
  expect(await replicateTicket(parts, event(id, 1))).toBe('parked');
  expect(await replicateTicket(parts, event(id, 1))).toBe('parked');
  expect(await copyOf(id)).toBeNull();
  expect(await replicateTicket(parts, event(id, 0))).toBe('applied');
  expect(await copyOf(id)).toMatchObject({ version: 1, title: 'v1' });
  expect(await replicateTicket(parts, event(id, 1))).toBe('duplicate');
  expect(await parkedVersions(id)).toEqual([]);
});

test('When events of many tickets come at the same moment, then each is told what became of it', async () => {
  const cases = [
    { at: 0, comes: 1, is: 'applied' },
    { at: 0, comes: 2, is: 'parked' },
    { at: 1, comes: 1, is: 'duplicate' },
    { at: 2, comes: 1, is: 'duplicate' },
    { at: 0, comes: 0, is: 'duplicate' },
  ].flatMap((one) => Array.from({ length: 10 }, () => ({ ...one, id: newId() })));
  for (const { id, at } of cases)
    for (let version = 0; version <= at; version++) await replicateTicket(parts, event(id, version));

  const outcomes = await Promise.all(cases.map(({ id, comes }) => replicateTicket(parts, event(id, comes))));
  expect(outcomes).toEqual(cases.map((one) => one.is));
  for (const { id, at, is, comes } of cases)
    expect(await copyOf(id)).toMatchObject({ version: is === 'applied' ? comes : at });
});

test('When the process dies between applying and draining, then the next pass over the gaps does the rest', async () => {
  const id = newId();
  await replicateTicket(parts, event(id, 2));
  await replicateTicket(parts, event(id, 1));
  // What replicateTicket writes first, and no more; and the same after the drain's first write.
  await parts.tickets.create(event(id, 0));
  await parts.tickets.advance(event(id, 1), 0);
  await tendGaps(parts);
  expect(await copyOf(id)).toMatchObject({ version: 2, title: 'v2' });
  expect(await parkedVersions(id)).toEqual([]);
  expect(logged).toEqual([]);
});

test('When a gap is older than the time-out, then it is closed with the lowest parked version, and told', async () => {
  const id = newId();
  for (const version of [0, 4, 3, 6]) await replicateTicket(parts, event(id, version));
  pass(gapTimeoutMs - 1);
  await tendGaps(parts);
  expect(await copyOf(id)).toMatchObject({ version: 0 });
  pass(1);
  await tendGaps(parts);
  const at = now;
  expect(await copyOf(id)).toMatchObject({ version: 4, title: 'v4', jumps: [{ after: 0, to: 3, at }] });
  expect(logged).toMatchObject([{ level: 40, ticketId: id, missing: { first: 1, last: 2 } }]);
  expect(jumps).toEqual([[id, { after: 0, to: 3, at }]]);
  await tendGaps(parts);
  expect(await copyOf(id)).toMatchObject({ version: 6, jumps: [{ to: 3 }, { after: 4, to: 6 }] });
  expect(await parkedVersions(id)).toEqual([]);
});

test('When a missing version comes after the jump, then it changes nothing', async () => {
  const id = newId();
  await replicateTicket(parts, event(id, 2));
  pass(gapTimeoutMs);
  await Promise.all([tendGaps(parts), tendGaps(parts)]);
  const closed = await copyOf(id);
  expect(closed).toMatchObject({ version: 2, jumps: [{ to: 2 }] });
  expect(closed?.['jumps']).toHaveLength(1);
  expect(logged).toMatchObject([{ missing: { first: 0, last: 1 } }]);
  expect(jumps).toHaveLength(1);
  expect(await replicateTicket(parts, event(id, 0))).toBe('duplicate');
  expect(await replicateTicket(parts, event(id, 1))).toBe('duplicate');
  expect(await copyOf(id)).toEqual(closed);
  expect(await replicateTicket(parts, event(id, 3))).toBe('applied');
});

test('When the time-out is 0, then a gap stays open', async () => {
  const id = newId();
  for (const version of [0, 2]) await replicateTicket(parts, event(id, version));
  pass(10 * 365 * 86_400_000);
  await tendGaps({ ...parts, gapTimeoutMs: 0 });
  expect(await copyOf(id)).toMatchObject({ version: 0 });
  expect(await parkedVersions(id)).toEqual([2]);
});
