import mongoose from 'mongoose';
import { createBatcher } from './batcher.ts';

type ObjectId = mongoose.Types.ObjectId;

export interface LoaderOptions<Found> {
  /** Has each id once, and resolves with what there is, in any order. */
  find: (ids: ObjectId[]) => Promise<Found[]>;
  /** By which id a document was found. */
  idOf: (found: Found) => ObjectId;
}

/**
 * Loads many single documents by their ids in one query. Resolves with a document or nothing for each id, in their order;
 * where none is asked for, there is no query.
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

/** Loads one document by its id, in one query with those that are asked for in the same moment. */
export function createLoader<Found>(
  options: LoaderOptions<Found>,
): (id: string) => Promise<Found | undefined> {
  return createBatcher({ runBatch: createManyLoader(options) });
}

/**
 * The batch size of a query that finds at most `documents`, so that they all come with the first answer. The server
 * would send 101 and wait to be asked for the rest, which is a second round trip, and one that the driver never
 * repeats. One more than are wanted, since it otherwise keeps a cursor open that it has not seen the end of.
 */
export function inOneBatch(documents: number): number {
  return documents + 1;
}
