import { limitRate } from './rate-limit.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('When the limit is stopped, then its timer is', async () => {
  jest.useFakeTimers();
  const limit = limitRate(5);
  expect(jest.getTimerCount()).toBe(1);
  await limit.stop();
  expect(jest.getTimerCount()).toBe(0);
});
