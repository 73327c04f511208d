import { changed } from '../../../tests/support/memory-order-store.ts';
import type { Order } from './order.ts';
import { rebuildEvents } from './rebuild-events.ts';
import * as transitions from './transitions.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh, event: first } = transitions.place(
  { id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 },
  { now: at(500) },
);
const payment = { id: 'pay', stripeChargeId: 'ch' };

const ids = (order: Order, since: Date, pendingEventIds: string[] = []) =>
  rebuildEvents({ order, pendingEventIds }, since).map(({ eventId }) => eventId.slice(25));

test('When a change was made by a clock that is behind, then it still comes after the one before it', () => {
  const order = changed(fresh, transitions.cancel(fresh, { now: at(100) }));
  expect(ids(order, at(0))).toEqual(['0', '1']);
  expect(ids(order, at(300))).toEqual(['0', '1']);
  expect(ids(order, at(600))).toEqual([]);
});

test('When changes and refunds are older than the time asked for, then only the later ones come', () => {
  const gone = changed(fresh, transitions.expire(fresh, 'expiry', { now: at(1_500) }));
  const bought = changed(gone, transitions.pay(gone, payment, { now: at(2_000) }));
  const again = { ...payment, id: 'again' };
  const order = changed(bought, transitions.requireRefund(bought, again, 'already_paid', { now: at(3_000) }));
  expect(ids(order, at(0))).toEqual(['0', '1', '2', 'refund:again']);
  expect(ids(order, at(1_600))).toEqual(['2', 'refund:again']);
  expect(rebuildEvents({ order, pendingEventIds: [] }, at(2_500))).toMatchObject([
    { subject: 'order:refund-required', data: { paymentId: 'again', replayed: true } },
  ]);
});

test('When events still wait in the outbox, then they are left to the relay, which sends them in order', () => {
  const order = changed(fresh, transitions.cancel(fresh, { now: at(700) }));
  expect(ids(order, at(600), [`${order.id}:0`, `${order.id}:1`])).toEqual([]);
  expect(ids(order, at(0), [`${order.id}:1`])).toEqual(['0']);
});

test('When a change or a refund is of the very moment asked for, then it comes', () => {
  const order = changed(fresh, transitions.requireRefund(fresh, payment, 'ticket_taken', { now: at(900) }));
  expect(ids(order, at(500))).toEqual(['0', 'refund:pay']);
  expect(ids(order, at(501))).toEqual(['refund:pay']);
  expect(ids(order, at(900))).toEqual(['refund:pay']);
  expect(ids(order, at(901))).toEqual([]);
});

test('When the events of changes are made again, then they say what they said the first time, and that they are again', () => {
  const [created] = rebuildEvents({ order: fresh, pendingEventIds: [] }, at(0));
  expect(created).toEqual({ ...first, data: { ...first.data, replayed: true } });
  const changes = [
    transitions.cancel(fresh, { now: at(700) }),
    transitions.expire(fresh, 'expiry', { now: at(1_500) }),
    transitions.pay(fresh, payment, { now: at(700) }),
  ];
  for (const change of changes) {
    const events = rebuildEvents({ order: changed(fresh, change), pendingEventIds: [] }, at(600));
    expect(events).toEqual([{ ...change.event, data: { ...change.event.data, replayed: true } }]);
  }
});

test('When a refund came before the payment that bought, then the event names the one that bought', () => {
  const gone = changed(fresh, transitions.expire(fresh, 'expiry', { now: at(1_500) }));
  const refused = changed(gone, transitions.requireRefund(gone, payment, 'ticket_taken', { now: at(1_600) }));
  const bought = changed(refused, transitions.pay(refused, { ...payment, id: 'later' }, { now: at(1_700) }));
  expect(rebuildEvents({ order: bought, pendingEventIds: [] }, at(1_700))).toMatchObject([
    { data: { paymentId: 'later' } },
  ]);
});

test('When the payment to be given back named no charge, then its event made again names none either', () => {
  const refund = transitions.requireRefund(fresh, { id: '7' }, 'order_cancelled', { now: at(600) });
  expect(rebuildEvents({ order: changed(fresh, refund), pendingEventIds: [] }, at(600))).toStrictEqual([
    { ...refund.event, data: { ...refund.event.data, replayed: true } },
  ]);
});

test('When an order is paid but no payment bought it, then no event is made up', () => {
  const order = { ...changed(fresh, transitions.pay(fresh, payment, { now: at(700) })), payments: [] };
  expect(() => rebuildEvents({ order, pendingEventIds: [] }, at(0))).toThrow(
    `order ${order.id} is paid, but by no payment`,
  );
});
