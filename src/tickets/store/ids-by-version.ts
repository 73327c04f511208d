import mongoose from 'mongoose';

/**
 * The tickets that share a version, so that one write does for all of them. Most gaps are short and most tickets young, so
 * versions are far fewer than tickets.
 */
export function idsByVersion(versions: Iterable<[ticketId: string, version: number]>) {
  const ids = new Map<number, mongoose.Types.ObjectId[]>();
  for (const [ticketId, version] of versions) {
    const same = ids.get(version) ?? [];
    ids.set(version, same);
    same.push(new mongoose.Types.ObjectId(ticketId));
  }
  return Array.from(ids, ([version, ticketIds]) => ({ version, ticketIds }));
}
