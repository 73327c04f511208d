import { eventOf, findings, repeat, testBreaches } from './changed-history.ts';
import { checkHistory } from './check-history.ts';
import { classicHistory } from './classic-history.ts';
import { at } from './sample-history.ts';

const move = (eventId: string, ms: number) => (history: ReturnType<typeof classicHistory>) => {
  eventOf(history, eventId).timestamp = `${at(ms)}000000`;
};

testBreaches(
  'spacing',
  [
    ['a cancellation comes too soon after the creation', move('a1:1', 6_009)],
    ['a payment comes too soon after the cancellation', move('b1:2', 12_019)],
    ['a ticket is bought again too soon after its cancellation', move('a2:0', 12_019)],
    ['a ticket is bought again before its cancellation', move('a2:0', 5_000)],
  ],
  classicHistory,
);

test('When every event keeps the spacing by the millisecond, then no rule finds anything', () => {
  expect(checkHistory(classicHistory())).toEqual([]);
  const found = (eventId: string, ms: number) => findings(move(eventId, ms), classicHistory);
  expect(found('a1:1', 6_010)).toEqual([]);
  expect(found('b1:2', 12_020)).toEqual([]);
});

test('When an event comes again, or is of a refund, then the spacing does not concern it', () => {
  const found = findings((history) => {
    history.faults.push({ kind: 'freeze', target: 'service-1', startedAt: at(50), endedAt: at(6_000) });
    history.settings.minJudgedEvents = 0;
    repeat(history, 'a1:0', 100);
    move('a1:refund:p1', 6_020)(history);
  }, classicHistory);
  expect(found).toEqual([]);
});
