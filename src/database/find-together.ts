import mongoose from 'mongoose';
import { gather } from './gather.ts';

type ObjectId = mongoose.Types.ObjectId;

/**
 * A look-up of single documents by an id, of which those of the same moment share one query. `find` has each id once
 * and resolves with what there is, in any order; `idOf` tells by which id a document was found.
 */
export function findTogether<Found>(
  find: (ids: ObjectId[]) => Promise<Found[]>,
  idOf: (found: Found) => ObjectId,
): (id: string) => Promise<Found | undefined> {
  return gather(async (ids: string[]) => {
    const found = await find(Array.from(new Set(ids), (id) => new mongoose.Types.ObjectId(id)));
    const byId = new Map(found.map((one) => [idOf(one).toHexString(), one]));
    return ids.map((id) => byId.get(id));
  });
}
