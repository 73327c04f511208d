import { add, findings, orderOf, required, testBreaches } from './changed-history.ts';
import { at, eventsOf, order, placing } from './sample-history.ts';

testBreaches('one hold', [
  [
    'two orders hold a ticket at once',
    (history) => add(history, order('a3', 'a', 1_000, [['cancelled', 1_500, 'buyer']])),
  ],
  [
    'a late payment takes a ticket that another order holds',
    (history) => add(history, order('c2', 'c', 6_300, [['cancelled', 6_900, 'buyer']])),
  ],
  ['two orders are stored as holding a ticket', (history) => (orderOf(history, 'a1').holdsTicket = true)],
]);

test('When a process was frozen between reading the time and writing, then the stale time is no second hold', () => {
  const found = findings((history) => {
    const late = order('a0', 'a', -2_000, [['expired', 1_000, 'expiry']]);
    // Its insert landed in between two others, although it was decided on before the first of them.
    const [created, expired] = eventsOf(late);
    history.orders.push(late);
    history.messages.push({ ...required(created), timestamp: `${at(3_098)}000000` }, required(expired));
    history.answers.push({ ...placing(late), answeredAt: at(3_098) });
  });
  expect(found.filter(({ rule }) => rule === 'one hold')).toEqual([]);
});
