import type { Connection } from 'mongoose';
import { sleep } from '../time/repeat.ts';
import { type ConnectOptions, connectDatabase } from './connect.ts';
import { isOutage } from './database-errors.ts';
import { ensureIndexes, type IndexedCollection, nameOf } from './indexes.ts';
import { refuseMisplacedData } from './misplaced-data.ts';

/** The pause after an outage. */
const pauseMs = 500;

/**
 * Creates the indexes of the collections, and tries again after an outage. If the first collection does not exist, the
 * database counts as new. Building an index can take long, so it uses a separate connection without time-outs, and only the
 * waiting for the database counts for the deadline.
 *
 * @throws when the outages together are longer than the deadline; when the data are in another database
 *   (misplaced-data.ts); or when an existing index conflicts
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
