import { decideExtension, type ExtensionTerms, maxExtensions } from './extend-hold.ts';
import type { HoldExtension, Order } from './order.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: placed } = transitions.place(
  { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 900_000 },
  { now: start },
);
/** 15 minutes of hold, 10 minutes more at a time, an hour at most. */
const terms: ExtensionTerms = { extensionMs: 600_000, holdLimitMs: 3_600_000 };
const endingAt = (seconds: number, extensions: HoldExtension[] = []): Order => ({
  ...placed,
  expiresAt: at(seconds),
  extensions,
});
const decide = (order: Order, seconds: number, changed: Partial<ExtensionTerms> = {}) =>
  decideExtension(order, { ...terms, ...changed }, at(seconds));

test.each(['paid', 'cancelled', 'expired'] as const)('When the order is %s, then it stays so', (status) => {
  expect(decide({ ...placed, status }, 1)).toEqual({ kind: 'final', status });
  expect(decide({ ...placed, status }, 901)).toEqual({ kind: 'final', status });
});

test('When the hold has ended, then the order expires, whatever the setting', () => {
  expect(decide(placed, 900)).toEqual({ kind: 'expire' });
  expect(decide(placed, 900, { extensionMs: 0 })).toEqual({ kind: 'expire' });
  expect(decide(placed, 899.999)).toMatchObject({ kind: 'extend' });
});

test('When holds are not extended, then nothing can be added', () => {
  expect(decide(placed, 1, { extensionMs: 0 })).toEqual({ kind: 'limit_reached' });
});

test('When the wanted end is later, then it is so long after now', () => {
  expect(decide(placed, 400)).toEqual({ kind: 'extend', until: at(1_000) });
});

test('When the limit is nearer, then the hold ends there', () => {
  expect(decide(endingAt(3_100), 3_090)).toEqual({ kind: 'extend', until: at(3_600) });
});

test('When the hold ends later already, or about as late, then it stays', () => {
  expect(decide(placed, 0)).toEqual({ kind: 'keep' });
  expect(decide(placed, 300)).toEqual({ kind: 'keep' });
  // Ten seconds at most, a tenth of a short extension.
  expect(decide(placed, 309.999)).toEqual({ kind: 'keep' });
  expect(decide(placed, 310)).toEqual({ kind: 'extend', until: at(910) });
  expect(decide(endingAt(20), 15.999, { extensionMs: 5_000 })).toMatchObject({ kind: 'extend' });
  expect(decide(endingAt(20), 15.499, { extensionMs: 5_000 })).toEqual({ kind: 'keep' });
  expect(decide(endingAt(20), 15.5, { extensionMs: 5_000 })).toEqual({ kind: 'extend', until: at(20.5) });
});

test('When the limit adds about nothing, then the hold stays', () => {
  expect(decide(endingAt(3_591), 3_500)).toEqual({ kind: 'keep' });
  expect(decide(endingAt(3_590), 3_500)).toEqual({ kind: 'extend', until: at(3_600) });
});

test('When the hold ends at the limit or behind it, then nothing can be added, unless it ends late enough', () => {
  expect(decide(endingAt(3_600), 3_001)).toEqual({ kind: 'limit_reached' });
  expect(decide(endingAt(3_600), 3_000)).toEqual({ kind: 'keep' });
  expect(decide(placed, 899, { holdLimitMs: 900_000 })).toEqual({ kind: 'limit_reached' });
  // The limit was lowered since.
  expect(decide(endingAt(3_600), 3_001, { holdLimitMs: 900_000 })).toEqual({ kind: 'limit_reached' });
});

test('When the hold was extended a hundred times, then nothing can be added', () => {
  const extensions = Array.from({ length: maxExtensions }, (_, index) => ({
    n: index + 1,
    at: at(index),
    from: at(900 + index),
    to: at(901 + index),
  }));
  expect(maxExtensions).toBe(100);
  expect(decide(endingAt(999, extensions.slice(1)), 900)).toMatchObject({ kind: 'extend' });
  expect(decide(endingAt(1_000, extensions), 900)).toEqual({ kind: 'limit_reached' });
  expect(decide(endingAt(1_000, extensions), 400)).toEqual({ kind: 'keep' });
});
