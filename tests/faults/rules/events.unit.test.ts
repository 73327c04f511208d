import { changeEvent, drop, eventOf, testBreaches } from './changed-history.ts';
import { classicHistory } from './classic-history.ts';
import { at, message } from './sample-history.ts';

testBreaches('events', [
  ['an event never came', (history) => drop(history, ({ text }) => text.includes('"c1:1"'))],
  [
    'the event of a refund never came',
    (history) => drop(history, ({ text }) => text.includes('a1:refund:p1')),
  ],
  [
    'an event belongs to no change',
    (history) => {
      history.messages.push(message('order:paid', { eventId: 'b1:7', id: 'b1' }, 2_000));
    },
  ],
  [
    'an event has another status',
    (history) => {
      const event = eventOf(history, 'a1:1');
      event.text = event.text.replace('"expired"', '"cancelled"');
    },
  ],
  [
    'the events of an order came in another order',
    (history) => {
      eventOf(history, 'c1:2').timestamp = `${at(3_000)}000000`;
    },
  ],
  [
    'an event came again with other contents',
    (history) => {
      const event = eventOf(history, 'a2:0');
      const text = event.text.replace('"price":20', '"price":21');
      history.messages.push({ ...event, text, timestamp: `${at(9_000)}000000` });
    },
  ],
]);

testBreaches(
  'events',
  [
    [
      'an event has our own word for a status that is called otherwise',
      (history) => changeEvent(history, 'a1:0', { status: 'pending' }),
    ],
    [
      'an event of an expired order has our own word',
      (history) => changeEvent(history, 'b1:1', { status: 'expired' }),
    ],
  ],
  classicHistory,
);
