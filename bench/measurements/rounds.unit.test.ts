import { createRecorder } from '../report/recorder.ts';
import { rotated, roundsOf } from './rounds.ts';

test('When a measurement has a warm-up round, then its figures are dropped, and those of the others kept', () => {
  const kept = createRecorder();
  for (const { number, recorder } of roundsOf({ firstRound: 0, rounds: 2 }, kept))
    recorder.record({ what: 'place', who: 'candidate', unit: 'ms' }, number);
  expect(kept.figures().map(({ rounds }) => rounds)).toEqual([[1, 2]]);
});

test('When it has none, then all of its rounds count', () => {
  const kept = createRecorder();
  const rounds = roundsOf({ firstRound: 1, rounds: 2 }, kept);
  expect(rounds).toEqual([
    { number: 1, recorder: kept },
    { number: 2, recorder: kept },
  ]);
});

test('When rounds go by, then each begins with another, and the first that counts with the first', () => {
  const rounds = [0, 1, 2, 3].map((number) => rotated(['a', 'b', 'c'], { number }).join(''));
  expect(rounds).toEqual(['cab', 'abc', 'bca', 'cab']);
});

test('When there is only one, then it is first in every round', () => {
  expect(rotated(['a'], { number: 0 })).toEqual(['a']);
});
