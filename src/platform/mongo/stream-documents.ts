import type { Query } from 'mongoose';

/**
 * What a query finds, one document at a time, `batchSize` in a round trip. Whoever stops before the end closes the
 * server's cursor, too: Mongoose's own cursors (9.12) do not, they have no `return` that a left loop could call.
 */
export async function* streamDocuments<Found>(
  query: Query<Found[], unknown>,
  batchSize?: number,
): AsyncGenerator<Found> {
  const cursor = query.cursor(batchSize === undefined ? {} : { batchSize });
  try {
    for (let found = await cursor.next(); found !== null; found = await cursor.next()) yield found as Found;
  } finally {
    await cursor.close();
  }
}
