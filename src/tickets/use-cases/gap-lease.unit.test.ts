import { operationTimeoutMs } from '../../platform/mongo/timeouts.ts';
import { gapLeaseMs, gapPassMs } from './gap-lease.ts';

test('When a pass begins an operation at its end, then the operation has ended before the lease does', () => {
  expect(gapLeaseMs).toBeGreaterThan(gapPassMs + operationTimeoutMs);
});

test('When replicas of the release before run beside this one, then their lease is as long', () => {
  expect(gapLeaseMs).toBe(10_000);
});
