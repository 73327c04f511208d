import mongoose from 'mongoose';
import { at, spacingMs, start, useKeptHolds } from '../../../tests/support/kept-holds.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderRecord } from './order-model.ts';

const rig = useKeptHolds();
const until = at(spacingMs);

async function read({ ticketId }: { ticketId: string }): Promise<KeptHold> {
  const { keptHold } = await rig.orders.findTicketHold(ticketId);
  if (!keptHold) throw new Error('no kept hold');
  return keptHold;
}

async function idsOf(pages: AsyncGenerator<KeptHold[]>): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pages) found.push(...page.map(({ orderId }) => orderId));
  return found;
}

test('When an order lets its ticket go, then it keeps its hold, but not where there is no spacing', async () => {
  const kept = await rig.keep();
  expect(await rig.stored(kept)).toMatchObject({ status: 'cancelled', version: 1, holdsTicket: true });
  expect(await read(kept)).toEqual({
    ...{ orderId: kept.id, status: 'cancelled', version: 1 },
    ...{ until: undefined, isEventPending: true },
  });
  expect(await read(await rig.keepWithoutEnd())).toMatchObject({ isEventPending: false });

  const order = await rig.place();
  await rig.unspaced.apply(transitions.cancel(order, { now: start }));
  expect(await rig.unspaced.findTicketHold(order.ticketId)).toEqual({});
});

test('When a kept hold ends, then the ticket is free and nothing else has changed', async () => {
  const kept = await rig.keep({ keptUntil: until });
  const before = await rig.stored(kept);
  await rig.orders.endKeptHold(await read(kept));
  const { holdsTicket, keptUntil, ...rest } = before ?? {};
  expect(keptUntil).toEqual(until);
  expect(await rig.stored(kept)).toEqual(rest);
});

/** What may have become of a kept hold since it was read. */
const changes: [string, Partial<OrderRecord>][] = [
  ['holds the ticket again', { status: 'paid', version: 2 }],
  ['is of another version', { version: 3 }],
  ['has another status', { status: 'expired' }],
  ['has another end', { keptUntil: at(1) }],
];

test.each([...changes, ['has no end yet', {}]])(
  'When a kept hold was read, and the order %s by now, then it is not ended',
  async (name, change) => {
    const kept = await rig.keep(name === 'has no end yet' ? {} : { keptUntil: until });
    const keptHold = { ...(await read(kept)), until };
    await rig.model.updateOne(
      { _id: kept.id },
      { $set: change, $unset: change.status === 'paid' ? { keptUntil: 1 } : {} },
    );
    const before = await rig.stored(kept);
    await rig.orders.endKeptHold(keptHold);
    expect(await rig.stored(kept)).toEqual(before);
  },
);

test.each(changes)(
  'When a kept hold was read without an end, and the order %s by now, then none is stored',
  async (_, change) => {
    const kept = await rig.keepWithoutEnd();
    const keptHold = await read(kept);
    await rig.model.updateOne({ _id: kept.id }, { $set: change });
    const before = await rig.stored(kept);
    await rig.orders.storeKeptUntil(keptHold, until);
    expect(await rig.stored(kept)).toEqual(before);
  },
);

test('When another process has ended a kept hold, then neither an end is stored nor anything ended', async () => {
  const kept = await rig.keepWithoutEnd();
  const keptHold = await read(kept);
  await rig.orders.endKeptHold(keptHold);
  const before = await rig.stored(kept);
  expect(before).not.toHaveProperty('holdsTicket');
  await rig.orders.storeKeptUntil(keptHold, until);
  await rig.orders.endKeptHold(keptHold);
  expect(await rig.stored(kept)).toEqual(before);
});

test('When kept holds are looked for, then those over by a time, all with an end, or those without one are found', async () => {
  const over = await rig.keep({ keptUntil: start });
  const longer = await rig.keep({ keptUntil: at(-1) });
  const counting = await rig.keep({ keptUntil: at(1) });
  const [unsent, endless] = [await rig.keep(), await rig.keepWithoutEnd()];
  // None of these keeps a hold.
  await rig.place();
  await rig.orders.endKeptHold(await read(await rig.keep()));
  const paid = await rig.place();
  await rig.model.updateOne({ _id: paid.id }, { $set: { status: 'paid', keptUntil: at(-1) } });

  const { findKeptHolds, findKeptHoldsWithoutEnd } = rig.orders;
  expect(await idsOf(findKeptHolds(start))).toEqual([longer.id, over.id]);
  expect(await idsOf(findKeptHolds())).toEqual([longer.id, over.id, counting.id]);
  expect(await idsOf(findKeptHoldsWithoutEnd('empty'))).toEqual([endless.id]);
  expect(new Set(await idsOf(findKeptHoldsWithoutEnd('any')))).toEqual(new Set([unsent.id, endless.id]));
});

test('When a document was mended by hand, then it is read as one that has no end', async () => {
  const kept = await rig.keep();
  const spoilt = { keptUntil: 'tomorrow', outbox: null };
  await rig.model.collection.updateOne({ _id: new mongoose.Types.ObjectId(kept.id) }, { $set: spoilt });
  expect(await read(kept)).toMatchObject({ until: undefined, isEventPending: false });
});
