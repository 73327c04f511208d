import type { History } from '../history/history.ts';
import { add, drop, eventOf, findings, required, testBreaches } from './changed-history.ts';
import { classicHistory } from './classic-history.ts';
import { at, order } from './sample-history.ts';

testBreaches('lag', [
  [
    'an event of a quiet time comes after more than 5 s',
    (history) => {
      eventOf(history, 'b1:refund:p3').timestamp = `${at(6_501)}000000`;
    },
  ],
  [
    'an event of a quiet time never comes',
    (history) => drop(history, ({ text }) => text.includes('"b1:refund:p3"')),
  ],
  [
    'too few events are of a quiet time',
    (history) => {
      required(history.faults[0]).startedAt = at(6_499);
    },
  ],
  [
    'too few events are of a quiet time, since the database did not answer for 4 s',
    (history) => history.outages.push({ from: at(-33_000), to: at(-29_000) }),
  ],
]);

testBreaches(
  'lag',
  [
    [
      'an event leaves more than 5 s after its spacing',
      (history) => {
        eventOf(history, 'a1:1').timestamp = `${at(11_011)}000000`;
      },
    ],
    [
      'a refund leaves more than 5 s after the event before it',
      (history) => {
        eventOf(history, 'a1:refund:p1').timestamp = `${at(11_021)}000000`;
      },
    ],
    [
      'too few events are of a quiet time, since a fault began while they might still come',
      (history) => {
        const times = { startedAt: at(11_010), endedAt: at(11_011) };
        history.faults.push({ kind: 'kill', target: 'service-1', ...times });
        history.settings.minJudgedEvents = 4;
      },
    ],
  ],
  classicHistory,
);

test('When an event leaves 5 s after its spacing, or a refund 5 s after the event before it, then that is no finding', () => {
  const late = (eventId: string, ms: number) => (history: History) => {
    eventOf(history, eventId).timestamp = `${at(ms)}000000`;
  };
  const lags = (change: (history: History) => void) =>
    findings(change, classicHistory).filter(({ rule }) => rule === 'lag');
  expect(lags(late('a1:1', 11_010))).toEqual([]);
  expect(lags(late('a1:refund:p1', 11_020))).toEqual([]);
});

test('When the change of a late event was made while or shortly after something was wrong, then that is no finding', () => {
  const late = (history: History) => {
    eventOf(history, 'c1:2').timestamp = `${at(20_000)}000000`;
    eventOf(history, 'c1:refund:p5').timestamp = `${at(20_001)}000000`;
  };
  expect(findings(late)).toEqual([]);
  const settling = (history: History) => {
    add(history, order('b2', 'b', 37_999, [['cancelled', 45_000, 'buyer']]));
    eventOf(history, 'b2:0').timestamp = `${at(44_000)}000000`;
  };
  expect(findings(settling).filter(({ rule }) => rule === 'lag')).toEqual([]);
});
