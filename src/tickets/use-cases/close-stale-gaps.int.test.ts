import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { createLease } from '../../platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../platform/time/retry-schedule.ts';
import type { SkippedVersions, TicketEvent } from '../domain/ticket.ts';
import { createGapStore, type GapStore } from '../store/gap-store.ts';
import {
  parkedUpdateCollection,
  parkedUpdateModel,
  ticketCollection,
  ticketModel,
} from '../store/ticket-model.ts';
import { createTicketStore } from '../store/ticket-store.ts';
import { type CloseStaleGapsDeps, createCloseStaleGaps, gapLeaseName } from './close-stale-gaps.ts';
import { replicateTicket } from './replicate-ticket.ts';

const gapTimeoutMs = 60_000;
const steadyMs = 90_000;
const longAgo = new Date('2029-01-01T00:00:00Z');
let database: Connection;
let now = new Date('2030-01-01T00:00:00Z');
let logged: Record<string, unknown>[] = [];
let jumps: [string, SkippedVersions][] = [];
let commands: Record<string, unknown>[] = [];
let gaps: GapStore;

const clock = () => now;
const log = pino(
  { level: 'info' },
  { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
);

beforeAll(async () => {
  const config = testConfig();
  await openDatabase(config);
  database = await watchDatabase(config);
  database
    .getClient()
    .on('commandStarted', ({ command }) => void commands.push(command as Record<string, unknown>));
  await ensureIndexes([ticketCollection(database), parkedUpdateCollection(database)]);
  gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
});

beforeEach(async () => {
  await parkedUpdateModel(database).deleteMany({});
  await database.collection('leases').deleteMany({});
  logged = [];
  jumps = [];
  commands = [];
});

/** The passes of a process of its own, none of which has been made yet. */
const newProcess = (over: Partial<CloseStaleGapsDeps> = {}) => newGapCloser(over).pass;

function newGapCloser(over: Partial<CloseStaleGapsDeps> = {}) {
  return createCloseStaleGaps({
    gaps,
    lease: createLease(database, gapLeaseName),
    retries: createRetrySchedule({ kind: 'ticket gap', clock, log }),
    subscribedSince: () => longAgo,
    clock,
    log,
    gapTimeoutMs,
    onVersionsSkipped: (...jump) => void jumps.push(jump),
    ...over,
  });
}

/** One to which what is missing could have come for long enough. */
async function steadyProcess(over: Partial<CloseStaleGapsDeps> = {}) {
  const closeStaleGaps = newProcess(over);
  await closeStaleGaps();
  pass(steadyMs);
  return closeStaleGaps;
}

function pass(milliseconds: number): void {
  now = new Date(now.getTime() + milliseconds);
}

function event(id: string, version: number): TicketEvent {
  return { kind: version === 0 ? 'created' : 'updated', id, version, title: `v${version}`, price: version };
}

async function receive(id: string, versions: number[]): Promise<void> {
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  for (const version of versions) await replicateTicket({ tickets, clock }, event(id, version));
}

/** Tickets at version 0 with version 2 parked, made at once. */
async function storeGaps(count: number, copy: Record<string, unknown> = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => new mongoose.Types.ObjectId());
  const ticket = { title: 'v0', price: 0, version: 0, ...copy };
  await database.collection('tickets').insertMany(ids.map((_id) => ({ _id, ...ticket })));
  const update = { title: 'v2', price: 2, version: 2, parkedAt: now };
  await parkedUpdateModel(database).collection.insertMany(ids.map((ticketId) => ({ ticketId, ...update })));
  return ids.map(String);
}

const copyOf = (id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });
const parkedVersions = (id: string): Promise<number[]> =>
  parkedUpdateModel(database).distinct('version', { ticketId: id });
const closed = (ids: string[]) =>
  database
    .collection('tickets')
    .countDocuments({ _id: { $in: ids.map((id) => new mongoose.Types.ObjectId(id)) }, version: 2 });
const warnings = () => logged.filter(({ level }) => level === 40);

