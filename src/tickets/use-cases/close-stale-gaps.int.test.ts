import { newId } from '../../../tests/support/buyer.ts';
import { gapTimeoutMs, steadyMs, useTicketGaps } from '../../../tests/support/ticket-gaps.ts';
import type { GapStore } from '../store/gap-store.ts';
import { gapLeaseMs } from './gap-lease.ts';

const rig = useTicketGaps();

test('When gaps are older than the time-out, then each is closed with the lowest parked version, and reported', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  const id = newId();
  await rig.receive(id, [0, 4, 3, 6]);
  rig.pass(gapTimeoutMs - 1);
  await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 0 });
  rig.pass(1);
  await closeStaleGaps();
  const skipped = [
    { after: 0, to: 3, at: rig.now },
    { after: 4, to: 6, at: rig.now },
  ];
  const copy = await rig.copyOf(id);
  expect(copy).toMatchObject({ version: 6, title: 'v6', price: 6, jumps: skipped });
  expect(copy).not.toHaveProperty('unreportedJump');
  expect(await rig.parkedVersions(id)).toEqual([]);
  expect(rig.warnings()).toMatchObject([
    { ticketId: id, missing: { first: 1, last: 2 } },
    { ticketId: id, missing: { first: 5, last: 5 } },
  ]);
  expect(rig.reported).toEqual(skipped.map((one) => [id, one]));
});

test('When several replicas pass at once, then one closes the gap, and what comes later changes nothing', async () => {
  const processes = [await rig.steadyProcess(), await rig.steadyProcess()];
  rig.pass(gapLeaseMs);
  const id = newId();
  await rig.receive(id, [2]);
  rig.pass(gapTimeoutMs);
  await Promise.all(processes.map((closeStaleGaps) => closeStaleGaps()));
  const copy = await rig.copyOf(id);
  expect(copy).toMatchObject({ version: 2, jumps: [{ to: 2 }] });
  expect(copy?.['jumps']).toHaveLength(1);
  expect(rig.warnings()).toMatchObject([{ missing: { first: 0, last: 1 } }]);
  expect(rig.reported).toHaveLength(1);
  await rig.receive(id, [0, 1]);
  expect(await rig.copyOf(id)).toEqual(copy);
});

test('When the time-out is 0, then a gap stays open, and what a crash left is applied all the same', async () => {
  const closeStaleGaps = await rig.steadyProcess({ gapTimeoutMs: 0 });
  const [gap, left] = [newId(), newId()];
  await rig.receive(gap, [0, 2]);
  await rig.receive(left, [1]);
  await rig.createOnly(left);
  rig.pass(10 * 365 * 86_400_000);
  await closeStaleGaps();
  expect(await rig.copyOf(gap)).toMatchObject({ version: 0 });
  expect(await rig.copyOf(left)).toMatchObject({ version: 1 });
});

test('When a scan starts in the middle of what is due, then the same pass goes back to the start', async () => {
  const closeStaleGaps = rig.newProcess();
  const ids = await rig.storeGaps(500);
  rig.pass(gapTimeoutMs);
  await closeStaleGaps();
  rig.pass(steadyMs);
  await closeStaleGaps();
  expect(await rig.countAt(2, ids)).toBe(500);
}, 30_000);

test('When the process is stopped, then it begins nothing more', async () => {
  const stop = new AbortController();
  const skip: GapStore['skip'] = (...args) => {
    stop.abort();
    return rig.gaps.skip(...args);
  };
  const closeStaleGaps = await rig.steadyProcess({ gaps: { ...rig.gaps, skip } });
  const ids = await rig.storeGaps(300);
  rig.pass(gapTimeoutMs);
  await closeStaleGaps(stop.signal);
  expect(await rig.countAt(2, ids)).toBe(250);
  rig.commands = [];
  await closeStaleGaps(stop.signal);
  expect(rig.commands).toEqual([]);
});
