import { AckPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import pino from 'pino';
import { eventually } from '../../../tests/support/eventually.ts';
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
    log: pino({ level: 'silent' }),
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

test('When an operator changes the durable, then the next look at it finds the problem, or that it is gone', async () => {
  const connection = createConnectionEnd(() => undefined);
  const logged: string[] = [];
  const config = {
    ...{ ack_policy: AckPolicy.Explicit, filter_subject: 'order:created' },
    ...{ ack_wait: nanos(30_000), max_deliver: -1 },
  };
  const consumers = {
    info: async () => ({ name: 'group-order-created', config: { ...config } }),
    // Nothing comes.
    getConsumerFromInfo: () => ({ fetch: () => new Promise(() => undefined) }),
  };
  let isSubscribed = false;
  const subscription = subscribeDurably({
    connection: {
      ...connection,
      ...{ manager: { consumers }, client: { consumers } },
    } as unknown as JetStreamConnection,
    streams: { find: async () => 'ORDERS_EVENTS' },
    ...{ subject: 'order:created', queueGroup: 'group' },
    receive: async () => 'acknowledge',
    log: pino({}, { write: (line) => void logged.push((JSON.parse(line) as { problem: string }).problem) }),
    listeners: {
      onSubscribed: () => {
        isSubscribed = true;
      },
      onInterrupted: () => undefined,
      onRefused: () => undefined,
    },
  });
  await eventually(() => isSubscribed);
  expect(subscription.problems()).toEqual([]);

  config.max_deliver = 3;
  await subscription.check();
  await subscription.check();
  const problem = 'durable group-order-created gives messages up after 3 tries (max_deliver)';
  expect([subscription.problems(), logged]).toEqual([[problem], [problem]]);

  config.max_deliver = -1;
  await subscription.check();
  expect(subscription.problems()).toEqual([]);
  connection.end('enough');
});
