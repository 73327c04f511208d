import { add, findings, required, testBreaches, ticketOf } from './changed-history.ts';
import { checkHistory } from './check-history.ts';
import { lifeHistory } from './life-history.ts';
import { at, order } from './sample-history.ts';

testBreaches(
  'withdrawals',
  [
    [
      'a withdrawal was killed and not run again',
      (history) => (required(history.commands[1]).status = 'killed'),
    ],
    ['a withdrawn ticket is on sale again', (history) => delete ticketOf(history, 'g').withdrawnAt],
    ['a withdrawn ticket is held at the end', (history) => add(history, order('g2', 'g', 13_500))],
    [
      'a withdrawn ticket is sold afterwards',
      (history) => add(history, order('g2', 'g', 14_500, [['cancelled', 15_000, 'buyer']])),
    ],
  ],
  lifeHistory,
);

testBreaches(
  'settlements',
  [
    [
      'a payment is refused for an operator who did nothing',
      (history) => (ticketOf(history, 'g').withdrawnAt = 2 ** 48),
    ],
  ],
  lifeHistory,
);

test('When orders are extended, given back, released and withdrawn, then no rule finds anything', () => {
  expect(checkHistory(lifeHistory())).toEqual([]);
});

test('When a withdrawal was killed, then what came before its next run had ended is no finding', () => {
  const found = findings((history) => {
    const killed = required(history.commands[1]);
    history.commands.push({ ...killed, endedAt: at(16_000) });
    killed.status = 'killed';
    add(history, order('g2', 'g', 14_500, [['cancelled', 15_000, 'buyer']]));
  }, lifeHistory);
  expect(found).toEqual([]);
});
