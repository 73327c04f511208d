import { isDeepStrictEqual } from 'node:util';
import type { Collection } from 'mongoose';

export interface WantedIndex {
  name: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  partialFilterExpression?: Record<string, unknown>;
}

/** A model, of whose collection the indexes are. */
export interface IndexedModel {
  collection: Collection;
}

/** A collection and all indexes that the service relies on. */
export interface IndexedCollection {
  model: IndexedModel;
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

/** What must not be done without an index that is not there. It is worth another try: somebody will build it. */
export class IndexMissing extends Error {
  constructor(name: string) {
    super(`the index ${name} is missing`);
    this.name = 'IndexMissing';
  }
}

/**
 * Creates the indexes that are missing. One that does the same under another name is fine: operators build the new one
 * under a new name before they drop the old one. Further indexes of their own are left alone.
 *
 * @throws IndexConflict when an existing index has the name or the key of a wanted one but differs from it, and none does
 *   the same; nothing is dropped or created then
 */
export async function ensureIndexes(collections: readonly IndexedCollection[]): Promise<void> {
  const problems = await Promise.all(collections.map(findConflicts));
  if (problems.flat().length > 0) throw new IndexConflict(problems.flat());
  for (const { model, indexes } of collections) {
    const existing = await existingIndexes(model);
    const missing = indexes.filter((wanted) => !existing.some((index) => doesTheSame(index, wanted)));
    // The driver's collection, here alone: Mongoose's `createIndexes` knows all indexes of a schema or none, and gives
    // each a command of its own, where MongoDB reads the documents once for all of one command.
    if (missing.length > 0) await model.collection.createIndexes(missing);
  }
}

/** Whether some index does what the wanted one does, whatever its name. */
export async function hasIndex(model: IndexedModel, wanted: WantedIndex): Promise<boolean> {
  return (await existingIndexes(model)).some((index) => doesTheSame(index, wanted));
}

/** The name of a model's collection. */
export function nameOf({ collection }: IndexedModel): string {
  return collection.collectionName;
}

async function findConflicts({ model, indexes }: IndexedCollection): Promise<string[]> {
  const found = await existingIndexes(model);
  const name = nameOf(model);
  const missing = indexes.filter((wanted) => !found.some((index) => doesTheSame(index, wanted)));
  const existing = found.map(essence);
  return missing
    .map(essence)
    .flatMap((wanted) =>
      existing
        .filter((index) => index.name === wanted.name || isDeepStrictEqual(index.key, wanted.key))
        .map(
          (index) =>
            `${name}: found ${JSON.stringify(index)}, needed ${JSON.stringify(wanted)}: drop it with db.${name}.dropIndex(${JSON.stringify(index.name)}) and start again`,
        ),
    );
}

async function existingIndexes({ collection }: IndexedModel): Promise<WantedIndex[]> {
  try {
    return (await collection.listIndexes().toArray()) as WantedIndex[];
  } catch (error) {
    // NamespaceNotFound: a collection that does not exist yet has no indexes.
    if ((error as { code?: unknown }).code === 26) return [];
    throw error;
  }
}

function doesTheSame(one: WantedIndex, other: WantedIndex): boolean {
  return isDeepStrictEqual({ ...essence(one), name: '' }, { ...essence(other), name: '' });
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
