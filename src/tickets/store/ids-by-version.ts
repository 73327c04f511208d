import mongoose from 'mongoose';

/**
 * Groups tickets by version, so that one write is enough for a group. Most gaps are short and most tickets are young, so
 * there are far fewer versions than tickets.
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
