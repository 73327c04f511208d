import fc from 'fast-check';
import { placed } from './order-change.ts';
import { findPendingSlot, freeSlots } from './pending-limit.ts';

const slots = (...taken: (number | undefined)[]) =>
  taken.map((pendingSlot) => (pendingSlot === undefined ? {} : { pendingSlot }));

test.each([
  ['nothing is pending', [], [0, 1, 2]],
  ['one has a slot', [1], [0, 2]],
  ['one has none', [undefined], [0, 1]],
  ['one has a slot of a higher limit', [4, 2], [0]],
  ['all are taken', [0, 1, 2], []],
  ['there are as many without slots', [undefined, 3, 4], []],
])('When %s, then the free slots are those that the limit leaves', (_, taken, free) => {
  expect(freeSlots(slots(...taken), 3)).toEqual(free);
});

interface Purchase {
  /** What it has read, which may be out of date when it writes. */
  slot: number | undefined;
}

type Step = { act: 'read' | 'write' | 'end'; which: number };

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom('read', 'write', 'end'),
  which: fc.nat(1000),
});

/** Reads and writes of many purchases and ends of orders in any order; the unique index is the only guard. */
function run(limit: number, before: (number | undefined)[], steps: Step[]): number[] {
  const pending = [...before];
  const purchases: Purchase[] = [];
  const sizesAfterInsert: number[] = [];
  for (const { act, which } of steps) {
    if (act === 'end') pending.splice(which % Math.max(1, pending.length), 1);
    if (act === 'read') {
      const free = freeSlots(slots(...pending.slice(0, limit)), limit);
      purchases.push({ slot: free[which % Math.max(1, free.length)] });
    }
    const [purchase] = act === 'write' ? purchases.splice(which % Math.max(1, purchases.length), 1) : [];
    if (purchase?.slot === undefined || pending.includes(purchase.slot)) continue;
    pending.push(purchase.slot);
    sizesAfterInsert.push(pending.length);
  }
  return sizesAfterInsert;
}

test('When purchases race on what they have read, then no insert ever makes it more orders than the limit', () => {
  const limits = fc.integer({ min: 1, max: 5 });
  const before = fc
    .uniqueArray(fc.nat(9), { maxLength: 8 })
    .chain((taken) =>
      fc
        .nat(5)
        .map((without): (number | undefined)[] => [
          ...taken,
          ...Array.from({ length: without }, () => undefined),
        ]),
    );
  fc.assert(
    fc.property(limits, before, fc.array(step, { maxLength: 80, size: 'max' }), (limit, taken, steps) => {
      for (const size of run(limit, taken, steps)) expect(size).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 2_000 },
  );
});

test('When no slot is free, then there is one when the first of the holds ends', async () => {
  const now = new Date('2030-01-01T00:00:00Z');
  const pending = [20_000, 10_000, 30_000].map((holdMs) => {
    const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 0 };
    return placed({ id: 'a'.repeat(24), userId: 'u', ticket, holdMs }, { now }).order;
  });
  const apply = jest.fn();
  const decision = await findPendingSlot({ orders: { apply }, clock: () => now }, pending, 3, {});
  expect(decision).toEqual({ kind: 'none_free', availableAt: new Date(now.getTime() + 10_000) });
  expect(apply).not.toHaveBeenCalled();
});
