import type { Order, SettledPayment, StatusChange } from './order.ts';
import { cancelled, expired, paid, placed, refundDue } from './order-change.ts';
import { rebuildEvents } from './rebuild-events.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh, event: first } = placed(
  { id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 },
  { now: at(500) },
);
const payment = { id: 'pay', stripeChargeId: 'ch' };

function applied(order: Order, change: { status?: StatusChange; payment?: SettledPayment }): Order {
  const { status, payment: settled } = change;
  return {
    ...order,
    ...(status && { status: status.status, version: status.version, history: [...order.history, status] }),
    payments: settled ? [...order.payments, settled] : order.payments,
  };
}

const ids = (order: Order, since: Date, waiting: string[] = []) =>
  rebuildEvents({ order, waiting }, since).map(({ eventId }) => eventId.slice(25));

test('When a change was made by a clock that is behind, then it still comes after the one before it', () => {
  const order = applied(fresh, cancelled(fresh, { now: at(100) }));
  expect(ids(order, at(0))).toEqual(['0', '1']);
  expect(ids(order, at(300))).toEqual(['0', '1']);
  expect(ids(order, at(600))).toEqual([]);
});

test('When changes and refunds are older than the time asked for, then only the later ones come', () => {
  const gone = applied(fresh, expired(fresh, 'expiry', { now: at(1_500) }));
  const bought = applied(gone, paid(gone, payment, { now: at(2_000) }));
  const again = { ...payment, id: 'again' };
  const order = applied(bought, refundDue(bought, again, 'already_paid', { now: at(3_000) }));
  expect(ids(order, at(0))).toEqual(['0', '1', '2', 'refund:again']);
  expect(ids(order, at(1_600))).toEqual(['2', 'refund:again']);
  expect(rebuildEvents({ order, waiting: [] }, at(2_500))).toMatchObject([
    { subject: 'order:refund-required', data: { paymentId: 'again', replayed: true } },
  ]);
});

test('When events still wait in the outbox, then they are left to the relay, which sends them in order', () => {
  const order = applied(fresh, cancelled(fresh, { now: at(700) }));
  expect(ids(order, at(600), [`${order.id}:0`, `${order.id}:1`])).toEqual([]);
  expect(ids(order, at(0), [`${order.id}:1`])).toEqual(['0']);
});

test('When a change or a refund is of the very moment asked for, then it comes', () => {
  const order = applied(fresh, refundDue(fresh, payment, 'ticket_taken', { now: at(900) }));
  expect(ids(order, at(500))).toEqual(['0', 'refund:pay']);
  expect(ids(order, at(501))).toEqual(['refund:pay']);
  expect(ids(order, at(900))).toEqual(['refund:pay']);
  expect(ids(order, at(901))).toEqual([]);
});

test('When the events of changes are made again, then they say what they said the first time, and that they are again', () => {
  const [created] = rebuildEvents({ order: fresh, waiting: [] }, at(0));
  expect(created).toEqual({ ...first, data: { ...first.data, replayed: true } });
  const changes = [
    cancelled(fresh, { now: at(700) }),
    expired(fresh, 'expiry', { now: at(1_500) }),
    paid(fresh, payment, { now: at(700) }),
  ];
  for (const change of changes) {
    const events = rebuildEvents({ order: applied(fresh, change), waiting: [] }, at(600));
    expect(events).toEqual([{ ...change.event, data: { ...change.event.data, replayed: true } }]);
  }
});

test('When a refund came before the payment that bought, then the event names the one that bought', () => {
  const gone = applied(fresh, expired(fresh, 'expiry', { now: at(1_500) }));
  const refused = applied(gone, refundDue(gone, payment, 'ticket_taken', { now: at(1_600) }));
  const bought = applied(refused, paid(refused, { ...payment, id: 'later' }, { now: at(1_700) }));
  expect(rebuildEvents({ order: bought, waiting: [] }, at(1_700))).toMatchObject([
    { data: { paymentId: 'later' } },
  ]);
});

test('When an order is paid but no payment bought it, then no event is made up', () => {
  const order = { ...applied(fresh, paid(fresh, payment, { now: at(700) })), payments: [] };
  expect(() => rebuildEvents({ order, waiting: [] }, at(0))).toThrow(
    `order ${order.id} is paid, but by no payment`,
  );
});
