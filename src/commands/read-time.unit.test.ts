import { readTime } from './read-time.ts';

test.each([
  ['2026-11-01T10:00Z', '2026-11-01T10:00:00.000Z'],
  ['2026-11-01T10:00:30Z', '2026-11-01T10:00:30.000Z'],
  ['2026-11-01T10:00:30.5+02:00', '2026-11-01T08:00:30.500Z'],
  ['2024-02-29T23:59-11:30', '2024-03-01T11:29:00.000Z'],
])('When %s is written, then it is the instant %s', (text, instant) => {
  expect(readTime(text)?.toISOString()).toBe(instant);
});

test.each([
  ['', '2026-11-01', '2026-11-01T10:00', '2026-11-01T10:00:00', '2026-11-01 10:00Z', '2026-11-01T10Z'],
  ['2026-02-30T10:00Z', '2026-02-29T10:00Z', '2026-13-01T10:00Z', '2026-11-31T10:00:00Z', '2026-02-30'],
  ['2026-11-01T24:00Z', '2026-11-01T10:60Z', '2026-11-01T10:00:60Z', '2026-11-01T10:00+24:00'],
  ['2026-11-01T10:00Z ', '1793527200', '1 November 2026 10:00 UTC', '+022026-11-01T10:00Z'],
])('When %s or the like is written, then it is no instant', (...texts) => {
  for (const text of texts) expect([text, readTime(text)]).toEqual([text, undefined]);
});
