import { decidePurchase, type PurchaseTerms } from './decide-purchase.ts';
import type { Order } from './order.ts';
import type { PurchaseContext } from './purchase.ts';
import * as transitions from './transitions.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const anna: PurchaseTerms = { userId: 'anna', fingerprint: undefined, maxPending: 0 };
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
    kind: 'free_slots',
    overdue: [ending],
    refusal,
  });
  expect(decide({ ticket, pending: [ending] }, { maxPending: 1 }, 1_000)).toEqual({
    kind: 'free_slots',
    overdue: [ending],
    refusal: { kind: 'conflict' },
  });
});
