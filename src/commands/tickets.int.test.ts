import mongoose, { type Connection } from 'mongoose';
import { newId, storeTicket } from '../../tests/support/buyer.ts';
import { runCommand } from '../../tests/support/command-run.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { ensureIndexes } from '../platform/mongo/indexes.ts';
import { createResetStore } from '../tickets/store/reset-store.ts';
import { parkedUpdateCollection, parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { createTicketStore } from '../tickets/store/ticket-store.ts';
import { replicateTicket } from '../tickets/use-cases/replicate-ticket.ts';
import { planReset, resetTicket } from '../tickets/use-cases/reset-ticket.ts';

const config = testConfig();
const far = Number.MAX_SAFE_INTEGER;
const clock = () => new Date('2030-01-01T00:00:00Z');
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(config);
  await ensureIndexes([parkedUpdateCollection(database)]);
});

const run = (command: 'tickets' | 'audit', ...args: string[]) =>
  runCommand({ MONGO_URI: config.mongoUri }, command, ...args);

const reset = (id: string, ...more: string[]) =>
  run('tickets', 'reset', id, '--to-version', '7', '--reason', 'nobody\u001b meant it', ...more);

const copyOf = (id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });

const store = () => createTicketStore(ticketModel(database), parkedUpdateModel(database));
const updateTo = (id: string, version: number) => ({ id, version, title: `v${version}`, price: 3 });
const parkedVersions = (id: string): Promise<number[]> =>
  parkedUpdateModel(database).distinct('version', { ticketId: id });

/** A ticket that follows no update any more, with updates parked at all heights, and an order that shows it. */
async function frozenTicket(): Promise<string> {
  const id = await storeTicket(database, { version: far });
  for (const version of [7, 9, 10_007, 10_008]) await store().park(updateTo(id, version), clock());
  return id;
}

test('When an operator resets a ticket, then it follows true updates again, and the record of it stays', async () => {
  const id = await frozenTicket();
  const before = await copyOf(id);
  expect(run('audit').stdout).toMatch(new RegExp(`due +version_out_of_reach +${id}  is at version ${far}`));

  const { status, stdout, stderr } = reset(id, '--yes');
  expect([status, stdout]).toEqual([0, expect.stringContaining(`${id}  reset from version ${far} to 7; `)]);
  expect(stdout).toContain('2 parked updates are forgotten, 2 are left. It is reset number 1 of this ticket');
  expect(JSON.parse(stderr)).toMatchObject({ level: 40, ticketId: id, from: far, to: 7 });
  const resets = [{ from: far, to: 7, at: expect.any(Date) as Date, reason: 'nobody\u001b meant it' }];
  expect(await copyOf(id)).toEqual({ ...before, version: 7, resets });
  expect(await parkedVersions(id)).toEqual([9, 10_007]);

  const deps = { tickets: store(), clock };
  expect(await replicateTicket(deps, { kind: 'updated', ...updateTo(id, 8) })).toBe('applied');
  expect(await copyOf(id)).toMatchObject({ version: 9, title: 'v9', resets });
  expect(run('audit').stdout).not.toContain('version_out_of_reach');
}, 60_000);

test('When --yes is missing, then it says what would be changed, and changes nothing', async () => {
  const id = await frozenTicket();
  const before = await copyOf(id);
  const planned = reset(id, '--json');
  expect(planned.status).toBe(0);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    ...{ ticketId: id, kind: 'planned', from: far, to: 7, resetsBefore: 0, price: 20 },
    parked: { useless: 2, left: 2 },
  });
  expect(reset(id).stdout).toContain('Nothing is changed without --yes');
  expect(await copyOf(id)).toEqual(before);
  expect(await parkedVersions(id)).toEqual([7, 9, 10_007, 10_008]);
}, 60_000);

test('When the version changes before the reset, then nothing is changed', async () => {
  const id = await frozenTicket();
  const resets = createResetStore(ticketModel(database), parkedUpdateModel(database));
  const deps = { resets, clock };
  const stale = await planReset(deps, id, 7);
  expect(stale).toBeDefined();
  const another = { ticketId: id, from: far, to: 8 };
  expect(await resetTicket(deps, another, 'first')).toBe(true);
  expect(await resetTicket(deps, { ticketId: id, to: 7, from: stale?.from ?? 0 }, 'second')).toBe(false);
  expect(await copyOf(id)).toMatchObject({ version: 8, resets: [{ from: far, to: 8, reason: 'first' }] });
  expect(await parkedVersions(id)).toEqual([9, 10_007, 10_008]);
});

test('When a reset was interrupted after its write, then a second one forgets what is parked, and adds no record', async () => {
  const id = await frozenTicket();
  await ticketModel(database).updateOne({ _id: id }, { $set: { version: 7 } });
  expect(reset(id, '--yes')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('is at version 7 already') as string,
  });
  expect(await copyOf(id)).not.toHaveProperty('resets');
  expect(await parkedVersions(id)).toEqual([9, 10_007]);
}, 60_000);

test('When there is no copy of the ticket, then it says so and exits with 1', () => {
  expect(reset(newId(), '--yes')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('there is no copy') as string,
  });
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  const version = ['--to-version', '7'];
  const reason = ['--reason', 'r'];
  for (const args of [
    [],
    ['reset', ...version, ...reason],
    ['reset', 'x', ...version, ...reason],
    ['reset', newId(), newId(), ...version, ...reason],
    ['reset', newId(), ...reason],
    ['reset', newId(), ...version],
    ['reset', newId(), ...version, ...version, ...reason],
    ['reset', newId(), ...version, '--reason', ' '],
    ...['-1', '7a', '2147483649'].map((bad) => [...['reset', newId(), `--to-version=${bad}`], ...reason]),
  ]) {
    const { status, stderr } = run('tickets', ...args);
    expect([args, status]).toEqual([args, 2]);
    expect(stderr).toContain('usage: tickets reset');
  }
}, 60_000);
