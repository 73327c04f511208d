import { changed } from '../../../tests/support/memory-order-store.ts';
import type { Order } from './order.ts';
import { eventsWithin, hasReleasedTicket, rebuildEvents } from './rebuild-events.ts';
import { cancelRefunded, completeRefund, markAhead, release } from './refund-transitions.ts';
import * as transitions from './transitions.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh, event: first } = transitions.place(
  { id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 },
  { now: at(500) },
);
const payment = { id: 'pay', stripeChargeId: 'ch' };

const from = (ms: number) => ({ since: at(ms), until: at(1_000_000) });

const ids = (order: Order, since: Date, pendingEventIds: string[] = [], until = at(1_000_000)) =>
  rebuildEvents({ order, pendingEventIds }, { since, until }).map(({ eventId }) => eventId.slice(25));

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
  expect(rebuildEvents({ order, pendingEventIds: [] }, from(2_500))).toMatchObject([
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
  const [created] = rebuildEvents({ order: fresh, pendingEventIds: [] }, from(0));
  expect(created).toEqual({ ...first, data: { ...first.data, replayed: true } });
  const changes = [
    transitions.cancel(fresh, { now: at(700) }),
    transitions.expire(fresh, 'expiry', { now: at(1_500) }),
    transitions.pay(fresh, payment, { now: at(700) }),
  ];
  for (const change of changes) {
    const events = rebuildEvents({ order: changed(fresh, change), pendingEventIds: [] }, from(600));
    expect(events).toEqual([{ ...change.events[0], data: { ...change.events[0].data, replayed: true } }]);
  }
});

test('When a refund came before the payment that bought, then the event names the one that bought', () => {
  const gone = changed(fresh, transitions.expire(fresh, 'expiry', { now: at(1_500) }));
  const refused = changed(gone, transitions.requireRefund(gone, payment, 'ticket_taken', { now: at(1_600) }));
  const bought = changed(refused, transitions.pay(refused, { ...payment, id: 'later' }, { now: at(1_700) }));
  expect(rebuildEvents({ order: bought, pendingEventIds: [] }, from(1_700))).toMatchObject([
    { data: { paymentId: 'later' } },
  ]);
});

test('When the payment to be given back named no charge, then its event made again names none either', () => {
  const refund = transitions.requireRefund(fresh, { id: '7' }, 'order_cancelled', { now: at(600) });
  expect(rebuildEvents({ order: changed(fresh, refund), pendingEventIds: [] }, from(600))).toStrictEqual([
    { ...refund.events[0], data: { ...refund.events[0].data, replayed: true } },
  ]);
});

test('When an order is paid but no payment bought it, then no event is made up', () => {
  const { history, ...paid } = changed(fresh, transitions.pay(fresh, payment, { now: at(700) }));
  const order = { ...paid, payments: [], history: history.map(({ paymentId: _, ...old }) => old) };
  expect(() => rebuildEvents({ order, pendingEventIds: [] }, from(0))).toThrow(
    `order ${order.id} is paid, but by no payment`,
  );
});

test('When a time ends, then what happened at its end or later is not in it, and two halves have everything once', () => {
  const gone = changed(fresh, transitions.expire(fresh, 'expiry', { now: at(1_500) }));
  const bought = changed(gone, transitions.pay(gone, payment, { now: at(1_200) }));
  const again = { ...payment, id: 'again' };
  const order = changed(bought, transitions.requireRefund(bought, again, 'already_paid', { now: at(3_000) }));
  const all = ids(order, at(0));
  for (const cut of [499, 500, 501, 1_199, 1_200, 1_500, 1_501, 2_999, 3_000, 3_001]) {
    const halves = [...ids(order, at(0), [], at(cut)), ...ids(order, at(cut))];
    expect([cut, halves]).toEqual([cut, all]);
  }
  // The payment was dated by a clock that is behind: it counts as no earlier than the expiry before it.
  expect(ids(order, at(0), [], at(1_500))).toEqual(['0']);
  expect(ids(order, at(1_500), [], at(3_000))).toEqual(['1', '2']);
});

