import { createConnectionEnd } from '../connection-end.ts';
import type { JetStreamConnection } from './connection.ts';
import { subscribeDurably } from './subscription.ts';

/** In milliseconds. */
const mockPauses: number[] = [];
jest.mock('../../platform/time/repeat.ts', () => ({
  ...jest.requireActual<object>('../../platform/time/repeat.ts'),
  sleep: async (milliseconds: number) => void mockPauses.push(milliseconds),
}));

test('When a subscription is refused again and again, then its pauses grow to five seconds and no further', async () => {
  const connection = createConnectionEnd(() => undefined);
  subscribeDurably({
    connection: connection as unknown as JetStreamConnection,
    streams: { find: () => Promise.reject(new Error('no stream takes it')) },
    ...{ subject: 'order:created', queueGroup: 'group' },
    receive: async () => 'acknowledge',
    listeners: {
      onSubscribed: () => undefined,
      onInterrupted: () => undefined,
      onRefused: () => {
        if (mockPauses.length === 20) connection.end('enough');
      },
    },
  });
  await connection.ended;
  // Half of each is random.
  const [first = 0, second = 0, ...others] = mockPauses;
  expect(first).toBeGreaterThanOrEqual(500);
  expect(first).toBeLessThanOrEqual(1_000);
  expect(second).toBeLessThanOrEqual(2_000);
  expect(others.length).toBeGreaterThanOrEqual(18);
  expect(Math.min(...others)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...others)).toBeLessThanOrEqual(5_000);
});