test('When gaps are older than the time-out, then each is closed with the lowest parked version, and told', async () => {
  const closeStaleGaps = await steadyProcess();
  const id = newId();
  await receive(id, [0, 4, 3, 6]);
  pass(gapTimeoutMs - 1);
  await closeStaleGaps();
  expect(await copyOf(id)).toMatchObject({ version: 0 });
  pass(1);
  await closeStaleGaps();
  const told = [
    { after: 0, to: 3, at: now },
    { after: 4, to: 6, at: now },
  ];
  const copy = await copyOf(id);
  expect(copy).toMatchObject({ version: 6, title: 'v6', price: 6, jumps: told });
  expect(copy).not.toHaveProperty('unreportedJump');
  expect(await parkedVersions(id)).toEqual([]);
  expect(warnings()).toMatchObject([
    { ticketId: id, missing: { first: 1, last: 2 } },
    { ticketId: id, missing: { first: 5, last: 5 } },
  ]);
  expect(jumps).toEqual(told.map((jump) => [id, jump]));
});

test('When updates are parked, then the one that walks through them knows since when the oldest waits', async () => {
  const [one, other] = [newGapCloser({ gapTimeoutMs: 0 }), newGapCloser({ gapTimeoutMs: 0 })];
  const walk = async () => {
    for (let passes = 0; passes <= 20; passes++) await one.pass();
  };
  await walk();
  expect(one.parkedSince()).toBeUndefined();
  const ids = [newId(), newId()];
  const parkedAt = now;
  for (const id of ids) {
    await receive(id, [0, 2]);
    pass(60_000);
  }
  await walk();
  expect(one.parkedSince()).toEqual(parkedAt);
  // Older than what is walked through in parts.
  pass(600_000);
  await one.pass();
  expect(one.parkedSince()).toEqual(parkedAt);
  await receive(ids[0] ?? '', [1]);
  await walk();
  expect(one.parkedSince()).toEqual(new Date(parkedAt.getTime() + 60_000));
  await receive(ids[1] ?? '', [1]);
  await walk();
  expect(one.parkedSince()).toBeUndefined();
  expect(other.parkedSince()).toBeUndefined();
});

test('When another process has the lease, then that one alone knows since when the oldest waits', async () => {
  const [one, other] = [newGapCloser(), newGapCloser()];
  await receive(newId(), [2]);
  const parkedAt = now;
  pass(gapTimeoutMs + 1);
  await one.pass();
  expect(one.parkedSince()).toEqual(parkedAt);
  await createLease(database, gapLeaseName).take({ now, until: new Date(now.getTime() + 10_000) });
  await one.pass();
  await other.pass();
  expect([one.parkedSince(), other.parkedSince()]).toEqual([undefined, undefined]);
});

test('When several replicas pass at once, then one closes the gap, and what comes later changes nothing', async () => {
  const processes = [await steadyProcess(), await steadyProcess()];
  pass(10_000);
  const id = newId();
  await receive(id, [2]);
  pass(gapTimeoutMs);
  await Promise.all(processes.map((closeStaleGaps) => closeStaleGaps()));
  const copy = await copyOf(id);
  expect(copy).toMatchObject({ version: 2, jumps: [{ to: 2 }] });
  expect(copy?.['jumps']).toHaveLength(1);
  expect(warnings()).toMatchObject([{ missing: { first: 0, last: 1 } }]);
  expect(jumps).toHaveLength(1);
  await receive(id, [0, 1]);
  expect(await copyOf(id)).toEqual(copy);
});

test('When the time-out is 0, then a gap stays open, and what a crash left is applied all the same', async () => {
  const closeStaleGaps = await steadyProcess({ gapTimeoutMs: 0 });
  const [gap, left] = [newId(), newId()];
  await receive(gap, [0, 2]);
  await receive(left, [1]);
  await createTicketStore(ticketModel(database), parkedUpdateModel(database)).create(event(left, 0));
  pass(10 * 365 * 86_400_000);
  await closeStaleGaps();
  expect(await copyOf(gap)).toMatchObject({ version: 0 });
  expect(await copyOf(left)).toMatchObject({ version: 1 });
});

test('When the process died before it had drained, then passes of one that has just started do the rest', async () => {
  const id = newId();
  await receive(id, [2, 1]);
  // What replicateTicket writes first, and no more.
  await createTicketStore(ticketModel(database), parkedUpdateModel(database)).create(event(id, 0));
  pass(gapTimeoutMs / 2);
  const closeStaleGaps = newProcess();
  for (let passes = 0; passes <= 20; passes++) await closeStaleGaps();
  expect(await copyOf(id)).toMatchObject({ version: 2, title: 'v2' });
  expect(await parkedVersions(id)).toEqual([]);
  expect(logged).toEqual([]);
});

