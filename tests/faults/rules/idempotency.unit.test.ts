import { add, answerOf, orderOf, testBreaches } from './changed-history.ts';
import { order } from './sample-history.ts';

testBreaches('idempotency keys', [
  [
    'a key made two orders',
    (history) => {
      const { userId } = orderOf(history, 'b1');
      add(history, { ...order('b2', 'b', 2_000, [['cancelled', 2_100, 'buyer']]), userId, key: 'key of b1' });
    },
  ],
  [
    'two requests without a key got one order',
    (history) => {
      const { key: _, ...answer } = answerOf(history, 'request-b1');
      history.answers.push({ ...answer, requestId: 'one' }, { ...answer, requestId: 'two' });
    },
  ],
]);
