import { withTimeout } from './with-timeout.ts';

const never = new Promise<never>(() => undefined);
const tooLate = () => {
  throw new Error('too late');
};

test('When work ends in time, then its outcome is the outcome, and no timer is left', async () => {
  jest.useFakeTimers();
  try {
    expect(await withTimeout(60_000, Promise.resolve('done'), tooLate)).toBe('done');
    await expect(withTimeout(60_000, Promise.reject(new Error('no')), tooLate)).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('When work takes too long, then the outcome is what is made of that', async () => {
  expect(await withTimeout(1, never, () => 'late')).toBe('late');
  await expect(withTimeout(1, never, tooLate)).rejects.toThrow('too late');
});
