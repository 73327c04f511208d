import type { Fault, History } from '../history/history.ts';
import { findings, repeat, testBreaches } from './changed-history.ts';
import { ackWaitMs, classicHistory } from './classic-history.ts';
import { deadLocks } from './locks.ts';
import { at } from './sample-history.ts';

const ticketId = 'a'.padEnd(24, '0');
/** Its events are at 10 and 6,020 ms. */
const lockForDeadOrder = (history: History) => history.locks.push({ ticketId, orderId: 'a1' });
const fault = (kind: string, target: string, from: number, to: number): Fault => ({
  ...{ kind, target, startedAt: at(from), endedAt: at(to) },
});
const lockFindings = (change: (history: History) => void) =>
  findings(change, classicHistory).filter(({ rule }) => rule === 'locks');

testBreaches(
  'locks',
  [
    ['a ticket stays locked for an order that was cancelled', lockForDeadOrder],
    [
      'a ticket stays locked for an order that does not exist',
      (history) => history.locks.push({ ticketId, orderId: 'gone' }),
    ],
    [
      'the broker was away, but not within the AckWait of an event of the order',
      (history) => {
        lockForDeadOrder(history);
        history.faults.push(fault('kill', 'broker', 6_020 + ackWaitMs + 1, 20_000));
      },
    ],
    [
      'the faults around an event were others than those that excuse it',
      (history) => {
        lockForDeadOrder(history);
        history.faults.push(
          fault('kill', 'service-1', 0, 9_000),
          fault('stall', 'service-1:broker', 0, 9_000),
        );
        history.faults.push(fault('freeze', 'database', 0, 9_000));
      },
    ],
  ],
  classicHistory,
);

test.each([
  ['the broker was dead', fault('kill', 'broker', 6_020 + ackWaitMs, 20_000)],
  ['the broker was frozen', fault('freeze', 'broker', -9_000, 10 - ackWaitMs)],
  ['a service was frozen', fault('freeze', 'service-2', 5_000, 5_500)],
])(
  'When %s around an event of a dead order, then a lock for it is excused, and named with the reason',
  (_, one) => {
    const change = (history: History) => {
      lockForDeadOrder(history);
      history.faults.push(one);
    };
    expect(lockFindings(change)).toEqual([]);
    const history = classicHistory();
    change(history);
    expect(deadLocks(history)).toEqual([{ ticketId, orderId: 'a1', status: 'cancelled', excuses: [one] }]);
  },
);

test('When an event of a dead order came again while a process was frozen, then that excuses a lock, too', () => {
  const found = lockFindings((history) => {
    lockForDeadOrder(history);
    repeat(history, 'a1:0', 30_000);
    history.faults.push(fault('freeze', 'service-1', 13_000, 29_900));
  });
  expect(found).toEqual([]);
});
