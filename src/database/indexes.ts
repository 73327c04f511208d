import { isDeepStrictEqual } from 'node:util';
import type { Collection } from 'mongoose';

export interface WantedIndex {
  name: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  partialFilterExpression?: Record<string, unknown>;
}

/** A collection and all indexes that the service relies on. */
export interface IndexedCollection {
  collection: Collection;
  indexes: readonly WantedIndex[];
}

/** Indexes stand in the way of the wanted ones. Each problem names the collection, the index and the difference. */
class IndexConflict extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`the database has other indexes than this version needs:\n  ${problems.join('\n  ')}`);
    this.name = 'IndexConflict';
    this.problems = problems;
  }
}

/**
 * Creates the indexes that are missing. Further indexes of the operators' own are left alone.
 *
 * @throws IndexConflict when an existing index has the name or the key of a wanted one but differs from it;
 *   nothing is dropped or created then
 */
export async function ensureIndexes(collections: readonly IndexedCollection[]): Promise<void> {
  const problems = await Promise.all(collections.map(findConflicts));
  if (problems.flat().length > 0) throw new IndexConflict(problems.flat());
  for (const { collection, indexes } of collections) await collection.createIndexes([...indexes]);
}

async function findConflicts({ collection, indexes }: IndexedCollection): Promise<string[]> {
  const existing = (await existingIndexes(collection)).map(essence);
  return indexes.map(essence).flatMap((wanted) =>
    existing
      .filter((index) => index.name === wanted.name || isDeepStrictEqual(index.key, wanted.key))
      .filter((index) => !isDeepStrictEqual(index, wanted))
      .map(
        (index) =>
          `${collection.collectionName}: found ${JSON.stringify(index)}, needed ${JSON.stringify(wanted)}: drop it with db.${collection.collectionName}.dropIndex(${JSON.stringify(index.name)}) and start again`,
      ),
  );
}

async function existingIndexes(collection: Collection): Promise<WantedIndex[]> {
  try {
    return (await collection.listIndexes().toArray()) as WantedIndex[];
  } catch (error) {
    // NamespaceNotFound: a collection that does not exist yet has no indexes.
    if ((error as { code?: unknown }).code === 26) return [];
    throw error;
  }
}

/** What decides how an index behaves, without what servers add (a format version, background building). */
function essence({ name, key, unique, sparse, partialFilterExpression }: WantedIndex) {
  return {
    name,
    // The order of the fields counts, and deep equality of objects would not see it.
    key: JSON.stringify(key),
    unique: unique ?? false,
    sparse: sparse ?? false,
    partialFilterExpression: partialFilterExpression ?? {},
  };
}
