import * as pool from 'mongodb/lib/cmap/errors.js';
import * as driver from 'mongodb/lib/error.js';
import mongoose from 'mongoose';
import { DeadlineExceeded } from '../time/deadline.ts';
import { DatabaseAway } from './availability.ts';
import { TooManyWaiting } from './batcher.ts';
import { isOutage } from './database-errors.ts';

const { MongoBulkWriteError, MongoNetworkError, MongoServerError } = mongoose.mongo;
type BulkResult = ConstructorParameters<typeof MongoBulkWriteError>[1];

/** As Node's `Socket.writeAfterFIN` makes it; the driver passes it on unchanged. */
function writtenAfterTheEnd(): Error {
  return Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
}

test('When the database closes a connection that is about to be written to, then it is an outage', () => {
  expect(isOutage(writtenAfterTheEnd())).toBe(true);
});

test.each(['EPIPE', 'ECONNRESET', 'ETIMEDOUT'])(
  'When a socket fails with %s, and the driver hands that on as it is, then it is an outage',
  (code) => {
    expect(isOutage(Object.assign(new Error('socket'), { code }))).toBe(true);
  },
);

test.each(['RetryableError', 'SystemOverloadedError', 'RetryableWriteError', 'PoolRequestedRetry'])(
  'When an error bears the label %s, whatever its code, then it is an outage',
  (label) => {
    expect(isOutage(new MongoServerError({ code: 999_999, errorLabels: [label] }))).toBe(true);
    expect(isOutage(new MongoServerError({ code: 999_999, errorLabels: ['NoWritesPerformed'] }))).toBe(false);
  },
);

test.each([
  6, 7, 43, 50, 63, 64, 89, 91, 100, 133, 134, 150, 189, 202, 211, 234, 262, 365, 9001, 10107, 11600, 11601,
  11602, 13388, 13435, 13436,
])('When the server answers with code %d, then it is an outage', (code) => {
  expect(isOutage(new MongoServerError({ code }))).toBe(true);
});

/** None of them can be made without a server; the class decides its name. */
test.each([
  ['MongoNotConnectedError', mongoose.mongo.MongoNotConnectedError],
  ['MongoServerClosedError', mongoose.mongo.MongoServerClosedError],
  ['MongoTopologyClosedError', mongoose.mongo.MongoTopologyClosedError],
  ['MongoClientClosedError', mongoose.mongo.MongoClientClosedError],
  ['MongoOperationTimeoutError', mongoose.mongo.MongoOperationTimeoutError],
  ['MongoStalePrimaryError', mongoose.mongo.MongoStalePrimaryError],
  ['MongoWaitQueueTimeoutError', pool.WaitQueueTimeoutError],
  ['MongoPoolClosedError', pool.PoolClosedError],
  ['MongoNetworkTimeoutError', mongoose.mongo.MongoNetworkTimeoutError],
  ['MongoPoolClearedError', pool.PoolClearedError],
  ['MongoServerSelectionError', mongoose.mongo.MongoServerSelectionError],
])('When the driver says %s, then it is an outage', (name, type) => {
  const error: unknown = Object.create(type.prototype as object, {
    errorLabelSet: { value: new Set() },
  });
  expect(error).toMatchObject({ name });
  expect(isOutage(error)).toBe(true);
});

test('When the driver itself would try again after an error, or go on with its cursor, then it is an outage', () => {
  const codes = Object.values(driver.MONGODB_ERROR_CODES);
  const retried = codes.filter((code) => driver.isRetryableReadError(new MongoServerError({ code })));
  const resumed = [...driver.GET_MORE_RESUMABLE_CODES];
  expect(retried.length).toBeGreaterThan(10);
  for (const code of [...retried, ...resumed])
    expect([code, isOutage(new MongoServerError({ code }))]).toEqual([code, true]);
});

test.each([new DeadlineExceeded(), new TooManyWaiting(), new DatabaseAway()])(
  'When it was refused here with %s, then it is an outage',
  (error) => {
    expect(isOutage(error)).toBe(true);
  },
);

test.each([
  ['a network error of the driver', new mongoose.mongo.MongoNetworkError('closed'), true],
  ['a primary that stepped down', new mongoose.mongo.MongoServerError({ code: 189 }), true],
  ['a connection lost during a bulk', bulkFailure(new MongoNetworkError('closed')), true],
  ['a bulk that met a closed socket', bulkFailure(writtenAfterTheEnd()), true],
  ['a bulk that met a primary that stepped down', bulkFailure(new MongoServerError({ code: 189 })), true],
  ['a bulk whose deadline passed before it was sent', bulkFailure(new DeadlineExceeded()), true],
  ['a bulk that was not allowed', bulkFailure(new MongoServerError({ code: 13 })), false],
  ['a duplicate key', new mongoose.mongo.MongoServerError({ code: 11000 }), false],
  ['an aborted upload', Object.assign(new Error('request aborted'), { code: 'ECONNABORTED' }), false],
  ['a mistake in the code', new TypeError('x is not a function'), false],
  ['nothing at all', undefined, false],
])('When the failure is %s, then it is recognised', (_, failure, expected) => {
  expect(isOutage(failure)).toBe(expected);
});

/** As the driver makes it of a failure of a bulk. */
function bulkFailure(cause: ConstructorParameters<typeof MongoBulkWriteError>[0]) {
  return new MongoBulkWriteError(cause, {} as BulkResult);
}
