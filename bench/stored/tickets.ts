import mongoose, { type Connection, type mongo } from 'mongoose';

const { ObjectId } = mongoose.Types;
const atOnce = 1_000;

/** Stores copies of new tickets, alike for whoever is measured. Resolves with their ids. */
export async function storeTickets(database: Connection, count: number): Promise<mongoose.Types.ObjectId[]> {
  const ids = Array.from({ length: count }, () => new ObjectId());
  await storeAll(
    database,
    'tickets',
    ids.map((_id) => ({ _id, title: 'A ticket', price: 20, version: 0 })),
  );
  return ids;
}

/** Stores documents, many in a round trip. */
export async function storeAll<Document extends mongo.Document>(
  database: Connection,
  collection: string,
  documents: readonly Document[],
): Promise<void> {
  for (let first = 0; first < documents.length; first += atOnce) {
    const some = documents.slice(first, first + atOnce);
    await database.collection(collection).insertMany([...some], { ordered: false });
  }
}
