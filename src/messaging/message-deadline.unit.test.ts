import { DatabaseAway } from '../platform/mongo/availability.ts';
import { isOutage } from '../platform/mongo/database-errors.ts';
import { operationTimeoutMs } from '../platform/mongo/timeouts.ts';
import { remainingMs } from '../platform/time/deadline.ts';
import { ackWaitMs } from './broker.ts';
import { withMessageDeadline } from './message-deadline.ts';

const message = Buffer.from('{}');
const there = { throwIfAway: () => undefined };

test('When a message is handled, then its deadline ends one operation before the broker delivers it again', async () => {
  let leftMs = Number.POSITIVE_INFINITY;
  const { subject, handle } = withMessageDeadline(
    { availability: there },
    {
      subject: 'payment:created',
      async handle() {
        leftMs = remainingMs();
        return { outcome: 'paid' };
      },
    },
  );
  expect(subject).toBe('payment:created');
  expect(await handle(message)).toEqual({ outcome: 'paid' });
  expect(leftMs).toBeLessThan(ackWaitMs - operationTimeoutMs);
});

test('When the database is known to be away, then a message is not handled, and that is an outage', async () => {
  let tries = 0;
  const away = {
    throwIfAway: () => {
      throw new DatabaseAway();
    },
  };
  const { handle } = withMessageDeadline(
    { availability: away },
    {
      subject: 'payment:created',
      async handle() {
        tries++;
        return { outcome: 'paid' };
      },
    },
  );
  const failure: unknown = await handle(message).catch((error: unknown) => error);
  expect(isOutage(failure)).toBe(true);
  expect(tries).toBe(0);
});
