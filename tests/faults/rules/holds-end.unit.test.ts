import { add, findings, orderOf, required, testBreaches } from './changed-history.ts';
import { at, order } from './sample-history.ts';

testBreaches('holds end', [
  [
    'a hold outlives its time',
    (history) => {
      history.faults = [];
      add(history, order('b2', 'b', 2_000, [['expired', 14_000, 'expiry']]));
    },
  ],
  [
    'a hold outlives an outage by far',
    (history) => {
      add(history, order('b2', 'b', 4_000, [['expired', 40_000, 'expiry']]));
    },
  ],
  [
    'a hold outlives its time while one process works',
    (history) => {
      history.faults = [{ kind: 'freeze', target: 'service-1', startedAt: at(0), endedAt: at(20_000) }];
      add(history, order('b2', 'b', 2_000, [['expired', 20_000, 'expiry']]));
    },
  ],
  [
    'a hold ends too early',
    (history) => {
      required(orderOf(history, 'a1').history[1]).at = at(2_900);
    },
  ],
  ['a hold never ends', (history) => add(history, order('b2', 'b', 2_000))],
]);

test('When a hold outlives its time by an outage of the database, then that is no finding', () => {
  const found = findings((history) => add(history, order('b2', 'b', 4_000, [['expired', 20_000, 'expiry']])));
  expect(found).toEqual([]);
});

test('When a hold outlives its time while the database is slow for everybody, then that is no finding', () => {
  const found = findings((history) => {
    history.faults = [];
    history.outages = [{ from: at(6_000), to: at(14_000) }];
    history.settings.minJudgedEvents = 3;
    add(history, order('b2', 'b', 4_000, [['expired', 30_000, 'expiry']]));
  });
  expect(found).toEqual([]);
});
