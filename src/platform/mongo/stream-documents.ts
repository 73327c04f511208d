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

/** The documents that a query finds, in pages: each is read in a round trip, and the last one may have fewer documents. */
export async function* streamPages<Found>(
  query: Query<Found[], unknown>,
  pageSize: number,
): AsyncGenerator<Found[]> {
  let page: Found[] = [];
  for await (const found of streamDocuments(query, pageSize)) {
    page.push(found);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
