import fc from 'fast-check';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import { ticketListeners } from '../listeners/ticket-listeners.ts';
import { parkedUpdateCollection, parkedUpdateModel, ticketModel } from '../store/ticket-model.ts';
import { createTicketStore } from '../store/ticket-store.ts';
import { type ReplicationDeps, replicateTicket } from './replicate-ticket.ts';

let database: Connection;
let deps: ReplicationDeps;
const now = new Date('2030-01-01T00:00:00Z');
const quiet = { log: pino({ level: 'silent' }) };

beforeAll(async () => {
  database = await openDatabase(testConfig());
  await ensureIndexes([parkedUpdateCollection(database)]);
  deps = {
    tickets: createTicketStore(ticketModel(database), parkedUpdateModel(database)),
    clock: () => now,
  };
});

beforeEach(async () => {
  await parkedUpdateModel(database).deleteMany({});
});

function event(id: string, version: number): TicketEvent {
  return { kind: version === 0 ? 'created' : 'updated', id, version, title: `v${version}`, price: version };
}

function copyOf(id: string) {
  return database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });
}

function parkedVersions(id: string): Promise<number[]> {
  return parkedUpdateModel(database).distinct('version', { ticketId: id });
}

const versions = fc
  .array(fc.nat(5), { maxLength: 6 })
  .chain((again) => fc.shuffledSubarray([0, 1, 2, 3, 4, 5, ...again], { minLength: 6 + again.length }));

test('When events come in any order and again, one by one or at once, then the copy is at the last', async () => {
  await fc.assert(
    fc.asyncProperty(versions, fc.boolean(), async (deliveries, atOnce) => {
      const id = newId();
      const handle = (version: number) => replicateTicket(deps, event(id, version));
      if (atOnce) await Promise.all(deliveries.map(handle));
      else for (const version of deliveries) await handle(version);
      expect(await copyOf(id)).toMatchObject({ version: 5, title: 'v5', price: 5 });
      expect(await parkedVersions(id)).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test('When an update comes before the ticket, then it is parked, and applied right after the ticket', async () => {
  const id = newId();
  expect(await replicateTicket(deps, event(id, 1))).toBe('parked');
  expect(await replicateTicket(deps, event(id, 1))).toBe('parked');
  expect(await copyOf(id)).toBeNull();
  expect(await replicateTicket(deps, event(id, 0))).toBe('applied');
  expect(await copyOf(id)).toMatchObject({ version: 1, title: 'v1' });
  expect(await replicateTicket(deps, event(id, 1))).toBe('duplicate');
  expect(await parkedVersions(id)).toEqual([]);
});

test('When events of many tickets come at the same moment, then each has its own outcome', async () => {
  const cases = [
    { at: 0, comes: 1, is: 'applied' },
    { at: 0, comes: 2, is: 'parked' },
    { at: 1, comes: 1, is: 'duplicate' },
    { at: 2, comes: 1, is: 'duplicate' },
    { at: 0, comes: 0, is: 'duplicate' },
  ].flatMap((one) => Array.from({ length: 10 }, () => ({ ...one, id: newId() })));
  for (const { id, at } of cases)
    for (let version = 0; version <= at; version++) await replicateTicket(deps, event(id, version));

  const outcomes = await Promise.all(cases.map(({ id, comes }) => replicateTicket(deps, event(id, comes))));
  expect(outcomes).toEqual(cases.map((one) => one.is));
  for (const { id, at, is, comes } of cases)
    expect(await copyOf(id)).toMatchObject({ version: is === 'applied' ? comes : at });
});

test('When the process dies during a drain, then the redelivered message completes it', async () => {
  const id = newId();
  for (const version of [2, 1]) await replicateTicket(deps, event(id, version));
  const dies = (): Promise<never> => Promise.reject(new Error('as if the process had died'));
  // The first write is the event's, the next one the drain's.
  const dying = { ...deps, tickets: { ...deps.tickets, advance: dies } };
  await expect(replicateTicket(dying, event(id, 0))).rejects.toThrow();
  expect(await copyOf(id)).toMatchObject({ version: 0 });
  expect(await parkedVersions(id)).toEqual([1, 2]);
  expect(await replicateTicket(deps, event(id, 0))).toBe('duplicate');
  expect(await copyOf(id)).toMatchObject({ version: 2, title: 'v2' });
  expect(await parkedVersions(id)).toEqual([]);
});

test('When a copy cannot be written, then the events of others that come with it are applied', async () => {
  const [broken, sound] = [newId(), newId()];
  for (const id of [broken, sound]) await replicateTicket(deps, event(id, 0));
  // With this validator the server refuses one write of the bulk.
  const stored = ticketModel(database).collection;
  const validator = { validator: { _id: { $ne: new mongoose.Types.ObjectId(broken) } } };
  await database.db?.command({ collMod: stored.collectionName, ...validator });
  const outcomes = await Promise.allSettled([broken, sound].map((id) => replicateTicket(deps, event(id, 1))));
  await database.db?.command({ collMod: stored.collectionName, validator: {} });
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'applied' }]);
});

test.each(['created', 'updated'] as const)(
  'When a ticket:%s has an impossible version, then it is rejected, and the ticket’s other versions are applied',
  async (kind) => {
    const { handle } = required(
      ticketListeners({ ...deps, ...quiet }).find(({ subject }) => subject === `ticket:${kind}`),
    );
    const hostile = (id: string) => {
      const ticket = { id, version: Number.MAX_SAFE_INTEGER, title: 'x', price: 1, userId: 'u' };
      return handle(Buffer.from(JSON.stringify(ticket)));
    };
    const id = newId();
    expect(await hostile(id)).toEqual({
      rejected: expect.stringMatching(/^version 9007199254740991 of a ticket without a copy, .* 2147483648 /),
    });
    expect(await copyOf(id)).toBeNull();
    for (const version of [0, 1]) await replicateTicket(deps, event(id, version));
    expect(await hostile(id)).toEqual({
      rejected: expect.stringMatching(/^version 9007199254740991 of a ticket whose copy is at 1, .* 10000 /),
    });
    expect(await parkedVersions(id)).toEqual([]);
    expect(await replicateTicket(deps, event(id, 2))).toBe('applied');
    expect(await copyOf(id)).toMatchObject({ version: 2, title: 'v2' });
  },
);

test('When an update far ahead was parked before there was a copy, then what follows the copy is applied', async () => {
  const id = newId();
  expect(await replicateTicket(deps, event(id, 2 ** 31))).toBe('parked');
  for (const version of [1, 0, 2]) await replicateTicket(deps, event(id, version));
  expect(await copyOf(id)).toMatchObject({ version: 2 });
  expect(await parkedVersions(id)).toEqual([2 ** 31]);
});

function required<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error('there is nothing of the kind');
  return item;
}
