import { quantile, spreadOf } from './quantiles.ts';

test('When there is an odd number of values, then the median is the middle one', () => {
  expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
});

test('When there is an even number, then it lies between the middle two', () => {
  expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
});

test('When a quantile falls between two values, then it lies between them', () => {
  expect(quantile([10, 20], 0.75)).toBe(17.5);
  expect(quantile([5], 0.99)).toBe(5);
});

test('When numbers have more than one digit, then they are not sorted as text', () => {
  expect(quantile([100, 9, 20], 0)).toBe(9);
});

test('When nothing was measured, then that is an error', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
});
