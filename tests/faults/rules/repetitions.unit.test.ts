import type { History } from '../history/history.ts';
import { add, findings, repeat, testBreaches } from './changed-history.ts';
import { at, order } from './sample-history.ts';

testBreaches('repetitions', [
  ['an event comes twice in a quiet time', (history) => repeat(history, 'b1:0', 500)],
  [
    'an event comes twice when the last fault is more than 30 s ago',
    (history) => repeat(history, 'c1:2', 38_001),
  ],
  [
    'an event comes again after a later one of its order, and the fault was over 20 s before',
    (history) => repeat(history, 'a1:0', 28_001),
  ],
  [
    'an event comes again after a later one of its order, and the database was slow, but answered within 4 s',
    (history) => {
      history.outages.push({ from: at(26_000), to: at(29_999) });
      repeat(history, 'a1:0', 30_000);
    },
  ],
  [
    'an event comes again after a refund of its order, and the fault was over 20 s before',
    (history) => repeat(history, 'a1:1', 28_001),
  ],
  [
    'an event comes again after a later one of its order, and the fault was over when it was written',
    (history) => {
      add(history, order('b2', 'b', 8_500, [['cancelled', 8_600, 'buyer']]));
      repeat(history, 'b2:0', 9_000);
    },
  ],
]);

testBreaches('repetitions', [
  [
    'an event comes again beside a fault, on a broker that knows its id still',
    (history) => {
      history.settings.duplicateWindowMs = 120_000;
      repeat(history, 'c1:refund:p5', 37_999);
    },
  ],
]);

test('When an event comes again before any later one of its order, and a fault is less than 30 s ago, then that is no finding', () => {
  expect(findings((history) => repeat(history, 'c1:refund:p5', 37_999))).toEqual([]);
  const forgotten = (history: History) => {
    history.settings.duplicateWindowMs = 30_000;
    repeat(history, 'c1:refund:p5', 37_999);
  };
  expect(findings(forgotten)).toEqual([]);
});

test('When an event comes again after a later one within 20 s of a fault or an outage of the database, then it is excused', () => {
  expect(findings((history) => repeat(history, 'a1:0', 27_999))).toEqual([]);
  const slow = (history: History) => {
    history.outages.push({ from: at(20_000), to: at(24_000) });
    repeat(history, 'a1:0', 43_000);
  };
  expect(findings(slow)).toEqual([]);
});
