import type { History } from '../history/history.ts';
import { add, drop, orderOf, required, testBreaches } from './changed-history.ts';
import { lifeHistory, tell } from './life-history.ts';
import { at, message, order } from './sample-history.ts';

const payment = (history: History, id: string) => required(orderOf(history, id).payments[0]);

testBreaches(
  'refunds',
  [
    ['a refund was told and is not recorded', (history) => tell(history, 'g1', 'p9', 15_000)],
    [
      'a refund of a payment that never came is not recorded',
      (history) => tell(history, 'g1', 'other', 15_000),
    ],
    ['a refund is recorded twice', (history) => orderOf(history, 'h1').payments.push(payment(history, 'h1'))],
    [
      'a refund is completed that nobody told of',
      (history) =>
        drop(history, ({ subject, text }) => subject === 'payment:refunded' && text.includes('p8')),
    ],
    [
      'a refund is completed before it was told',
      (history) => (payment(history, 'f1').refundCompletedAt = at(11_499)),
    ],
    ['a refund is open that was only told', (history) => delete payment(history, 'h1').refundCompletedAt],
    ['a refund has no reason', (history) => delete payment(history, 'h1').refund],
    ['a refund that was asked for has no time', (history) => delete payment(history, 'g1').refundDueAt],
    [
      'a payment is given back and its order is still paid',
      (history) => orderOf(history, 'e1').history.pop(),
    ],
    [
      'an order is cancelled later than its refund',
      (history) => (required(orderOf(history, 'e1').history[2]).at = at(10_600)),
    ],
    [
      'an order is cancelled by a refund of another payment',
      (history) => {
        const changes = [['paid', 9_500, 'payment'] as const, ['cancelled', 10_000, 'refund'] as const];
        add(history, order('c2', 'c', 9_000, changes, [['p11', 9_500]]));
      },
    ],
  ],
  lifeHistory,
);

testBreaches(
  'money',
  [
    ['a payment is given back, but has bought', (history) => tell(history, 'a2', 'p2', 9_000)],
    [
      'a payment that has bought is asked for without an operator',
      (history) => {
        const event = required(history.messages.find(({ text }) => text.includes('f1:refund:p8')));
        event.text = event.text.replace('"operator"', '"ticket_taken"');
      },
    ],
    [
      'an order is cancelled and nobody gives its payment back',
      (history) =>
        drop(history, ({ subject, text }) => subject === 'payment:refunded' && text.includes('p7')),
    ],
    [
      'one payment is asked for twice',
      (history) => {
        const data = {
          eventId: 'f1:refund:again',
          orderId: 'f1',
          paymentId: 'p8',
          stripeChargeId: 'charge of p8',
          reason: 'operator',
        };
        history.messages.push(message('order:refund-required', data, 12_000));
      },
    ],
  ],
  lifeHistory,
);
