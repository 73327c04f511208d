import mongoose from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import { gapTimeoutMs, longAgo, steadyMs, useTicketGaps } from '../../../tests/support/ticket-gaps.ts';
import { gapLeaseMs } from './gap-lease.ts';

const rig = useTicketGaps();

test.each([
  ['to ticket:created', 'ticket:created', 'ticket:updated'],
  ['to ticket:updated', 'ticket:updated', 'ticket:created'],
] as const)(
  'When the process has been subscribed %s for less than three AckWaits, then gaps stay open',
  async (_, late, early) => {
    const since: Record<string, Date | undefined> = { [early]: longAgo, [late]: undefined };
    const closeStaleGaps = await rig.steadyProcess({ subscribedSince: (subject) => since[subject] });
    const id = newId();
    await rig.receive(id, [0, 2]);
    rig.pass(gapTimeoutMs);
    await closeStaleGaps();
    since[late] = rig.now;
    rig.pass(steadyMs - 1);
    await closeStaleGaps();
    expect(await rig.copyOf(id)).toMatchObject({ version: 0 });
    rig.pass(1);
    await closeStaleGaps();
    expect(await rig.copyOf(id)).toMatchObject({ version: 2 });
  },
);

test('When the database was away, then gaps stay open until it has answered for three AckWaits', async () => {
  const away = new mongoose.mongo.MongoNetworkError('as if it were away');
  let page = rig.gaps.page;
  const closeStaleGaps = await rig.steadyProcess({ gaps: { ...rig.gaps, page: (...args) => page(...args) } });
  const id = newId();
  await rig.receive(id, [0, 2]);
  rig.pass(gapTimeoutMs);
  page = () => Promise.reject(away);
  await expect(closeStaleGaps()).rejects.toBe(away);
  page = rig.gaps.page;
  await closeStaleGaps();
  rig.pass(steadyMs - 1);
  await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 0 });
  rig.pass(1);
  await closeStaleGaps();
  expect(await rig.copyOf(id)).toMatchObject({ version: 2 });
});

test('When a process must not close gaps, then it leaves that to one that may', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  rig.pass(gapLeaseMs);
  const ids = await rig.storeGaps(1);
  rig.pass(gapTimeoutMs);
  await rig.newProcess({ subscribedSince: () => undefined })();
  await closeStaleGaps();
  expect(await rig.countAt(2, ids)).toBe(1);
});
