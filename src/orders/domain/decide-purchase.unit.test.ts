import { decidePurchase, type PurchaseTerms } from './decide-purchase.ts';
import type { Order } from './order.ts';
import type { EarlierOrder, PurchaseContext } from './purchase.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const anna: PurchaseTerms = {
  ...{ userId: 'anna', fingerprint: undefined },
  ...{ maxPending: 0, eventSpacingMs: 0, cooldownMs: 0 },
};
const orderOf = (userId: string): Order =>
  transitions.place({ id: 'a'.repeat(24), userId, ticket, holdMs: 1_000 }, { now: start }).order;
const [own, holdingOrder] = [orderOf('anna'), orderOf('bert')];
const paid: Order = { ...holdingOrder, status: 'paid' };
const endless = { ...holdingOrder, expiresAt: 'tomorrow' as unknown as Date };
const decide = (stored: Partial<PurchaseContext>, terms: Partial<PurchaseTerms> = {}, ms = 0) =>
  decidePurchase({ ...anna, ...terms }, { pending: [], ...stored }, at(ms));

test('When a ticket is free, then the order is placed', () => {
  expect(decide({ ticket })).toEqual({ kind: 'place', ticket, takeOverFrom: undefined, slots: [] });
});

test.each<[string, Partial<PurchaseContext>, number, object]>([
  ['unknown', {}, 0, { kind: 'ticket_not_found' }],
  ['held', { ticket, holdingOrder }, 999, { kind: 'ticket_reserved', availableAt: at(1_000), holdingOrder }],
  ['sold', { ticket, holdingOrder: paid }, 9_000, { kind: 'ticket_sold', holdingOrder: paid }],
  ['held until what is no time', { ticket, holdingOrder: endless }, 0, { kind: 'conflict' }],
])('When a ticket is %s, then the purchase is refused', (_, stored, ms, refusal) => {
  expect(decide(stored, {}, ms)).toEqual(refusal);
});

test('When the hold of another order is over, then the ticket is taken over from it', () => {
  expect(decide({ ticket, holdingOrder }, {}, 1_000)).toMatchObject({
    kind: 'place',
    takeOverFrom: holdingOrder,
  });
});

test('When the order is stored already, then it is what was asked for, whatever else is there', () => {
  const everything = { ticket, holdingOrder: own };
  expect(decide({ ownOrder: own, ...everything })).toEqual({ kind: 'placed', order: own, replay: false });
  const ownOrder = { ...own, fingerprint: 'f' };
  const replay = { kind: 'placed', order: ownOrder, replay: true };
  expect(decide({ ownOrder }, { fingerprint: 'f' })).toEqual(replay);
  for (const terms of [{ fingerprint: 'g' }, { fingerprint: 'f', userId: 'bert' }, {}])
    expect(decide({ ownOrder, ...everything }, terms)).toEqual({ kind: 'key_mismatch' });
});

test('When the slots of the user are taken, then those past their time expire first, and else it is refused', () => {
  const [ending, running] = [own, { ...own, expiresAt: at(5_000) }];
  const refusal = { kind: 'too_many_pending', limit: 2, availableAt: at(5_000) };
  const limited = { maxPending: 2 };
  expect(decide({ ticket, pending: [ending] }, limited)).toMatchObject({ kind: 'place', slots: [0] });
  expect(decide({ ticket, pending: [running, running] }, limited)).toEqual(refusal);
  expect(decide({ ticket, pending: [ending, running] }, limited, 1_000)).toEqual({
    kind: 'expire_overdue',
    overdue: [ending],
    refusal,
  });
  expect(decide({ ticket, pending: [ending] }, { maxPending: 1 }, 1_000)).toEqual({
    kind: 'expire_overdue',
    overdue: [ending],
    refusal: { kind: 'conflict' },
  });
});

