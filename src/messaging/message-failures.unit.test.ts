import { ackWaitMs, type Delivery } from './broker.ts';
import { createMessageFailures } from './message-failures.ts';

const start = Date.parse('2030-01-01T00:00:00Z');
let now: number;
beforeEach(() => {
  now = start;
});

const newFailures = () => createMessageFailures({ clock: () => new Date(now) });

function delivery(sequence: number, attempt = 1): Delivery {
  return { subject: 'payment:created', sequence, timestamp: '1', attempt, data: Buffer.alloc(0) };
}

test('When a message fails for the fifth time for a reason of its own, then that is enough, whatever the broker has counted', () => {
  const failures = newFailures();
  const counts = [1, 2, 3, 4, 5, 6].map(() => failures.failed(delivery(1, 1)));
  expect(counts).toEqual([undefined, undefined, undefined, undefined, 5, 6]);
});

test('When messages differ in subject, sequence or timestamp, then their failures are counted separately', () => {
  const failures = newFailures();
  for (let failure = 1; failure <= 4; failure++) failures.failed(delivery(1));
  expect(failures.failed(delivery(2))).toBeUndefined();
  expect(failures.failed({ ...delivery(1), timestamp: '2' })).toBeUndefined();
  expect(failures.failed({ ...delivery(1), subject: 'ticket:created' })).toBeUndefined();
  expect(failures.failed(delivery(1))).toBe(5);
});

test('When other processes have tried a message, then the broker’s count decides, if this process has run all the time', () => {
  const failures = newFailures();
  now = start + 5 * ackWaitMs - 1;
  expect(failures.failed(delivery(1, 5))).toBeUndefined();
  now = start + 5 * ackWaitMs;
  expect(failures.failed(delivery(2, 4))).toBeUndefined();
  expect(failures.failed(delivery(3, 6))).toBeUndefined();
  expect(failures.failed(delivery(4, 5))).toBe(5);
  // It has failed here before, when the broker's count was not used: only the failures in this process count now.
  expect(failures.failed(delivery(1, 6))).toBeUndefined();
});

test('When an outage was seen within that many acknowledgement time-outs, then the broker’s count does not matter', () => {
  const failures = newFailures();
  now += 100 * ackWaitMs;
  failures.onOutage();
  now += 20 * ackWaitMs - 1;
  expect(failures.failed(delivery(1, 20))).toBeUndefined();
  now += 1;
  expect(failures.failed(delivery(2, 20))).toBe(20);
});

test('When 10,000 others have failed since, then a message is counted from 0', () => {
  const failures = newFailures();
  const fourTimes = (sequence: number) => {
    for (let failure = 1; failure <= 4; failure++) failures.failed(delivery(sequence));
  };
  fourTimes(1);
  fourTimes(2);
  for (let other = 3; other <= 10_001; other++) failures.failed(delivery(other));
  // The first one is forgotten; the second is the oldest that is remembered.
  expect(failures.failed(delivery(2))).toBe(5);
  expect(failures.failed(delivery(1))).toBeUndefined();
});

test('When a message was acknowledged, then it is counted from 0', () => {
  const failures = newFailures();
  for (let failure = 1; failure <= 4; failure++) failures.failed(delivery(1));
  failures.handled(delivery(1));
  expect(failures.failed(delivery(1))).toBeUndefined();
});
