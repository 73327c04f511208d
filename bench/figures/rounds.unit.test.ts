import { openBook } from './book.ts';
import { roundsOf, turnsOf } from './rounds.ts';

test('When a part has a round to warm up, then its figures are forgotten, and those of the others kept', () => {
  const kept = openBook();
  for (const { number, book } of roundsOf({ firstRound: 0, rounds: 2 }, kept))
    book.add({ what: 'place', who: 'ours', unit: 'ms' }, number);
  expect(kept.figures().map(({ rounds }) => rounds)).toEqual([[1, 2]]);
});

test('When a part has none, then all of its rounds count', () => {
  const kept = openBook();
  const rounds = roundsOf({ firstRound: 1, rounds: 2 }, kept);
  expect(rounds).toEqual([
    { number: 1, book: kept },
    { number: 2, book: kept },
  ]);
});

test('When rounds go by, then each begins with another, and the first that counts with the first', () => {
  const rounds = [0, 1, 2, 3].map((number) => turnsOf(['a', 'b', 'c'], { number }).join(''));
  expect(rounds).toEqual(['cab', 'abc', 'bca', 'cab']);
});

test('When there is only one, then it is its turn in every round', () => {
  expect(turnsOf(['a'], { number: 0 })).toEqual(['a']);
});
