import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { gapLeaseMs, gapLeaseName } from '../../src/tickets/use-cases/gap-lease.ts';
import { newId } from '../support/buyer.ts';
import { gapTimeoutMs, useTicketGaps } from '../support/ticket-gaps.ts';

const rig = useTicketGaps();

test('When updates are parked, then the process that reads them knows how many there are, and how long the oldest has waited', async () => {
  const [one, other] = [rig.newGapCloser({ gapTimeoutMs: 0 }), rig.newGapCloser({ gapTimeoutMs: 0 })];
  await one.pass();
  expect(one.parked()).toEqual({ count: 0, since: undefined });
  const ids = [newId(), newId()];
  const parkedAt = rig.now;
  for (const id of ids) {
    await rig.receive(id, [0, 2]);
    rig.pass(60_000);
  }
  await one.pass();
  expect(one.parked()).toEqual({ count: 2, since: parkedAt });
  // One of them is older than what counts as young.
  rig.pass(500_000);
  await one.pass();
  expect(one.parked()).toEqual({ count: 2, since: parkedAt });
  await rig.receive(ids[0] ?? '', [1]);
  await one.pass();
  expect(one.parked()).toEqual({ count: 1, since: new Date(parkedAt.getTime() + 60_000) });
  await rig.receive(ids[1] ?? '', [1]);
  await one.pass();
  expect(one.parked()).toEqual({ count: 0, since: undefined });
  expect(other.parked()).toEqual({ count: 0, since: undefined });
});

test('When another process has the lease, then that one alone knows what is parked', async () => {
  const [one, other] = [rig.newGapCloser(), rig.newGapCloser()];
  await rig.receive(newId(), [2]);
  const parkedAt = rig.now;
  rig.pass(gapTimeoutMs + 1);
  await one.pass();
  expect(one.parked()).toEqual({ count: 1, since: parkedAt });
  await createLease(rig.database, gapLeaseName).take({
    now: rig.now,
    until: new Date(rig.now.getTime() + gapLeaseMs),
  });
  await one.pass();
  await other.pass();
  const nothing = { count: 0, since: undefined };
  expect([one.parked(), other.parked()]).toEqual([nothing, nothing]);
});

test('When more is parked than a pass reads, then the count grows to all of it, without another query', async () => {
  const one = rig.newGapCloser();
  await rig.storeGaps(600);
  const { now } = rig;
  rig.pass(1);
  await one.pass();
  expect(one.parked()).toMatchObject({ since: now });
  expect(one.parked().count).toBeLessThanOrEqual(250);
  for (let passes = 1; passes < 4; passes++) await one.pass();
  rig.commands = [];
  expect(one.parked()).toEqual({ count: 600, since: now });
  expect(rig.commands).toEqual([]);
});
