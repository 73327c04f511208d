import { add, drop, orderOf, required, testBreaches } from './changed-history.ts';
import { order } from './sample-history.ts';

testBreaches('settlements', [
  ['a payment is lost', (history) => (orderOf(history, 'b1').payments = [])],
  [
    'a payment is settled twice',
    (history) => {
      const { payments } = orderOf(history, 'b1');
      payments.push(...payments);
    },
  ],
  ['a paid order has no payment', (history) => (orderOf(history, 'a2').payments = [])],
  [
    'a payment comes from nowhere',
    (history) => {
      drop(history, ({ subject, text }) => subject === 'payment:created' && text.includes('"p3"'));
    },
  ],
  [
    'money is refunded although nobody has the ticket',
    (history) => {
      add(history, order('b2', 'b', 2_000, [['expired', 5_000, 'expiry']], [['p6', 5_500, 'ticket_taken']]));
    },
  ],
  [
    'money is refunded for an order that was not paid',
    (history) => {
      required(orderOf(history, 'b1').payments[0]).refund = 'already_paid';
    },
  ],
  [
    'money is refunded as late for an order that had not expired',
    (history) => {
      required(orderOf(history, 'b1').payments[0]).refund = 'order_expired';
    },
  ],
  [
    'money is refunded for an order that was not cancelled',
    (history) => {
      required(orderOf(history, 'a1').payments[0]).refund = 'order_cancelled';
    },
  ],
]);
