import { handleWithinMs, maxHandlingMs } from '../../messaging/message-timeouts.ts';
import { answerWithinMs } from '../../platform/http/reply.ts';
import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';
import type { ReleaseOrderDeps } from './release-order.ts';
import { lookAgainAfterMs, pagesOf, releaseWithdrawn } from './release-tickets.ts';

test('When the last look comes, then no request or message that read a ticket before may still write', () => {
  expect(lookAgainAfterMs).toBeGreaterThanOrEqual(15_000);
  // The last operation begins before the deadline, and ends within the time-out of an operation.
  expect(lookAgainAfterMs).toBeGreaterThan(answerWithinMs + operationTimeoutMs);
  expect(lookAgainAfterMs).toBeGreaterThan(handleWithinMs + operationTimeoutMs);
  expect(lookAgainAfterMs).toBeGreaterThan(maxHandlingMs);
});

/** A run on a clock of its own: each look takes `lookMs`. Resolves with when it looked. */
async function looksOf(lookMs: number, holding: string[][]) {
  let now = 0;
  const looks: number[] = [];
  const waits: number[] = [];
  const orders: ReleaseOrderDeps['orders'] = {
    findById: async () => undefined,
    apply: async () => 'outdated',
  };
  const run = releaseWithdrawn(
    {
      orders,
      clock: () => new Date(now),
      holders: {
        async findHolders(ticketIds) {
          looks.push(now);
          now += lookMs;
          const found = holding[looks.length - 1] ?? [];
          return new Map(ticketIds.flatMap((id) => (found.length > 0 ? [[id, found]] : [])));
        },
      },
      signal: new AbortController().signal,
      uptimeMs: () => now,
      async sleep(milliseconds) {
        now += milliseconds;
      },
      onWait: async (milliseconds) => void waits.push(milliseconds),
    },
    { ticketIds: ['a'], reason: 'r' },
  );
  const outcomes: unknown[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  return { looks, waits, outcomes };
}

test('When nobody holds the tickets, then they are looked at once more, 30 s after the call', async () => {
  const { looks, waits, outcomes } = await looksOf(10, []);
  expect(looks).toEqual([0, lookAgainAfterMs + 1]);
  expect(waits).toEqual([lookAgainAfterMs - 10]);
  expect(outcomes).toEqual([{ ticketId: 'a', outcome: { kind: 'not_held' } }]);
});

test('When the first look took longer than that, then the second follows at once', async () => {
  const { looks, waits } = await looksOf(lookAgainAfterMs, []);
  expect(looks).toEqual([0, lookAgainAfterMs]);
  expect(waits).toEqual([]);
});

test('When an order cannot be released, then it is not looked at without end, and is named each time', async () => {
  const { looks, outcomes } = await looksOf(1, [['o'], ['o'], ['o'], ['o']]);
  expect(looks).toHaveLength(2);
  expect(outcomes).toEqual(
    [0, 1].map(() => ({ ticketId: 'a', orderId: 'o', outcome: { kind: 'not_found' } })),
  );
});

test('When there are many tickets, then they are taken in pages that have all of them in order', () => {
  expect([...pagesOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  expect([...pagesOf([])]).toEqual([]);
});
