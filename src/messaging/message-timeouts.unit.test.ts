import { operationTimeoutMs } from '../platform/mongo/timeouts.ts';
import { ackWaitMs } from './broker.ts';
import { handleWithinMs, maxHandlingMs, maxKeepingMs } from './message-timeouts.ts';

test('When a message takes as long as it may, then its last operation has ended before the broker delivers it again', () => {
  expect(handleWithinMs + operationTimeoutMs).toBeLessThan(maxHandlingMs);
  expect(maxHandlingMs + maxKeepingMs).toBeLessThan(ackWaitMs);
  expect(maxKeepingMs).toBeGreaterThan(operationTimeoutMs);
  // Operations need some time, whatever the other numbers are.
  expect(handleWithinMs).toBeGreaterThan(2 * operationTimeoutMs);
});
