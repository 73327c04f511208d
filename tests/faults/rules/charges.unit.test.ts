import type { History } from '../history/history.ts';
import { changeEvent, orderOf, required, testBreaches } from './changed-history.ts';
import { classicHistory } from './classic-history.ts';
import { at, order } from './sample-history.ts';

/** The payment of `a1`, which was cancelled at 100 ms. */
const payment = (history: History) => required(orderOf(history, 'a1').payments[0]);

testBreaches(
  'charges',
  [
    [
      'a payment that came before the order was cancelled is given back',
      (history) => {
        payment(history).at = at(99);
      },
    ],
    [
      'an order is cancelled after its payment',
      (history) => {
        const paid = [['paid', 13_000, 'payment'] as const, ['cancelled', 13_500, 'buyer'] as const];
        Object.assign(orderOf(history, 'a2'), order('a2', 'a', 12_100, paid, [['p2', 13_000]]));
      },
    ],
    [
      'a payment has bought, but peers hear our own word',
      (history) => changeEvent(history, 'a2:1', { status: 'paid' }),
    ],
    [
      'a payment has bought, but peers hear of another payment',
      (history) => changeEvent(history, 'a2:1', { paymentId: 'other' }),
    ],
  ],
  classicHistory,
);
