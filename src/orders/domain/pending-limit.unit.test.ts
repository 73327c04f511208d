import fc from 'fast-check';
import { decideSlots, freeSlots } from './pending-limit.ts';
import * as transitions from './transitions.ts';

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

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);

/** An order of a ticket of its own, which is pending from the start until then. */
function pendingUntil(ms: number, pendingSlot?: number) {
  const id = ms.toString(16).padStart(24, '0');
  const ticket = { id, title: 'Concert', price: 20, version: 3 };
  const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs: ms }, { now: start });
  return { ...order, ...(pendingSlot !== undefined && { pendingSlot }) };
}

test('When there is no limit, then any number may be pending and none has a slot', () => {
  expect(decideSlots([pendingUntil(1, 0)], 0, at(5))).toEqual({ kind: 'free', slots: [] });
});

test('When slots are free, then each of them will do', () => {
  expect(decideSlots([pendingUntil(1_000, 1)], 4, at(0))).toEqual({ kind: 'free', slots: [0, 2, 3] });
});

test('When no slot is free, then the next is free when the first of the pending orders ends', () => {
  const pending = [pendingUntil(2_000, 0), pendingUntil(1_000, 1), pendingUntil(3_000, 2)];
  expect(decideSlots(pending, 3, at(999))).toEqual({
    kind: 'none_free',
    overdue: [],
    availableAt: at(1_000),
  });
});

test('When orders past their time are in the way, then they and no others are to expire', () => {
  const [first, running, last] = [pendingUntil(1_000, 0), pendingUntil(1_001, 1), pendingUntil(500)];
  expect(decideSlots([first, running, last], 3, at(1_000))).toEqual({
    kind: 'none_free',
    overdue: [first, last],
    availableAt: at(1_001),
  });
  expect(decideSlots([first], 1, at(1_000))).toEqual({ kind: 'none_free', overdue: [first] });
});
