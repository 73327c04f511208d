import type { Connection } from 'mongoose';
import { type ConnectOptions, connectDatabase } from './connect.ts';
import { isOutage } from './failures.ts';
import { ensureIndexes, type IndexedCollection, nameOf } from './indexes.ts';
import { refuseMisplacedData } from './misplaced-data.ts';

/**
 * Makes the indexes of the collections, the first of which shows whether the database is a new one, and begins anew when the database goes away meanwhile. Building one can take
 * long, so this has a connection of its own, without the bounds of the others.
 *
 * @throws when the database does not answer before the deadline, the data are in another one (misplaced-data.ts), or
 *   an index stands in the way
 */
export async function prepareDatabase(
  uri: string,
  collections: readonly ((connection: Connection) => IndexedCollection)[],
  options: Omit<ConnectOptions, 'operations'>,
): Promise<void> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    const deadlineMs = deadline - performance.now();
    const database = await connectDatabase(uri, { ...options, deadlineMs, operations: 'unbounded' });
    try {
      const indexed = collections.map((collection) => collection(database));
      for (const { model } of indexed.slice(0, 1)) await refuseMisplacedData(database, nameOf(model));
      return await ensureIndexes(indexed);
    } catch (error) {
      if (!isOutage(error) || options.signal?.aborted || performance.now() > deadline) throw error;
      options.log.warn(
        { reason: (error as Error).message },
        'the database went away during the start, trying again',
      );
    } finally {
      await database.close();
    }
  }
}
