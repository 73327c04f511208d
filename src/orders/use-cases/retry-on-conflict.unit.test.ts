import timers from 'node:timers/promises';
import { retryOnConflict } from './retry-on-conflict.ts';

test('When an attempt has an outcome, then that is it, and nothing is tried again', async () => {
  const rounds: number[] = [];
  const outcome = await retryOnConflict(async (round) => {
    rounds.push(round);
    return round === 2 ? 'done' : undefined;
  });
  expect(outcome).toBe('done');
  expect(rounds).toEqual([0, 1, 2]);
});

test('When no attempt has an outcome, then it gives up after a bounded number of them', async () => {
  let rounds = 0;
  const outcome = await retryOnConflict(async () => {
    rounds++;
    return undefined;
  });
  expect(outcome).toEqual({ kind: 'contended' });
  expect(rounds).toBe(8);
});

test('When an attempt fails, then the failure is told at once', async () => {
  let rounds = 0;
  const failing = retryOnConflict(async () => {
    rounds++;
    throw new Error('the database is away');
  });
  await expect(failing).rejects.toThrow('the database is away');
  expect(rounds).toBe(1);
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
