import { retryAfterSeconds } from './refuse-while-away.ts';

const earliest = (awayMs: number) => retryAfterSeconds(awayMs, () => 0);
const latest = (awayMs: number) => retryAfterSeconds(awayMs, () => 0.999_999);

test.each([
  [1_000, 1, 2],
  [10_000, 5, 10],
  [20_000, 10, 20],
  [3_600_000, 15, 30],
])(
  'When the database has been away for %d ms, then those who ask come back after %d to %d s',
  (awayMs, from, to) => {
    expect(earliest(awayMs)).toBe(from);
    expect(latest(awayMs)).toBe(to);
  },
);

test('When many ask in the same moment, then they do not come back together', () => {
  const times = new Set(Array.from({ length: 500 }, () => retryAfterSeconds(60_000)));
  expect(times.size).toBeGreaterThan(10);
  for (const seconds of times) expect(Number.isInteger(seconds)).toBe(true);
});
