import { orderOf, required, testBreaches } from './changed-history.ts';
import { lifeHistory } from './life-history.ts';
import { at } from './sample-history.ts';

testBreaches(
  'releases',
  [
    [
      'the command says that it has released what expired',
      (history) => history.commands[0]?.released.push('g1'),
    ],
    [
      'an order is released for another reason',
      (history) => (required(orderOf(history, 'f1').history[2]).reason = 'x'),
    ],
    [
      'an order is released that nobody meant',
      (history) => {
        const [release] = history.commands;
        Object.assign(required(release), { ticketIds: ['f'.padEnd(24, '0')], released: [] });
      },
    ],
    [
      'an order is released before the command',
      (history) => (required(history.commands[0]).startedAt = at(11_001)),
    ],
  ],
  lifeHistory,
);

testBreaches(
  'changes',
  [
    [
      'a buyer cancels what is paid',
      (history) => (required(orderOf(history, 'f1').history[2]).cause = 'buyer'),
    ],
    [
      'a refund cancels what is pending',
      (history) => (required(orderOf(history, 'i1').history[1]).cause = 'refund'),
    ],
  ],
  lifeHistory,
);
