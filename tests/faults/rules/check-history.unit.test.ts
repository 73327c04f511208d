import { answerOf, findings, repeat } from './changed-history.ts';
import { checkHistory } from './check-history.ts';
import { at, goodHistory } from './sample-history.ts';

test('When nothing went wrong, then no rule finds anything', () => {
  expect(checkHistory(goodHistory())).toEqual([]);
});

test('When faults, duplicates and unknown outcomes change nothing for anybody, then no rule finds anything', () => {
  const found = findings((history) => {
    repeat(history, 'a1:0', 9_000);
    answerOf(history, 'request-a2').status = 503;
    delete answerOf(history, 'request-a2').shown;
    history.answers.push({ ...answerOf(history, 'request-a1'), requestId: 'again', answeredAt: at(500) });
  });
  expect(found).toEqual([]);
});
