import type { Connection } from 'mongoose';
import { sleep } from '../time/repeat.ts';
import { type ConnectOptions, connectDatabase } from './connect.ts';
import { isOutage } from './database-errors.ts';
import { ensureIndexes, type IndexedCollection, nameOf } from './indexes.ts';
import { refuseMisplacedData } from './misplaced-data.ts';

/** Between a database that went away and the next try. */
const pauseMs = 500;

/**
 * Makes the indexes of the collections, the first of which shows whether the database is a new one, and begins anew when
 * the database goes away meanwhile. Building one can take long, so this has a connection of its own, without the bounds
 * of the others, and the deadline is for the waiting alone: what is built counts for nothing.
 *
 * @throws when the database is not there for longer than the deadline, all its absences together, the data are in another
 *   one (misplaced-data.ts), or an index stands in the way
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
