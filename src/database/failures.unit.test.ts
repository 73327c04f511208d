import mongoose from 'mongoose';
import { isOutage } from './failures.ts';

/** As Node's `Socket.writeAfterFIN` makes it; the driver hands it on unchanged. */
function writtenAfterTheEnd(): Error {
  return Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
}

test('When the database closes a connection that is about to be written to, then it is an outage', () => {
  expect(isOutage(writtenAfterTheEnd())).toBe(true);
});

test.each([
  ['a network error of the driver', new mongoose.mongo.MongoNetworkError('closed'), true],
  ['a primary that stepped down', new mongoose.mongo.MongoServerError({ code: 189 }), true],
  ['a duplicate key', new mongoose.mongo.MongoServerError({ code: 11000 }), false],
  ['an aborted upload', Object.assign(new Error('request aborted'), { code: 'ECONNABORTED' }), false],
  ['a mistake in the code', new TypeError('x is not a function'), false],
  ['nothing at all', undefined, false],
])('When the failure is %s, then it is recognised', (_, failure, expected) => {
  expect(isOutage(failure)).toBe(expected);
});
