import { backoff } from './repeat.ts';

test('When attempts fail in a row, then the pause doubles up to its cap, and half of it is random', () => {
  for (const [attempt, full] of [
    [0, 100],
    [1, 200],
    [4, 1_600],
    [5, 2_000],
    [5_000, 2_000],
  ] as const) {
    const pauses = Array.from({ length: 200 }, () => backoff(attempt, 100, 2_000));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(full / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(full);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(full / 4);
  }
});
