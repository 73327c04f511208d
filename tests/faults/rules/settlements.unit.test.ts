import type { History } from '../history/history.ts';
import { add, drop, findings, orderOf, required, testBreaches } from './changed-history.ts';
import { classicHistory } from './classic-history.ts';
import { at, order } from './sample-history.ts';

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

/** `b1` is paid late, while nobody but `b2`, which was cancelled at `ms`, has had the ticket. */
function refuseLatePayment(history: History, ms: number): void {
  const late = order('b1', 'b', 0, [['expired', 3_100, 'expiry']], [['p3', 19_000, 'ticket_taken']]);
  Object.assign(orderOf(history, 'b1'), late);
  add(history, order('b2', 'b', 12_030, [['cancelled', ms, 'buyer']]));
}

testBreaches(
  'settlements',
  [
    [
      'a late payment is refunded for the sake of a hold that is only kept',
      (history) => refuseLatePayment(history, 13_999),
    ],
  ],
  classicHistory,
);

test('When a late payment is refunded because of an order that may not have been cancelled yet, then that is no finding', () => {
  const found = (change: (history: History) => void) =>
    findings(change, classicHistory).filter(({ rule }) => rule === 'settlements');
  expect(found((history) => refuseLatePayment(history, 14_000))).toEqual([]);
  const frozen = found((history) => {
    refuseLatePayment(history, 13_000);
    history.faults.push({ kind: 'freeze', target: 'service-1', startedAt: 0, endedAt: at(12_000) });
  });
  expect(frozen).toEqual([]);
});
