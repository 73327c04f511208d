import type { Order, SettledPayment, StatusChange } from './order.ts';
import { cancelled, expired, paid, placed, refundDue } from './order-change.ts';
import { pastEvents } from './past-events.ts';

const at = (ms: number) => new Date(Date.UTC(2030, 0, 1) + ms);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order: fresh } = placed({ id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 }, { now: at(500) });
const payment = { id: 'pay', stripeChargeId: 'ch' };

function after(order: Order, change: { status?: StatusChange; payment?: SettledPayment }): Order {
  const { status, payment: settled } = change;
  return {
    ...order,
    ...(status && { status: status.status, version: status.version, history: [...order.history, status] }),
    payments: settled ? [...order.payments, settled] : order.payments,
  };
}

const ids = (order: Order, since: Date, waiting: string[] = []) =>
  pastEvents({ order, waiting }, since).map(({ eventId }) => eventId.slice(25));

test('When a change was made by a clock that is behind, then it still comes after the one before it', () => {
  const order = after(fresh, cancelled(fresh, { now: at(100) }));
  expect(ids(order, at(0))).toEqual(['0', '1']);
  expect(ids(order, at(300))).toEqual(['0', '1']);
  expect(ids(order, at(600))).toEqual([]);
});

test('When changes and refunds are older than the time asked for, then only the later ones come', () => {
  const gone = after(fresh, expired(fresh, 'expiry', { now: at(1_500) }));
  const bought = after(gone, paid(gone, payment, { now: at(2_000) }));
  const again = { ...payment, id: 'again' };
  const order = after(bought, refundDue(bought, again, 'already_paid', { now: at(3_000) }));
  expect(ids(order, at(0))).toEqual(['0', '1', '2', 'refund:again']);
  expect(ids(order, at(1_600))).toEqual(['2', 'refund:again']);
  expect(pastEvents({ order, waiting: [] }, at(2_500))).toMatchObject([
    { subject: 'order:refund-required', data: { paymentId: 'again', replayed: true } },
  ]);
});

test('When events still wait in the outbox, then they are left to the relay, which sends them in order', () => {
  const order = after(fresh, cancelled(fresh, { now: at(700) }));
  expect(ids(order, at(600), [`${order.id}:0`, `${order.id}:1`])).toEqual([]);
  expect(ids(order, at(0), [`${order.id}:1`])).toEqual(['0']);
});
