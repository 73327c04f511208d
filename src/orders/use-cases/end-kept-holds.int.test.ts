import mongoose from 'mongoose';
import pino from 'pino';
import { at, spacingMs, start, useKeptHolds } from '../../../tests/support/kept-holds.ts';
import { createLease } from '../../platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../platform/time/retry-schedule.ts';
import { createKeptHoldsPass, keptHoldsLeaseName } from './end-kept-holds.ts';

const rig = useKeptHolds();
const clock = () => rig.now;
const logged: Record<string, unknown>[] = [];
const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });

/** The pass of a process of its own. */
function newPass(eventSpacingMs: number, orders = rig.orders) {
  const retries = createRetrySchedule({ kind: 'kept hold', clock, log });
  const lease = createLease(rig.database, keptHoldsLeaseName);
  const pass = createKeptHoldsPass({ orders, clock, lease, retries, eventSpacingMs });
  return { pass, retries, lease };
}

const keeps = async (order: { id: string }) => (await rig.stored(order))?.holdsTicket === true;
const endOf = async (order: { id: string }) => (await rig.stored(order))?.keptUntil;

test('When a kept hold is over, then it ends though nobody buys, and one that counts does not', async () => {
  const [over, counting, unsent] = [
    await rig.keep({ keptUntil: at(1_000) }),
    await rig.keep({ keptUntil: at(1_001) }),
    await rig.keep(),
  ];
  const { pass } = newPass(spacingMs);
  await pass();
  expect(await keeps(over)).toBe(true);
  rig.now = at(1_000);
  const before = await rig.stored(over);
  await pass();
  const { holdsTicket, keptUntil, ...rest } = before ?? {};
  expect([holdsTicket, keptUntil]).toEqual([true, at(1_000)]);
  expect(await rig.stored(over)).toEqual(rest);
  expect([await keeps(counting), await keeps(unsent)]).toEqual([true, true]);
  expect(await endOf(unsent)).toBeUndefined();
});

test('When a kept hold has no end and nothing to send, then it ends a spacing after it was found; the search is made once a minute', async () => {
  const { pass } = newPass(spacingMs);
  const first = await rig.keepWithoutEnd();
  await pass();
  expect(await endOf(first)).toEqual(at(spacingMs));
  const second = await rig.keepWithoutEnd();
  rig.now = at(59_999);
  await pass();
  expect([await keeps(first), await endOf(second)]).toEqual([false, undefined]);
  rig.now = at(60_000);
  await pass();
  expect(await endOf(second)).toEqual(at(60_000 + spacingMs));
});

test('When the spacing is 0, then the first pass frees all that is left, also what has events to send', async () => {
  const left = [await rig.keep({ keptUntil: at(60_000) }), await rig.keep(), await rig.keepWithoutEnd()];
  const order = await rig.place();
  await newPass(0).pass();
  expect(await Promise.all(left.map(keeps))).toEqual([false, false, false]);
  expect(await Promise.all(left.map(endOf))).toEqual([undefined, undefined, undefined]);
  expect((await rig.stored(left[1] ?? order))?.outbox).toHaveLength(2);
  expect(await keeps(order)).toBe(true);
});

test('When another process ends kept holds, then this one does not, until that is done', async () => {
  const over = await rig.keep({ keptUntil: start });
  const [mine, other] = [newPass(spacingMs), newPass(spacingMs)];
  await other.lease.take({ now: start, until: at(1_000) });
  await mine.pass();
  expect(await keeps(over)).toBe(true);
  await other.lease.release();
  await mine.pass();
  expect(await keeps(over)).toBe(false);
});

test('When one hold cannot be ended, then the others are, and it is tried again later and forgotten once it is gone', async () => {
  const broken = await rig.keep({ keptUntil: at(-1) });
  const _id = new mongoose.Types.ObjectId(broken.id);
  const repair = (fields: object) => rig.model.collection.updateOne({ _id }, { $set: fields });
  await repair({ version: 'one' });
  const over = await rig.keep({ keptUntil: start });
  const { pass, retries } = newPass(spacingMs);
  await pass();
  expect([await keeps(broken), await keeps(over)]).toEqual([true, false]);
  expect(retries.failing()).toMatchObject({ kind: 'kept hold', count: 1 });
  expect(logged).toMatchObject([{ kind: 'kept hold', id: broken.id }]);
  await repair({ version: 1 });
  await pass();
  expect(await keeps(broken)).toBe(true);
  rig.now = at(2_000);
  await pass();
  expect([await keeps(broken), retries.failing().count]).toEqual([false, 0]);

  await repair({ version: 'one', holdsTicket: true, keptUntil: start });
  await pass();
  await repair({ version: 1 });
  await rig.model.updateOne({ _id }, { $unset: { holdsTicket: 1, keptUntil: 1 } });
  rig.now = at(120_000);
  await pass();
  expect(retries.failing().count).toBe(0);
});

test('When the pass is stopped, then it begins no page', async () => {
  const over = await rig.keep({ keptUntil: start });
  await newPass(spacingMs).pass(AbortSignal.abort());
  expect(await keeps(over)).toBe(true);
});