test('When an update has been reached but not removed, then it is removed', async () => {
  const id = newId();
  await receive(id, [2]);
  await database
    .collection('tickets')
    .insertOne({ _id: new mongoose.Types.ObjectId(id), title: 'v5', price: 5, version: 5 });
  pass(gapTimeoutMs);
  await newProcess()();
  expect(await copyOf(id)).toMatchObject({ version: 5 });
  expect(await parkedVersions(id)).toEqual([]);
});

test('When the missing version comes while a pass looks, then the gap behind it is not as old as that', async () => {
  let meanwhile: () => Promise<void> = () => Promise.resolve();
  const page: GapStore['page'] = async (...args) => {
    const found = await gaps.page(...args);
    if (found.updates.length > 0) await meanwhile();
    return found;
  };
  const closeStaleGaps = await steadyProcess({ gaps: { ...gaps, page } });
  const id = newId();
  await receive(id, [0, 3]);
  pass(gapTimeoutMs);
  meanwhile = () => receive(id, [1, 2, 6]);
  await closeStaleGaps();
  expect(await copyOf(id)).toMatchObject({ version: 3 });
  expect(await parkedVersions(id)).toEqual([6]);
  expect(warnings()).toEqual([]);
});

test.each([
  ['has moved', 2, { after: 0, to: 4, at: longAgo }],
  ['has come', 2, { to: 4, at: longAgo }],
])('When the copy %s before the gap is closed, then it stays as it is', async (_, version, skipped) => {
  const id = newId();
  await receive(id, [0, 1, version]);
  const copy = await copyOf(id);
  expect(await gaps.skip(event(id, 4), skipped)).toBe('outdated');
  expect(await copyOf(id)).toEqual(copy);
  await newProcess()();
  expect(warnings()).toEqual([]);
});

test('When the answer to the write is lost, or the process dies then, then the gap is told by whoever passes next', async () => {
  const skip: GapStore['skip'] = async (...args) => {
    await gaps.skip(...args);
    throw new mongoose.mongo.MongoNetworkError('as if the connection had broken');
  };
  const dying = await steadyProcess({ gaps: { ...gaps, skip } });
  const id = newId();
  await receive(id, [0, 2]);
  pass(gapTimeoutMs);
  await expect(dying()).rejects.toThrow('as if');
  expect(await copyOf(id)).toMatchObject({ version: 2, jumps: [{ after: 0, to: 2 }] });
  expect(jumps).toEqual([]);

  pass(10_000);
  const next = newProcess();
  await next();
  await next();
  expect(warnings()).toMatchObject([{ ticketId: id, missing: { first: 1, last: 1 } }]);
  expect(jumps).toMatchObject([[id, { after: 0, to: 2 }]]);
  expect(await parkedVersions(id)).toEqual([]);
});

test.each([
  ['to ticket:created', 'ticket:created', 'ticket:updated'],
  ['to ticket:updated', 'ticket:updated', 'ticket:created'],
] as const)(
  'When the process has been subscribed %s for less than three AckWaits, then gaps stay open',
  async (_, late, early) => {
    const since: Record<string, Date | undefined> = { [early]: longAgo, [late]: undefined };
    const closeStaleGaps = await steadyProcess({ subscribedSince: (subject) => since[subject] });
    const id = newId();
    await receive(id, [0, 2]);
    pass(gapTimeoutMs);
    await closeStaleGaps();
    since[late] = now;
    pass(steadyMs - 1);
    await closeStaleGaps();
    expect(await copyOf(id)).toMatchObject({ version: 0 });
    pass(1);
    await closeStaleGaps();
    expect(await copyOf(id)).toMatchObject({ version: 2 });
  },
);

test('When the database was away, then gaps stay open until it has answered for three AckWaits', async () => {
  const away = new mongoose.mongo.MongoNetworkError('as if it were away');
  let page = gaps.page;
  const closeStaleGaps = await steadyProcess({ gaps: { ...gaps, page: (...args) => page(...args) } });
  const id = newId();
  await receive(id, [0, 2]);
  pass(gapTimeoutMs);
  page = () => Promise.reject(away);
  await expect(closeStaleGaps()).rejects.toBe(away);
  page = gaps.page;
  await closeStaleGaps();
  pass(steadyMs - 1);
  await closeStaleGaps();
  expect(await copyOf(id)).toMatchObject({ version: 0 });
  pass(1);
  await closeStaleGaps();
  expect(await copyOf(id)).toMatchObject({ version: 2 });
});

