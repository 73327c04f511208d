import mongoose from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import { eventOf, gapTimeoutMs, longAgo, useTicketGaps } from '../../../tests/support/ticket-gaps.ts';
import { createRetrySchedule } from '../../platform/time/retry-schedule.ts';
import type { GapStore } from '../store/gap-store.ts';
import { closeGaps } from './close-gaps.ts';

const rig = useTicketGaps();

test('When the process died before it had drained, then passes of one that has just started do the rest', async () => {
  const id = newId();
  await rig.receive(id, [2, 1]);
  await rig.createOnly(id);
  rig.pass(gapTimeoutMs / 2);
  const closeStaleGaps = rig.newProcess();
  for (let passes = 0; passes <= 20; passes++) await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 2, title: 'v2' });
  expect(await rig.parkedVersions(id)).toEqual([]);
  expect(rig.logged).toEqual([]);
});

test('When an update has been reached but not removed, then it is removed', async () => {
  const id = newId();
  await rig.receive(id, [2]);
  await rig.database
    .collection('tickets')
    .insertOne({ _id: new mongoose.Types.ObjectId(id), title: 'v5', price: 5, version: 5 });
  rig.pass(gapTimeoutMs);
  await rig.newProcess()();
  expect(await rig.copyOf(id)).toMatchObject({ version: 5 });
  expect(await rig.parkedVersions(id)).toEqual([]);
});

test('When the missing version comes during a pass, then the gap behind it is not as old', async () => {
  let duringPass: () => Promise<void> = () => Promise.resolve();
  const page: GapStore['page'] = async (...args) => {
    const found = await rig.gaps.page(...args);
    if (found.updates.length > 0) await duringPass();
    return found;
  };
  const closeStaleGaps = await rig.steadyProcess({ gaps: { ...rig.gaps, page } });
  const id = newId();
  await rig.receive(id, [0, 3]);
  rig.pass(gapTimeoutMs);
  duringPass = () => rig.receive(id, [1, 2, 6]);
  await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 3 });
  expect(await rig.parkedVersions(id)).toEqual([6]);
  expect(rig.warnings()).toEqual([]);
});

test.each([
  ['has moved', 2, { after: 0, to: 4, at: longAgo }],
  ['has come', 2, { to: 4, at: longAgo }],
])('When the copy %s before the gap is closed, then it stays as it is', async (_, version, skipped) => {
  const id = newId();
  await rig.receive(id, [0, 1, version]);
  const copy = await rig.copyOf(id);
  expect(await rig.gaps.skip(eventOf(id, 4), skipped)).toBe('outdated');
  expect(await rig.copyOf(id)).toEqual(copy);
  await rig.newProcess()();
  expect(rig.warnings()).toEqual([]);
});

test('When the missing version never comes, then all that follows it is applied with one write', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  const versions = [2, 3, 4, 5, 6, 9];
  const ids = await rig.storeGaps(3, {}, versions);
  rig.pass(gapTimeoutMs);
  rig.commands = [];
  await closeStaleGaps();
  const writes = rig.commands
    .filter((command) => command['update'] === 'tickets')
    .map(({ updates }) => updates);
  // One to version 6, one to version 9, and after each the marks are taken away.
  expect(writes).toHaveLength(4);
  for (const id of ids) {
    expect(await rig.copyOf(id)).toMatchObject({
      ...{ version: 9, title: 'v9', price: 9 },
      jumps: [
        { after: 0, to: 2, at: rig.now },
        { after: 6, to: 9, at: rig.now },
      ],
    });
    expect(await rig.parkedVersions(id)).toEqual([]);
  }
});

test('When one of the updates that follow is not as it should be, then those before it are applied', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  const [id = ''] = await rig.storeGaps(1, {}, [2, 3, 4]);
  const parked = rig.database.collection('parked_ticket_updates');
  await parked.updateOne({ version: 4 }, { $set: { price: 'a repair by hand' } });
  rig.pass(gapTimeoutMs);
  await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 3, title: 'v3' });
  expect(await rig.parkedVersions(id)).toEqual([4]);
  expect(rig.logged.filter(({ level }) => level === 50)).toMatchObject([{ kind: 'ticket gap', id }]);
});

test('When more is parked behind a gap than is read at a time, then all of it is applied, and what is behind it too', async () => {
  const [long = ''] = await rig.storeGaps(
    1,
    {},
    Array.from({ length: 2_100 }, (_, index) => index + 2),
  );
  const [other = ''] = await rig.storeGaps(1);
  const retries = createRetrySchedule({ kind: 'ticket gap', clock: rig.clock, log: rig.log });
  const stale = new Map([
    [long, 2],
    [other, 2],
  ]);
  expect(await closeGaps({ gaps: rig.gaps, clock: rig.clock, retries }, stale, () => true)).toBe(2);
  expect(await rig.copyOf(long)).toMatchObject({ version: 2_101, jumps: [{ after: 0, to: 2 }] });
  expect(await rig.countAt(2, [other])).toBe(1);
  for (const id of [long, other]) expect(await rig.parkedVersions(id)).toEqual([]);
}, 60_000);
