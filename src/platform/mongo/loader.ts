import mongoose from 'mongoose';
import { createBatcher } from './batcher.ts';

type ObjectId = mongoose.Types.ObjectId;

export interface LoaderOptions<Found> {
  /** Called with each id once. Resolves with the documents that exist, in any order. */
  find: (ids: ObjectId[]) => Promise<Found[]>;
  /** The id by which a document was found. */
  idOf: (found: Found) => ObjectId;
}

/**
 * Loads many single documents by their ids in one query. Resolves with a document or undefined for each id, in their
 * order. Without ids there is no query.
 */
export function createManyLoader<Found>({
  find,
  idOf,
}: LoaderOptions<Found>): (ids: (string | undefined)[]) => Promise<(Found | undefined)[]> {
  return async (ids) => {
    const wanted = new Set(ids.filter((id) => id !== undefined));
    if (wanted.size === 0) return ids.map(() => undefined);
    const found = await find(Array.from(wanted, (id) => new mongoose.Types.ObjectId(id)));
    const byId = new Map<string | undefined, Found>(found.map((one) => [idOf(one).toHexString(), one]));
    return ids.map((id) => byId.get(id));
  };
}

/** Loads one document by its id. Calls at the same moment share a query. */
export function createLoader<Found>(
  options: LoaderOptions<Found>,
): (id: string) => Promise<Found | undefined> {
  return createBatcher({ runBatch: createManyLoader(options) });
}

/**
 * The batch size of a query that finds at most `documents`, so that all come with the first response. By default the
 * server sends 101 and waits for a request for the rest: a second round trip, which the driver never retries. One more
 * than needed, because otherwise the server keeps the cursor open.
 */
export function inOneBatch(documents: number): number {
  return documents + 1;
}