test('When many copies in front cannot be written, then sound ones behind are closed in the same pass', async () => {
  const closeStaleGaps = await steadyProcess();
  const [broken = '', ...others] = await storeGaps(300, { jumps: 'a repair by hand' });
  pass(1);
  const sound = await storeGaps(10);
  pass(gapTimeoutMs);
  await closeStaleGaps();
  expect(await closed(sound)).toBe(10);
  expect(await closed([broken, ...others])).toBe(0);
  const told = () => logged.filter(({ kind, id }) => kind === 'ticket gap' && id === broken);
  expect(told()).toMatchObject([{ level: 50 }]);

  // It is left for a while, then tried again, and told of no more than once.
  commands = [];
  await closeStaleGaps();
  expect(commands.filter((command) => 'update' in command && command['update'] === 'tickets')).toEqual([]);
  pass(10_000);
  await closeStaleGaps();
  expect(told()).toHaveLength(1);
  await database.collection('tickets').updateMany({ jumps: 'a repair by hand' }, { $unset: { jumps: 1 } });
  pass(3_600_000);
  await closeStaleGaps();
  expect(await closed([broken, ...others])).toBe(300);
  expect(told()).toMatchObject([{ level: 50 }, { level: 30, msg: 'item works again' }]);
}, 30_000);

test('When more gaps are due than one pass takes, then passes follow, in as many round trips for 10 as for 250', async () => {
  const tripsFor = async (count: number) => {
    const closeStaleGaps = await steadyProcess();
    const ids = await storeGaps(count);
    pass(gapTimeoutMs);
    commands = [];
    await closeStaleGaps();
    const trips = commands.length;
    expect(await closed(ids)).toBe(count);
    pass(10_000);
    return trips;
  };
  const [few, many] = [await tripsFor(10), await tripsFor(249)];
  // A page may begin with a second query; a trip for each gap would be hundreds.
  expect(many).toBeLessThan(few + 10);
  // No answer has a second part.
  expect(commands.filter((command) => 'getMore' in command)).toEqual([]);
  await tripsFor(600);
}, 30_000);

test('When a walk begins in the middle of what is due, then it comes to the beginning in the same pass', async () => {
  const closeStaleGaps = newProcess();
  const ids = await storeGaps(500);
  pass(gapTimeoutMs);
  await closeStaleGaps();
  pass(steadyMs);
  await closeStaleGaps();
  expect(await closed(ids)).toBe(500);
}, 30_000);

test('When the process is told to stop, then it begins nothing more', async () => {
  const stop = new AbortController();
  const skip: GapStore['skip'] = (...args) => {
    stop.abort();
    return gaps.skip(...args);
  };
  const closeStaleGaps = await steadyProcess({ gaps: { ...gaps, skip } });
  const ids = await storeGaps(300);
  pass(gapTimeoutMs);
  await closeStaleGaps(stop.signal);
  expect(await closed(ids)).toBe(250);
  commands = [];
  await closeStaleGaps(stop.signal);
  expect(commands).toEqual([]);
});

test('When a process must not close gaps, then it leaves that to one that may', async () => {
  const closeStaleGaps = await steadyProcess();
  pass(10_000);
  const ids = await storeGaps(1);
  pass(gapTimeoutMs);
  await newProcess({ subscribedSince: () => undefined })();
  await closeStaleGaps();
  expect(await closed(ids)).toBe(1);
});

test('When what is parked is too far ahead to be believed, then no gap is closed with it, and it is told once', async () => {
  const closeStaleGaps = await steadyProcess();
  const id = newId();
  await receive(id, [2 ** 31, 0, 1]);
  for (let count = 0; count < 3; count++) {
    pass(gapTimeoutMs);
    await closeStaleGaps();
  }
  expect(await copyOf(id)).toMatchObject({ version: 1 });
  expect(jumps).toEqual([]);
  expect(logged.filter(({ level }) => level === 50)).toMatchObject([
    {
      kind: 'ticket gap',
      id,
      err: { message: expect.stringContaining('2147483648 of a ticket whose copy is at 1') as string },
    },
  ]);
});
