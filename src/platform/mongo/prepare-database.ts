import type { Connection } from 'mongoose';
import { sleep } from '../time/repeat.ts';
import { type ConnectOptions, connectDatabase } from './connect.ts';
import { isOutage } from './database-errors.ts';
import { ensureIndexes, type IndexedCollection, nameOf } from './indexes.ts';
import { refuseMisplacedData } from './misplaced-data.ts';

/** The pause after an outage. */
const pauseMs = 500;

/**
 * Creates the indexes of the collections, the first of which shows whether the database is a new one, and starts again
 * when the database goes away. An index can take long to build, so this has a connection of its own, without the
 * time-outs of the others, and only the waiting for the database counts for the deadline.
 *
 * @throws when the database is away for longer than the deadline, all its absences together; when the data are in another
 *   one (misplaced-data.ts); or when an index conflicts with a wanted one
 */
export async function prepareDatabase(
  uri: string,
  collections: readonly ((connection: Connection) => IndexedCollection)[],
  options: Omit<ConnectOptions, 'operations'>,
): Promise<void> {
  for (let leftMs = options.deadlineMs; ; ) {
    const began = performance.now();
    const database = await connectDatabase(uri, { ...options, deadlineMs: leftMs, operations: 'unbounded' });
    leftMs -= performance.now() - began + pauseMs;
    try {
      const indexed = collections.map((collection) => collection(database));
      for (const { model } of indexed.slice(0, 1)) await refuseMisplacedData(database, nameOf(model));
      return await ensureIndexes(indexed);
    } catch (error) {
      if (!isOutage(error) || leftMs < 0) throw error;
      options.log.warn(
        { reason: (error as Error).message },
        'the database went away during the start, trying again',
      );
      await sleep(pauseMs, options.signal);
      if (options.signal?.aborted) throw error;
    } finally {
      await database.close();
    }
  }
}
