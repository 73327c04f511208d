import type { Connection } from 'mongoose';
import mongoose from 'mongoose';
import pino from 'pino';
import { testConfig } from '../../../tests/support/running-service.ts';
import { prepareDatabase } from './prepare-database.ts';

const { mongoUri } = testConfig();
const log = pino({ level: 'silent' });
const away = () => new mongoose.mongo.MongoNetworkError('connection closed');

afterEach(() => jest.restoreAllMocks());

/** A collection whose index builds have the outcomes in `tries`, one after the other. */
function collectionThat(...tries: (() => void)[]) {
  const builds: string[] = [];
  const of = (database: Connection) => {
    const collection = database.collection('built');
    jest.spyOn(collection, 'createIndexes').mockImplementation(async () => {
      builds.push('begun');
      tries[builds.length - 1]?.();
      return [];
    });
    return { model: { collection }, indexes: [{ name: 'by_x', key: { x: 1 as const } }] };
  };
  return { of, builds };
}

/** Advances the clock by which waits are measured. */
function letPass(milliseconds: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + milliseconds);
}

test('When the database goes away after long building, then the start waits for it again', async () => {
  const { of, builds } = collectionThat(() => {
    letPass(600_000);
    throw away();
  });
  await prepareDatabase(mongoUri, [of], { deadlineMs: 5_000, log });
  expect(builds).toHaveLength(2);
});

test('When the database goes away again and again, then the start ends when its wait is used up', async () => {
  const { of, builds } = collectionThat(
    ...Array.from({ length: 50 }, () => () => {
      throw away();
    }),
  );
  await expect(prepareDatabase(mongoUri, [of], { deadlineMs: 2_500, log })).rejects.toThrow(
    'connection closed',
  );
  expect(builds.length).toBeGreaterThan(1);
  expect(builds.length).toBeLessThan(6);
});

test('When the start is aborted in the pause, then it ends', async () => {
  const giveUp = new AbortController();
  const { of, builds } = collectionThat(() => {
    giveUp.abort();
    throw away();
  });
  const options = { deadlineMs: 5_000, log, signal: giveUp.signal };
  await expect(prepareDatabase(mongoUri, [of], options)).rejects.toThrow('connection closed');
  expect(builds).toHaveLength(1);
});