test('When a hold was extended, then its events come after the first one, which has the end that it had', () => {
  const once = transitions.extendHold(fresh, at(5_000), { now: at(1_000) });
  const twice = transitions.extendHold(changed(fresh, once), at(9_000), { now: at(4_000) });
  const extended = changed(changed(fresh, once), twice);
  const bought = changed(extended, transitions.pay(extended, payment, { now: at(8_000) }));
  const order = changed(
    bought,
    transitions.requireRefund(bought, { id: 'b' }, 'already_paid', { now: at(9) }),
  );
  expect(ids(order, at(0))).toEqual(['0', 'extension:1', 'extension:2', '1', 'refund:b']);
  expect(rebuildEvents({ order: extended, pendingEventIds: [] }, from(0))).toEqual(
    [first, ...once.events, ...twice.events].map((event) => ({
      ...event,
      data: { ...event.data, replayed: true },
    })),
  );
  expect(ids(extended, at(1_001))).toEqual(['extension:2']);
  expect(ids(extended, at(0), [`${fresh.id}:extension:2`])).toEqual(['0', 'extension:1']);
  for (const cut of [500, 999, 1_000, 1_001, 4_000, 4_001, 8_000, 8_001]) {
    const halves = [...ids(bought, at(0), [], at(cut)), ...ids(bought, at(cut))];
    expect([cut, halves]).toEqual([cut, ['0', 'extension:1', 'extension:2', '1']]);
  }
});

test('When an order has been cancelled or has expired, then it has released its ticket, also if it was paid later', () => {
  const gone = changed(fresh, transitions.expire(fresh, 'expiry', { now: at(1_500) }));
  expect(
    [
      fresh,
      changed(fresh, transitions.pay(fresh, payment, { now: at(700) })),
      changed(fresh, transitions.cancel(fresh, { now: at(700) })),
      gone,
      changed(gone, transitions.pay(gone, payment, { now: at(2_000) })),
    ].map(hasReleasedTicket),
  ).toEqual([false, false, true, true, true]);
});

test('When the payment that bought was given back, then the order was paid by it all the same, as 0.1 stored it, too', () => {
  const paid = changed(fresh, transitions.pay(fresh, payment, { now: at(700) }));
  const old = { ...paid, history: paid.history.map(({ paymentId: _, ...rest }) => rest) };
  for (const order of [paid, old]) {
    const cancelled = changed(order, cancelRefunded(order, { id: 'pay' }, { now: at(900) }));
    const events = rebuildEvents({ order: cancelled, pendingEventIds: [] }, from(600));
    // Nobody was asked to give it back.
    expect(events).toMatchObject([
      { subject: 'order:paid', data: { paymentId: 'pay' } },
      { subject: 'order:cancelled', data: { version: 2 } },
    ]);
    expect(eventsWithin(cancelled, from(600))).toHaveLength(2);
  }
});

test('When an operator took the ticket back, then the refund is of that moment, and does not come again once it is completed', () => {
  const paid = changed(fresh, transitions.pay(fresh, payment, { now: at(700) }));
  const released = changed(paid, release(paid, 'broken seat', { now: at(900) }));
  const completed = changed(released, completeRefund(released, { id: 'pay' }, { now: at(950) }));
  expect(ids(released, at(800))).toEqual(['2', 'refund:pay']);
  expect(ids(completed, at(800))).toEqual(['2']);
  for (const order of [released, completed]) {
    expect(ids(order, at(0), [], at(900))).toEqual(['0', '1']);
    // It has had the event all the same.
    expect(eventsWithin(order, from(800)).map(({ subject }) => subject)).toEqual([
      'order:cancelled',
      'order:refund-required',
    ]);
  }
});

test('When one of two refunds is completed, then the other one comes again', () => {
  const gone = changed(fresh, transitions.cancel(fresh, { now: at(600) }));
  const later = { ...payment, id: 'later' };
  const one = changed(gone, transitions.requireRefund(gone, payment, 'order_cancelled', { now: at(700) }));
  const both = changed(one, transitions.requireRefund(one, later, 'order_cancelled', { now: at(800) }));
  const order = changed(both, completeRefund(both, { id: 'pay' }, { now: at(900) }));
  expect(ids(order, at(0))).toEqual(['0', '1', 'refund:later']);
});

test('When a payment was given back before it came, then there is no event of it', () => {
  const order = changed(fresh, markAhead(fresh, { id: 'pay' }, { now: at(700) }));
  expect(ids(order, at(0))).toEqual(['0']);
});
