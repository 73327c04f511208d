import mongoose from 'mongoose';
import { gather } from './gather.ts';

type ObjectId = mongoose.Types.ObjectId;

/**
 * A look-up of many single documents by their ids in one query. `find` has each id once and resolves with what there
 * is, in any order; `idOf` tells by which id a document was found. Resolves with a document or nothing for each id, in
 * their order; where none is asked for, there is no query.
 */
export function findEach<Found>(
  find: (ids: ObjectId[]) => Promise<Found[]>,
  idOf: (found: Found) => ObjectId,
): (ids: (string | undefined)[]) => Promise<(Found | undefined)[]> {
  return async (ids) => {
    const wanted = new Set(ids.filter((id) => id !== undefined));
    if (wanted.size === 0) return ids.map(() => undefined);
    const found = await find(Array.from(wanted, (id) => new mongoose.Types.ObjectId(id)));
    const byId = new Map<string | undefined, Found>(found.map((one) => [idOf(one).toHexString(), one]));
    return ids.map((id) => byId.get(id));
  };
}

/** A look-up of one document, which shares its query with those of the same moment; `find` and `idOf` as for many. */
export function findTogether<Found>(
  find: (ids: ObjectId[]) => Promise<Found[]>,
  idOf: (found: Found) => ObjectId,
): (id: string) => Promise<Found | undefined> {
  return gather(findEach(find, idOf));
}
