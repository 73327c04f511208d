import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { latePaymentPolicies, type Order } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as transitions from '../domain/transitions.ts';
import { settlePayment } from './settle-payment.ts';

/** Payments for orders of a ticket that an operator has withdrawn. */

const now = new Date('2030-01-01T00:00:00Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const { order } = transitions.place({ id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_000 }, { now });
const bought = { id: 'pay_0', stripeChargeId: 'ch_0' };
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };

const states: [string, string, ((order: Order) => OrderChange) | undefined][] = [
  ['pending', 'operator', undefined],
  ['expired', 'operator', (one) => transitions.expire(one, 'expiry', { now })],
  ['cancelled', 'order_cancelled', (one) => transitions.cancel(one, { now })],
  ['paid', 'already_paid', (one) => transitions.pay(one, bought, { now })],
];

describe.each(latePaymentPolicies)(
  'When late payments are to %s, and the ticket is withdrawn',
  (latePayment) => {
    test.each(states)(
      'then a payment for a %s order is given back, reason %s, once',
      async (status, reason, change) => {
        const model = memoryOrderStore(ticket);
        model.put(order);
        if (change) await model.store.apply(change(order));
        model.withdraw(ticket.id);
        model.events.length = 0;
        const deps = { orders: model.store, clock: () => now, latePayment };
        expect(await settlePayment(deps, order.id, payment)).toEqual({ kind: 'refund_due', reason });
        expect(await settlePayment(deps, order.id, payment)).toEqual({ kind: 'known' });
        expect(model.order(order.id)).toMatchObject({ status });
        expect(model.events).toMatchObject([{ subject: 'order:refund-required', data: { reason } }]);
      },
    );
  },
);
