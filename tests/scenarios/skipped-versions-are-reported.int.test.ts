import mongoose from 'mongoose';
import type { GapStore } from '../../src/tickets/store/gap-store.ts';
import { gapLeaseMs } from '../../src/tickets/use-cases/gap-lease.ts';
import { newId } from '../support/buyer.ts';
import { gapTimeoutMs, useTicketGaps } from '../support/ticket-gaps.ts';

const rig = useTicketGaps();

test('When the response to the write is lost, or the process dies then, then the next process that passes reports the gap', async () => {
  const skip: GapStore['skip'] = async (...args) => {
    await rig.gaps.skip(...args);
    throw new mongoose.mongo.MongoNetworkError('as if the connection had broken');
  };
  const dying = await rig.steadyProcess({ gaps: { ...rig.gaps, skip } });
  const id = newId();
  await rig.receive(id, [0, 2]);
  rig.pass(gapTimeoutMs);
  await expect(dying()).rejects.toThrow('as if');
  expect(await rig.copyOf(id)).toMatchObject({ version: 2, jumps: [{ after: 0, to: 2 }] });
  expect(rig.reported).toEqual([]);

  rig.pass(gapLeaseMs);
  const next = rig.newProcess();
  await next();
  await next();
  expect(rig.warnings()).toMatchObject([{ ticketId: id, missing: { first: 1, last: 1 } }]);
  expect(rig.reported).toMatchObject([[id, { after: 0, to: 2 }]]);
  expect(await rig.parkedVersions(id)).toEqual([]);
});

test('When what is parked is too far ahead to be believed, then no gap is closed with it, and it is logged once', async () => {
  const closeStaleGaps = await rig.steadyProcess();
  const id = newId();
  await rig.receive(id, [2 ** 31, 0, 1]);
  for (let count = 0; count < 3; count++) {
    rig.pass(gapTimeoutMs);
    await closeStaleGaps();
  }
  expect(await rig.copyOf(id)).toMatchObject({ version: 1 });
  expect(rig.reported).toEqual([]);
  expect(rig.logged.filter(({ level }) => level === 50)).toMatchObject([
    {
      kind: 'ticket gap',
      id,
      err: { message: expect.stringContaining('2147483648 of a ticket whose copy is at 1') as string },
    },
  ]);
});
