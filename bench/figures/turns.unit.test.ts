import { turnsOf } from './turns.ts';

test('When rounds go by, then each begins with another, and the first that counts with the first', () => {
  const rounds = [0, 1, 2, 3].map((round) => turnsOf(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['cab', 'abc', 'bca', 'cab']);
});

test('When there is only one, then it is its turn in every round', () => {
  expect(turnsOf(['a'], 0)).toEqual(['a']);
});
