import { changed } from '../../../tests/support/memory-order-store.ts';
import { cooldownEnd, haveReadsDiverged } from './cooldown.ts';
import type { Order } from './order.ts';
import type { EarlierOrder } from './purchase.ts';
import { cancelRefunded } from './refund-transitions.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const [holdMs, cooldownMs] = [60_000, 100_000];
const released = (order: Order): EarlierOrder => ({ ...order, isHolding: false });

function placed(ms: number, id = String(ms).padStart(24, '0')): Order {
  return transitions.place({ id, userId: 'anna', ticket, holdMs }, { now: at(ms) }).order;
}

function cancelled(placedAt: number, cancelledAt: number): EarlierOrder {
  const order = placed(placedAt);
  return released(changed(order, transitions.cancel(order, { now: at(cancelledAt) })));
}

function expired(cause: 'expiry' | 'takeover', expiredAt: number): EarlierOrder {
  const order = placed(0);
  return released(changed(order, transitions.expire(order, cause, { now: at(expiredAt) })));
}

test.each<[string, EarlierOrder, number]>([
  ['cancelled', cancelled(0, 20_000), 20_000],
  ['cancelled just after a slip could be', cancelled(0, 10_001), 10_001],
  ['let it run out', expired('expiry', holdMs), holdMs],
  ['let it run out, which was written late', expired('expiry', 3 * holdMs), holdMs],
  ['lost it to the next buyer', expired('takeover', 2 * holdMs), holdMs],
])('When its buyer has %s, then the cooldown counts from the end of the hold', (_, order, endedAt) => {
  const end = endedAt + cooldownMs;
  expect(cooldownEnd([order], cooldownMs, at(end - 1))).toEqual(at(end));
  expect(cooldownEnd([order], cooldownMs, at(end))).toBeUndefined();
});

test.each<[string, () => Order]>([
  ['is pending', () => placed(0)],
  // Only a repair by hand leaves one so.
  ['has no history', () => ({ ...cancelled(0, 20_000), history: [] })],
  ['was cancelled within ten seconds', () => cancelled(0, 10_000)],
  [
    'an operator has released',
    () => {
      const order = cancelled(0, 20_000);
      const [first] = order.history;
      const entry = { status: 'cancelled', version: 1, at: at(20_000), cause: 'operator' } as const;
      return { ...order, history: first ? [first, entry] : [] };
    },
  ],
  [
    'was paid after its time, for nothing',
    () => {
      const order = expired('expiry', holdMs);
      return changed(
        order,
        transitions.requireRefund(order, { id: 'p' }, 'order_expired', { now: at(holdMs) }),
      );
    },
  ],
  [
    'was paid, and then cancelled by a refund',
    () => {
      const order = placed(0);
      const paid = changed(order, transitions.pay(order, { id: 'p' }, { now: at(1) }));
      return changed(paid, cancelRefunded(paid, { id: 'p' }, { now: at(20_000) }));
    },
  ],
])('When an order %s, then it does not count', (_, make) => {
  expect(cooldownEnd([released(make())], cooldownMs, at(holdMs))).toBeUndefined();
});

describe('When an order is cancelled right after it was placed', () => {
  const slip = (ms: number) => cancelled(ms, ms + 1_000);

  test('then the next one like it counts, within a cooldown', () => {
    const end = 6_000 + cooldownMs;
    expect(cooldownEnd([slip(5_000), slip(0)], cooldownMs, at(7_000))).toEqual(at(end));
    expect(cooldownEnd([slip(5_000), slip(0)], cooldownMs, at(end - 1))).toEqual(at(end));
    expect(cooldownEnd([slip(5_000), slip(0)], cooldownMs, at(end))).toBeUndefined();
  });

  test('then a cooldown later another one is a slip again', () => {
    const later = slip(cooldownMs);
    expect(cooldownEnd([later, slip(0)], cooldownMs, at(cooldownMs + 2_000))).toBeUndefined();
    const sooner = slip(cooldownMs - 1);
    expect(cooldownEnd([sooner, slip(0)], cooldownMs, at(cooldownMs + 2_000))).toEqual(
      at(2 * cooldownMs + 999),
    );
  });

  test('then an order that is pending beside it makes it no second one', () => {
    expect(cooldownEnd([slip(5_000), released(placed(0))], cooldownMs, at(7_000))).toBeUndefined();
  });

  test('then a cancel that took longer counts all the same', () => {
    const orders = [cancelled(5_000, 30_000), slip(0)];
    expect(cooldownEnd(orders, cooldownMs, at(31_000))).toEqual(at(30_000 + cooldownMs));
    const before = [slip(40_000), cancelled(0, 30_000)];
    expect(cooldownEnd(before, cooldownMs, at(42_000))).toEqual(at(30_000 + cooldownMs));
  });
});

test('When a hold of a few seconds runs out, then that is no quick cancel, and counts', () => {
  const order = { ...placed(0), expiresAt: at(5_000) };
  const gone = released(changed(order, transitions.expire(order, 'expiry', { now: at(5_000) })));
  expect(cooldownEnd([gone], cooldownMs, at(6_000))).toEqual(at(5_000 + cooldownMs));
});

test('When several holds have ended, then the last of them counts, in whatever order they are read', () => {
  const orders = [expired('expiry', holdMs), cancelled(70_000, 90_000)];
  for (const one of [orders, orders.toReversed()])
    expect(cooldownEnd(one, cooldownMs, at(91_000))).toEqual(at(90_000 + cooldownMs));
});

test('When one read sees an order hold the ticket and another does not, then they have diverged', () => {
  const order = placed(0);
  const [holding, gone] = [{ ...order, isHolding: true }, released(order)];
  expect(haveReadsDiverged([holding], undefined)).toBe(true);
  expect(haveReadsDiverged([holding], { id: 'c'.repeat(24) })).toBe(true);
  expect(haveReadsDiverged([gone], order)).toBe(true);
  expect(haveReadsDiverged([holding], order)).toBe(false);
  expect(haveReadsDiverged([gone], { id: 'c'.repeat(24) })).toBe(false);
  // Placed between the reads, or long ago.
  expect(haveReadsDiverged([], order)).toBe(false);
});
