import mongoose from 'mongoose';
import { bulkOutcomes } from './bulk-writes.ts';
import { isOutage } from './database-errors.ts';

const { MongoBulkWriteError, MongoNetworkError } = mongoose.mongo;
type WriteError = InstanceType<typeof mongoose.mongo.WriteError>;
type Cause = ConstructorParameters<typeof MongoBulkWriteError>[0];
type BulkResult = ConstructorParameters<typeof MongoBulkWriteError>[1];

const refusals = [
  { index: 1, code: 11000, errmsg: 'duplicate' },
  { index: 2, code: 11602, errmsg: 'interrupted' },
] as WriteError[];

/** As the driver makes it of a failure of a bulk. */
function bulkFailure(cause: Cause, acknowledged = true) {
  const getWriteConcernError = () => (acknowledged ? undefined : { code: 64 });
  return new MongoBulkWriteError(cause, { getWriteConcernError } as unknown as BulkResult);
}

const failed = (acknowledged = true) =>
  bulkFailure({ message: 'failed', code: 11000, writeErrors: refusals }, acknowledged);

test('When some documents failed, then each has its own outcome', async () => {
  const [first, second, third] = await bulkOutcomes(Promise.reject(failed()), 3);
  expect([first, second]).toEqual(['written', 'refused']);
  expect(isOutage(third)).toBe(true);
});

test.each([
  ['the connection was lost', bulkFailure(new MongoNetworkError('closed'))],
  ['no majority has acknowledged it', failed(false)],
  ['it was no bulk at all', new TypeError('x is not a function')],
])('When %s, then the outcome of all is unknown', async (_, error) => {
  await expect(bulkOutcomes(Promise.reject(error), 3)).rejects.toThrow(error);
});
