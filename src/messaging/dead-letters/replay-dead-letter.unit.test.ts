import mongoose from 'mongoose';
import { type ReplayDeps, replayDeadLetter } from './replay-dead-letter.ts';

/** A letter whose subject has no listener, in a store that cannot store the reason. */
function storeThat(fails: Error): ReplayDeps['deadLetters'] {
  const letter = { subject: 'x', sequence: 1, timestamp: '1', reason: 'r', keptAt: new Date() };
  return {
    find: (id) => Promise.resolve({ ...letter, id, data: Buffer.alloc(0) }),
    keepAgain: () => Promise.reject(fails),
    discard: () => Promise.resolve(true),
  };
}

test('When a letter fails with an unexpected error, then that is its outcome', async () => {
  const deadLetters = storeThat(new Error('refused by a validator'));
  expect(await replayDeadLetter({ deadLetters, listeners: [] }, 'a')).toEqual({
    kind: 'failed',
    reason: expect.stringContaining('refused by a validator') as string,
  });
});

test('When the database is away, then that is no letter’s outcome', async () => {
  const deadLetters = storeThat(new mongoose.mongo.MongoNetworkError('away'));
  await expect(replayDeadLetter({ deadLetters, listeners: [] }, 'a')).rejects.toThrow('away');
});