describe('When the buyer has let the ticket go', () => {
  const gone = transitions.cancel({ ...own, expiresAt: at(60_000) }, { now: at(20_000) });
  const released: EarlierOrder = {
    ...own,
    ...{ status: 'cancelled', version: 1, isHolding: false, expiresAt: at(60_000) },
    history: [...own.history, ...(gone.push.history ? [gone.push.history] : [])],
  };
  const earlierOrders = [{ ...released, id: 'f'.repeat(24) }];
  const cooled = { cooldownMs: 30_000 };
  const cooldown = { kind: 'cooldown', availableAt: at(50_000) };
  const keptHold = {
    ...{ orderId: 'f'.repeat(24), status: 'cancelled' as const, version: 1 },
    ...{ until: at(26_000), isEventPending: false },
  };

  test('then the cooldown comes behind the holder, and before the pending limit', () => {
    const full = { pending: [own], earlierOrders };
    const limited = { ...cooled, maxPending: 1 };
    expect(decide({ ticket, ...full }, limited, 20_001)).toEqual(cooldown);
    expect(decide(full, limited, 20_001)).toEqual({ kind: 'ticket_not_found' });
    expect(decide({ ticket, holdingOrder, ...full }, limited, 500)).toMatchObject({
      kind: 'ticket_reserved',
    });
    expect(decide({ ticket, ...full }, limited, 50_000)).toMatchObject({ kind: 'expire_overdue' });
    const ownOrder = { ...own, fingerprint: 'f' };
    expect(decide({ ownOrder, ticket, ...full }, { ...limited, fingerprint: 'f' }, 20_001).kind).toBe(
      'placed',
    );
  });

  test('then an overdue hold of another buyer stays for who may take it', () => {
    expect(decide({ ticket, holdingOrder, earlierOrders }, cooled, 20_001)).toEqual(cooldown);
    expect(decide({ ticket, holdingOrder, earlierOrders }, cooled, 50_000)).toMatchObject({
      kind: 'place',
      takeOverFrom: holdingOrder,
    });
  });

  test('then a kept hold of their own says until when the cooldown lasts, and one of others when it ends', () => {
    const terms = { ...cooled, eventSpacingMs: 6_000 };
    expect(decide({ ticket, keptHold, earlierOrders }, terms, 20_001)).toEqual(cooldown);
    const twice = [...earlierOrders, { ...released, id: 'e'.repeat(24) }];
    expect(decide({ ticket, keptHold, earlierOrders: twice }, terms, 20_001)).toEqual(cooldown);
    const reserved = { kind: 'ticket_reserved', availableAt: at(26_000) };
    expect(decide({ ticket, keptHold, earlierOrders: [] }, terms, 20_001)).toEqual(reserved);
    const ofOther = { ...keptHold, orderId: 'c'.repeat(24) };
    expect(decide({ ticket, keptHold: ofOther, earlierOrders }, terms, 20_001)).toEqual(reserved);
    // A slip, for example.
    expect(decide({ ticket, keptHold, earlierOrders }, { ...terms, cooldownMs: 1_000 }, 22_000)).toEqual(
      reserved,
    );
  });

  test('then what two reads saw differently is read again', () => {
    const holding = [{ ...own, isHolding: true }];
    expect(decide({ ticket, earlierOrders: holding }, cooled)).toEqual({ kind: 'read_again' });
    const both = { ticket, holdingOrder: own, earlierOrders: holding };
    expect(decide(both, cooled)).toMatchObject({ kind: 'ticket_reserved' });
    expect(decide(both, cooled, 1_000)).toEqual({
      kind: 'expire_overdue',
      overdue: [own],
      refusal: { kind: 'conflict' },
    });
    expect(decide({ ticket, holdingOrder: own }, {}, 1_000)).toMatchObject({ kind: 'place' });
  });
});

describe('When an order has let the ticket go and keeps its hold', () => {
  const keptHold = {
    ...{ orderId: holdingOrder.id, status: 'cancelled' as const, version: 1 },
    ...{ until: at(1_000), isEventPending: false },
  };
  const spaced = { eventSpacingMs: 6_000 };
  const placed = { kind: 'place', ticket, takeOverFrom: undefined, slots: [] };

  test('then the ticket is reserved until its end, of which the buyer is not shown the order', () => {
    const reserved = { kind: 'ticket_reserved', availableAt: at(1_000) };
    expect(decide({ ticket, keptHold }, spaced, 999)).toEqual(reserved);
    expect(decide({ ticket, keptHold }, spaced, 1_000)).toEqual({ ...placed, keptHold });
    expect(decide({ ticket, keptHold })).toEqual({ ...placed, keptHold });
  });

  test('and its event has not left, then the ticket is free after the spacing at the earliest', () => {
    const waiting = { ...keptHold, until: undefined, isEventPending: true };
    const refusal = { kind: 'ticket_reserved', availableAt: at(8_000) };
    expect(decide({ ticket, keptHold: waiting }, spaced, 2_000)).toEqual(refusal);
  });

  test('and nobody has stored its end, then the purchase has it stored', () => {
    const endless = { ...keptHold, until: undefined };
    const refusal = { kind: 'ticket_reserved', availableAt: at(8_000) };
    const decision = { kind: 'store_kept_until', keptHold: endless, refusal };
    expect(decide({ ticket, keptHold: endless }, spaced, 2_000)).toEqual(decision);
  });

  test('then a repeated purchase gets the order that it placed, and a user without a free slot waits for a slot', () => {
    const ownOrder = { ...own, status: 'cancelled' as const, fingerprint: 'f' };
    const stored = { ownOrder, ticket, keptHold };
    expect(decide(stored, { ...spaced, fingerprint: 'f' })).toMatchObject({ kind: 'placed', replay: true });
    const limited = decide({ ticket, keptHold, pending: [own] }, { ...spaced, maxPending: 1 }, 1_000);
    expect(limited).toMatchObject({ kind: 'expire_overdue' });
  });
});
