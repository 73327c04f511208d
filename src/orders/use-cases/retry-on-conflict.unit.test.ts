import timers from 'node:timers/promises';
import { retryOnConflict } from './retry-on-conflict.ts';

test('When an attempt has an outcome, then that is it, and nothing is tried again', async () => {
  let attempts = 0;
  const outcome = await retryOnConflict(async () => (++attempts === 3 ? 'done' : undefined));
  expect(outcome).toBe('done');
  expect(attempts).toBe(3);
});

test('When no attempt has an outcome, then it gives up after a bounded number of them', async () => {
  let attempts = 0;
  const outcome = await retryOnConflict(async () => {
    attempts++;
    return undefined;
  });
  expect(outcome).toEqual({ kind: 'conflict' });
  expect(attempts).toBe(8);
});

test('When an attempt fails, then it fails at once', async () => {
  let attempts = 0;
  const failing = retryOnConflict(async () => {
    attempts++;
    throw new Error('the database is away');
  });
  await expect(failing).rejects.toThrow('the database is away');
  expect(attempts).toBe(1);
});

test('When attempts go on failing, then the first repetition comes at once and pauses grow before the others', async () => {
  const pauses: number[] = [];
  const setTimeout = jest.spyOn(timers, 'setTimeout').mockImplementation(async (delay, value) => {
    pauses.push(delay ?? 0);
    return value as never;
  });
  let attempts = 0;
  const pausesBefore: number[] = [];
  await retryOnConflict(async () => {
    pausesBefore[attempts++] = pauses.length;
    return undefined;
  });
  setTimeout.mockRestore();
  expect(pausesBefore).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
  for (const [index, pause] of pauses.entries()) {
    const longest = Math.min(100, 4 * 2 ** index);
    expect(pause).toBeGreaterThanOrEqual(longest / 2);
    expect(pause).toBeLessThanOrEqual(longest);
  }
});
