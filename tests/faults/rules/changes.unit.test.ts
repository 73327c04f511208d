import { orderOf, testBreaches } from './changed-history.ts';
import { order } from './sample-history.ts';

testBreaches('changes', [
  [
    'a paid order is cancelled',
    (history) => {
      Object.assign(
        orderOf(history, 'a2'),
        order('a2', 'a', 3_100, [
          ['paid', 4_000, 'payment'],
          ['cancelled', 4_100, 'buyer'],
        ]),
      );
    },
  ],
  ['a version is left out', (history) => (orderOf(history, 'b1').version = 2)],
  ['an expired order still has its hold', (history) => (orderOf(history, 'a1').holdsTicket = true)],
]);
