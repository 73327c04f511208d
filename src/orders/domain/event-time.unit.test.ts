import { changed } from '../../../tests/support/memory-order-store.ts';
import { eventTime } from './event-time.ts';
import * as transitions from './transitions.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh, event: created } = transitions.place(
  { id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_000 },
  { now: at(0) },
);
const cancel = transitions.cancel(fresh, { now: at(100) });
const cancelled = changed(fresh, cancel);
const payment = { id: 'pay', stripeChargeId: 'ch' };
const refund = transitions.requireRefund(cancelled, payment, 'order_cancelled', { now: at(200) });
const order = changed(cancelled, refund);

test.each([
  ['placed', created, at(0)],
  ['cancelled', cancel.events[0], at(100)],
  ['to be refunded', refund.events[0], at(200)],
])(
  'When an order was %s, then its event bears that time, and one without a time is found to have it',
  (_, event, time) => {
    expect(event.at).toEqual(time);
    expect(eventTime(event, { ...order, history: [], payments: [] })).toEqual(time);
    const { at: _at, ...old } = event;
    expect(eventTime(old, order)).toEqual(time);
  },
);

test('When a hold was extended, then its event bears that time', () => {
  const [event] = transitions.extendHold(fresh, at(9_000), { now: at(300) }).events;
  expect(eventTime(event, order)).toEqual(at(300));
});

test('When an event is not of the order, then nobody knows its time', () => {
  expect(eventTime({ eventId: `${order.id}:7` }, order)).toBeUndefined();
});
