import {
  findings,
  orderOf,
  required,
  skipFarAndReset,
  testBreaches,
  ticketOf,
  updateOf,
} from './changed-history.ts';
import { at, message } from './sample-history.ts';

testBreaches('replicas', [
  ['a replica stays behind', (history) => (ticketOf(history, 'a').version = 0)],
  ['a replica has other data', (history) => (ticketOf(history, 'a').price = 21)],
  [
    'a ticket has no replica',
    (history) => {
      history.messages.push(message('ticket:created', { id: 'new', version: 0, title: '', price: 1 }, 0));
    },
  ],
  ['a replica skips a version without a record', (history) => (ticketOf(history, 'c').jumps = [])],
  [
    'a gap is closed too early',
    (history) => {
      required(ticketOf(history, 'c').jumps[0]).at = at(1_000);
    },
  ],
  [
    'a replica is not at the version of its reset',
    (history) => {
      skipFarAndReset(history);
      ticketOf(history, 'a').version = 2;
    },
  ],
  [
    'a replica does not follow what came after its reset',
    (history) => {
      skipFarAndReset(history);
      history.messages.push(updateOf(2, 9_100));
    },
  ],
  [
    'a replica skips a version after its reset without a record',
    (history) => {
      skipFarAndReset(history);
      history.messages.push(updateOf(3, 9_100));
      ticketOf(history, 'a').version = 3;
    },
  ],
  ['an update stays parked', (history) => history.parked.push({ ticketId: 'a', version: 3 })],
  [
    'an order shows a price that never was',
    (history) => {
      orderOf(history, 'b1').ticket = { title: 'Jazz', price: 1, version: 1 };
    },
  ],
]);

test('When an operator has reset a ticket, then no rule finds anything, and it follows what comes after', () => {
  expect(findings(skipFarAndReset)).toEqual([]);
  const followed = findings((history) => {
    skipFarAndReset(history);
    history.messages.push(updateOf(2, 9_100));
    ticketOf(history, 'a').version = 2;
  });
  expect(followed).toEqual([]);
});
