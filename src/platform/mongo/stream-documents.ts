import type { Query } from 'mongoose';

/**
 * The documents that a query finds, one at a time, `batchSize` in a round trip. A loop that stops before the end closes
 * the server's cursor: with Mongoose's own cursors (9.12) it would not, since they have no `return`.
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
