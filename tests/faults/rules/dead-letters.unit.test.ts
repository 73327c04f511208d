import { testBreaches } from './changed-history.ts';

testBreaches('dead letters', [
  ['a malformed message is lost', (history) => history.deadLetters.pop()],
  ['a malformed message is kept twice', (history) => history.deadLetters.push(...history.deadLetters)],
  [
    'a good message becomes a dead letter',
    (history) => {
      history.deadLetters.push({
        subject: 'ticket:created',
        sequence: 1,
        timestamp: '1',
        reason: 'failed 5 times',
      });
    },
  ],
]);
