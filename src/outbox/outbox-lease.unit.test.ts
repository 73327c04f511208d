import { publishTimeoutMs } from '../messaging/broker.ts';
import { addMs } from '../platform/time/clock.ts';
import { hasTime, maxQueuedMs, outboxLeaseExpiry, outboxLeaseMs } from './outbox-lease.ts';
import { sweepLeaseMs } from './sweep-lease.ts';

const now = new Date('2030-01-01T00:00:00Z');
const outbox = { orderId: 'o', events: [], leaseExpiresAt: outboxLeaseExpiry(now) };

test('When an outbox has waited as long as it may, then its lease outlasts a publish and the removal of its event', () => {
  const latest = addMs(now, maxQueuedMs);
  expect(hasTime(outbox, latest)).toBe(true);
  expect(hasTime(outbox, addMs(latest, 1))).toBe(false);
  expect(outbox.leaseExpiresAt.getTime() - latest.getTime()).toBeGreaterThan(publishTimeoutMs);
});

test('When replicas of the release before run beside this one, then their leases are as long', () => {
  expect({ outboxLeaseMs, sweepLeaseMs }).toEqual({ outboxLeaseMs: 10_000, sweepLeaseMs: 10_000 });
});
