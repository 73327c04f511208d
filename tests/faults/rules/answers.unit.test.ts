import { answerOf, orderOf, required, testBreaches } from './changed-history.ts';
import { classicHistory } from './classic-history.ts';
import { at } from './sample-history.ts';

testBreaches('answers', [
  ['an order that was answered is gone', (history) => history.orders.pop()],
  [
    'a refused request made an order',
    (history) => {
      answerOf(history, 'request-b1').status = 409;
    },
  ],
  [
    'a placed order is not found again',
    (history) => {
      const { userId } = orderOf(history, 'b1');
      const times = { sentAt: at(1), answeredAt: at(2) };
      history.answers.push({
        requestId: 'r',
        service: 's',
        kind: 'show',
        userId,
        orderId: 'b1',
        status: 404,
        ...times,
      });
    },
  ],
  [
    'a cancellation was answered and is lost',
    (history) => {
      const answer = answerOf(history, 'request-a2');
      history.answers.push({ ...answer, requestId: 'c', kind: 'cancel', status: 200 });
    },
  ],
  ['an order belongs to somebody else', (history) => (orderOf(history, 'b1').userId = 'another')],
  ['the wrong ticket was sold', (history) => (answerOf(history, 'request-b1').ticketId = 'another')],
  [
    'a status was shown that never was',
    (history) => {
      required(answerOf(history, 'request-b1').shown).status = 'paid';
    },
  ],
  [
    'an order comes from nowhere',
    (history) => {
      history.answers = history.answers.filter(({ requestId }) => requestId !== 'request-b1');
    },
  ],
  ['the service fails with 500', (history) => (answerOf(history, 'request-lost').status = 500)],
]);

testBreaches(
  'answers',
  [
    [
      'an answer has our own word for a status that is called otherwise',
      (history) => {
        required(answerOf(history, 'request-a1').shown).status = 'pending';
      },
    ],
  ],
  classicHistory,
);
