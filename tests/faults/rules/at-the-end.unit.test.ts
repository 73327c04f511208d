import { orderOf, testBreaches } from './changed-history.ts';
import { at } from './sample-history.ts';

testBreaches('outboxes', [
  ['an event was never sent', (history) => orderOf(history, 'a1').outbox.push('a1:1')],
]);

testBreaches('processes', [
  [
    'a process ends by itself',
    (history) => {
      history.exits.push({ service: 'service-1', at: at(1), how: 'exit code 1' });
    },
  ],
]);
